"""Checks of the theorems in L0 on inputs so small that everything can be enumerated.

Each takes the theorem's function and raises AssertionError where it claims too much; the mutants
call them with broken ones.
"""

import math
from fractions import Fraction
from functools import cache
from itertools import combinations, product
from math import comb, prod

import numpy as np

from certiball.laws.ablation import Ablation
from certiball.laws.discrete import Discrete
from certiball.statistics.rounding import fraction_down, fraction_up
from certiball.theorems.bounds import Bounds


def losses_are_those_of_all_choices(loss):
    for d in range(1, 9):
        for k in range(1, d + 1):
            views = [set(view) for view in combinations(range(d), k)]
            for r in range(d + 1):
                met = sum(bool(view & set(range(r))) for view in views)
                assert loss(Ablation(keep=k, pixels=d), r) == Fraction(met, len(views))


def ablation_views(law, x):
    """What can be seen of an input: the kept places and their values."""
    return [tuple((i, x[i]) for i in kept) for kept in combinations(range(law.pixels), law.keep)]


def every_ablation_classifier(radius):
    """Three pixels of two values, one kept: all 64 classifiers at all 8 inputs."""
    law = Ablation(keep=1, pixels=3)
    inputs = list(product((0, 1), repeat=3))
    seen = sorted({view for x in inputs for view in ablation_views(law, x)})
    assert len(seen) == 6
    for answers in product((0, 1), repeat=6):
        _judge_ablation(law, inputs, dict(zip(seen, answers, strict=True)), radius)


def random_ablation_classifiers(radius, classifiers=100):
    """More pixels and classes; votes lean to one class, or nothing would be certified."""
    generator = np.random.default_rng(7)
    certified = 0
    for number in range(classifiers):
        d = (4, 5, 6)[number % 3]
        law = Ablation(keep=1 + number % 2, pixels=d)
        inputs = list(product((0, 1), repeat=d))
        seen = sorted({view for x in inputs for view in ablation_views(law, x)})
        share = generator.uniform(0.3, 0.95)
        answers = generator.choice(3, len(seen), p=[share, 0.8 * (1 - share), 0.2 * (1 - share)])
        table = dict(zip(seen, answers.tolist(), strict=True))
        certified += _judge_ablation(law, inputs, table, radius)
    assert certified > 400


def _judge_ablation(law, inputs, table, radius):
    """Certificates from exact probabilities against every input; returns how many there are."""
    votes = {
        x: np.bincount([table[v] for v in ablation_views(law, x)], minlength=3) for x in inputs
    }
    total, found = comb(law.pixels, law.keep), 0
    for x, counts in votes.items():
        for two_class in (False, True):
            winner, bounds = exact_bounds([Fraction(int(c), total) for c in counts], two_class)
            r = radius(law, bounds, Fraction(0), law.pixels)
            found += r > 0
            if r > 0:
                for other, others in votes.items():
                    if sum(a != b for a, b in zip(x, other, strict=True)) <= r:
                        assert leads(others, winner), (x, other, r)
    return found


def exact_bounds(probabilities, two_class):
    """The most likely class, and bounds that are its probability and the next one's."""
    winner = max(range(len(probabilities)), key=lambda c: probabilities[c])
    rest = max(p for c, p in enumerate(probabilities) if c != winner)
    return winner, Bounds(
        p_lower=fraction_down(probabilities[winner]),
        p_upper=fraction_up(rest) if two_class else None,
    )


def leads(counts, winner):
    """Whether a class has more than every other, ties excluded."""
    return all(counts[winner] > count for c, count in enumerate(counts) if c != winner)


def ablation_boundary(radius):
    """A class at ½ + Δ_1 exactly, which one pixel brings down to one half."""
    law = Ablation(keep=2, pixels=8)  # 28 views, 7 of them with the first pixel
    assert radius(law, Bounds(p_lower=0.75), Fraction(0), 8) == 0
    assert radius(law, Bounds(p_lower=0.625, p_upper=0.125), Fraction(0), 8) == 0
    assert radius(law, Bounds(p_lower=0.7500001), Fraction(0), 8) == 1


def ablation_slack(radius):
    """Both ends pay it: where the input is certified, and where the changed one is answered."""
    law = Ablation(keep=2, pixels=8)  # Δ_1 is a quarter
    for slack in (Fraction(1, 2**20), Fraction(1, 2**40)):
        for p, q in ((0.75, None), (0.625, 0.125)):
            least = float(Fraction(p) + (2 if q is None else 4) * slack)
            assert radius(law, Bounds(p_lower=least, p_upper=q), slack, 8) == 0
            above = math.nextafter(least, 1)
            assert radius(law, Bounds(p_lower=above, p_upper=q), slack, 8) == 1


def outcomes(law, changed, dimension):
    """Exact chances of all outcomes from x = 0 … 0 and from x′, with some levels changed to 1."""
    kept = Fraction(law.keep)
    other = (1 - kept) / (law.levels - 1)
    x, x_other = dimension * (0,), changed * (1,) + (dimension - changed) * (0,)

    def chance(seen, clean):
        return prod(kept if a == b else other for a, b in zip(seen, clean, strict=True))

    return [
        (chance(seen, x), chance(seen, x_other))
        for seen in product(range(law.levels), repeat=dimension)
    ]


def worst_case(law, changed, dimension, share):
    """Neyman and Pearson over all outcomes: how likely a class can be from x with a share at x′."""
    here = there = Fraction(0)
    for p, q in sorted(outcomes(law, changed, dimension), key=lambda each: each[1] / each[0]):
        if there + q >= share:
            return here + p * (share - there) / q
        here, there = here + p, there + q
    return Fraction(1)


def every_discrete_classifier(radius):
    """Two levels, three coordinates: each of the 256 sets of outcomes as the class."""
    for keep in (0.625, 0.75, 0.9):
        law = Discrete(keep=keep, levels=2)
        certified = 0
        chances = {r: outcomes(law, r, 3) for r in (0, 1, 2, 3)}
        for members in product((False, True), repeat=8):
            p = sum(p for (p, _), member in zip(chances[0], members, strict=True) if member)
            r = radius(law, Bounds(p_lower=fraction_down(Fraction(p))), Fraction(0), 3)
            certified += r > 0
            for changed in range(1, int(r) + 1):
                q = sum(q for (_, q), m in zip(chances[changed], members, strict=True) if m)
                assert q > Fraction(1, 2), (law, members, changed)
        assert certified > 8


def every_discrete_classifier_of_three_classes(radius):
    """Two levels, three coordinates, every table of answers, all changes of the input."""
    law = Discrete(keep=0.75, levels=2)
    weights = {
        x: np.array([3 ** sum(a == b for a, b in zip(x, seen, strict=True)) for seen in cube])
        for cube in [list(product((0, 1), repeat=3))]
        for x in cube
    }

    @cache
    def judged(counts):
        winner, bounds = exact_bounds([Fraction(c, 64) for c in counts], two_class=True)
        return winner, radius(law, bounds, Fraction(0), 3)

    certified = 0
    for answers in product(range(3), repeat=8):
        votes = {x: np.bincount(answers, w, minlength=3) for x, w in weights.items()}
        winner, r = judged(tuple(int(c) for c in votes[0, 0, 0]))
        certified += r > 0
        for x, others in votes.items():
            assert sum(x) > r or r == 0 or leads(others, winner), (answers, x, r)
    assert certified > 100


def discrete_boundary(radius):
    """A class at Q_1(½) = ¾ exactly, which one level brings down to one half."""
    law = Discrete(keep=0.5, levels=3)
    assert worst_case(law, 1, 1, Fraction(1, 2)) == Fraction(3, 4)
    assert radius(law, Bounds(p_lower=0.75), Fraction(0), 1) == 0
    assert radius(law, Bounds(p_lower=0.75, p_upper=0.25), Fraction(0), 1) == 0
    assert radius(law, Bounds(p_lower=0.7500001), Fraction(0), 1) == 1


def discrete_slack(radius):
    """Both ends pay it, and to keep a share more costs what enumeration says."""
    law, slack = Discrete(keep=0.5, levels=3), Fraction(1, 1000)
    least = fraction_up(worst_case(law, 1, 1, Fraction(1, 2) + slack) + slack)
    assert radius(law, Bounds(p_lower=least), slack, 9) == 0
    assert radius(law, Bounds(p_lower=math.nextafter(least, 1)), slack, 9) == 1
    for thousandths in range(400, 801):
        p = thousandths / 1000
        left = 1 - worst_case(law, 1, 1, 1 - Fraction(p) + slack)
        gained = worst_case(law, 1, 1, Fraction(0.2) + slack)
        certified = radius(law, Bounds(p_lower=p, p_upper=0.2), slack, 1) == 1
        assert certified is (left - gained > 2 * slack)
