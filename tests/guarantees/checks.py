"""Checks of the guarantees, each a function that raises AssertionError where one is broken.

The tests of this folder call them on the code as it is; the mutants call them on broken code,
where each must fail somewhere.
"""

from fractions import Fraction
from functools import cache
from itertools import combinations
from math import comb

import numpy as np
from scipy import special, stats

import certiball as cb
from certiball.certification.judge import judge
from certiball.certification.question import Question
from certiball.claim import Claim, Draw
from certiball.execution import Block, Execution
from certiball.samplers.streams import Phase
from certiball.sampling import count_votes
from certiball.statistics import binomial
from certiball.theorems import gaussian_l2
from certiball.theorems.bounds import Bounds

DRAW = Draw(seed=0, chosen=True)
LAW = cb.Gaussian(sigma=0.25)
ALPHA = 0.05
GRID = cb.Grid.uint8()


def claim(rule=cb.Rule.ONE_SIDED, alpha=ALPHA, space=None):
    return Claim(law=LAW, norm=cb.Norm.L2, rule=rule, alpha=alpha, space=space or cb.Reals())


def judged(claim, selection, estimation):
    """The result for votes of numbers fixed beforehand, about inputs of one number."""
    return judge(Question(claim=claim, dimension=1), cb.FixedSamples(), DRAW, selection, estimation)


def at_most(failures, trials, alpha):
    """More failures than level α allows, but for one time in a million, are a broken promise."""
    allowed = int(stats.binom.ppf(1 - 1e-6, trials, alpha))
    assert failures <= allowed, f"{failures} of {trials} false certificates, allowed {allowed}"


def exact_radius(result, probabilities):
    """How far the certified label truly holds, in the worst case, for the rule's theorem."""
    p = probabilities[result.label]
    other = max(q for c, q in enumerate(probabilities) if c != result.label)
    if result.claim.rule is cb.Rule.ONE_SIDED:
        return LAW.sigma * special.ndtri(p)
    return LAW.sigma / 2 * (special.ndtri(p) - special.ndtri(other))


def simulated_coverage(probabilities, rule, n=1000, inputs=20_000):
    """Certificates from multinomial votes whose probabilities are known: few may be false."""
    generator = np.random.default_rng([n, *(int(1000 * p) for p in probabilities)])
    selected = generator.multinomial(100, probabilities, inputs)
    estimated = generator.multinomial(n, probabilities, inputs)

    @cache
    def is_false(label, first, second):
        """Of all counts, only the label's and the largest other one matter."""
        counts = [0] * len(probabilities)
        others = [c for c in range(len(counts)) if c != label]
        counts[label], counts[others[0]], counts[others[-1]] = first, second, n - first - second
        if len(others) == 1:
            counts[others[0]] = n - first
        selection = cb.Votes(counts=tuple(int(c == label) for c in range(len(counts))))
        result = judged(claim(rule), selection, cb.Votes(counts=tuple(counts)))
        truly = exact_radius(result, probabilities)
        return isinstance(result, cb.Certificate) and result.radius > max(truly, 0)

    labels = selected.argmax(1)
    first = estimated[np.arange(inputs), labels]
    estimated[np.arange(inputs), labels] = 0
    second = estimated.max(1) if rule is cb.Rule.TWO_CLASS else n - first
    false = sum(map(is_false, labels.tolist(), first.tolist(), second.tolist()))
    at_most(false, inputs, ALPHA)


def sampled_coverage(probability, inputs=2000, n=1000):
    """The same through real noise: one pixel, a threshold where p_A is known exactly."""
    level = threshold_with(probability)
    g = cb.Smoothed(below(level), LAW, space=GRID)
    x = {i: np.zeros((1, 1), int) for i in range(inputs)}
    blocks = [
        Block(input=i, phase=phase, first=0, samples=n)
        for i in x
        for phase in (Phase.SELECTION, Phase.ESTIMATION)
    ]
    counts = count_votes(g, x, blocks, 2024, Execution(batch=512, chunk=n))
    votes = [cb.Votes(counts=tuple(int(c) for c in table.sum(0))) for table in counts]
    p = float(probability_below(level))
    false = 0
    for selection, estimation in zip(votes[::2], votes[1::2], strict=True):
        result = judged(claim(space=GRID), selection, estimation)
        truly = max(exact_radius(result, (1 - p, p)), 0)
        false += isinstance(result, cb.Certificate) and result.radius > truly
    at_most(false, inputs, ALPHA)


def below(level):
    """Whether the first pixel lies below a level: class 1 where it does."""
    return cb.FunctionClassifier(
        lambda x: (np.rint(x.reshape(len(x), -1)[:, 0] * 255) < level).astype(int), num_classes=2
    )


def probability_below(level):
    """P(z < level), exactly, of the drawn law."""
    law = LAW.on_grid(GRID.step)
    return Fraction(int(law.thresholds[level + law.offset - 1]), 2**64)


def threshold_with(probability):
    """The level whose probability below is nearest to the one asked for."""
    law = LAW.on_grid(GRID.step)
    levels = range(1 - law.offset, len(law.thresholds) - law.offset)
    return min(levels, key=lambda level: abs(probability_below(level) - probability))


def exact_selection_error(n0=12, n=24):
    """Two classes at ½: the chance of any certificate, summed over all outcomes, is ≤ α."""
    total = Fraction(0)
    for a in range(n0 + 1):
        selection = cb.Votes(counts=(a, n0 - a))
        for b in range(n + 1):
            result = judged(claim(), selection, cb.Votes(counts=(b, n - b)))
            if isinstance(result, cb.Certificate):
                ways = int(stats.binom.pmf(a, n0, 0.5) * 2**n0 + 0.5)
                total += Fraction(
                    ways * int(stats.binom.pmf(b, n, 0.5) * 2**n + 0.5), 2 ** (n0 + n)
                )
    assert 0 < total <= Fraction(ALPHA)


def linear_model(seed, features=6):
    """A linear classifier on `features` pixels, and the exact distance of x to its boundary."""
    generator = np.random.default_rng(seed)
    weights = generator.normal(size=features)
    weights /= np.linalg.norm(weights)
    clean = generator.integers(90, 166, features)
    offset = -weights @ (clean / 255) + generator.choice([-1, 1]) * generator.uniform(0.05, 0.5)
    distance = abs(weights @ (clean / 255) + offset)

    def classify(x):
        return (x.reshape(len(x), -1).astype(np.float64) @ weights + offset > 0).astype(int)

    return cb.FunctionClassifier(classify, num_classes=2), clean, distance, weights, offset


def float_radius_is_at_most_the_distance(n=4000, models=40):
    """Linear classifiers in float mode, at α = 1e-6: never beyond the hyperplane."""
    for seed in range(models):
        classifier, clean, distance, *_ = linear_model(seed)
        g = cb.Smoothed(classifier, LAW, space=cb.Reals())
        plan = cb.FixedSamples(n0=50, n=n)
        [result] = cb.certify(g, clean[None] / 255, plan=plan, alpha=1e-6, seed=seed)
        assert isinstance(result, cb.Abstention) or result.radius <= distance


def lattice_radius_is_at_most_the_nearest_wrong_grid_point(n=4000, models=40):
    """Linear classifiers of two pixels on the grid, every grid point around looked at."""
    for seed in range(models):
        classifier, clean, _, weights, offset = linear_model(seed, features=2)
        g = cb.Smoothed(classifier, LAW, space=GRID)
        plan = cb.FixedSamples(n0=50, n=n)
        [result] = cb.certify(g, clean[None], plan=plan, alpha=1e-6, seed=seed)
        steps = np.stack(np.meshgrid(*[np.arange(-200, 201)] * 2), -1).reshape(-1, 2)
        wrong = ((clean + steps) / 255 @ weights + offset > 0) != (
            clean / 255 @ weights + offset > 0
        )
        nearest = np.linalg.norm(steps[wrong] / 255, axis=1).min()
        assert isinstance(result, cb.Abstention) or result.radius <= nearest


def radius_is_on_the_safe_side_of(exact_rows):
    """The theorem's radius against rows (σ, p̲, exact radius as a fraction)."""
    for sigma, p_lower, exact in exact_rows:
        found = gaussian_l2.radius(cb.Gaussian(sigma=sigma), Bounds(p_lower=p_lower))
        assert Fraction(found) <= exact


def enumerated_coverage(n=30, alpha=ALPHA):
    """P(bound > p) at the worst p below each bound, in rationals."""
    for k in range(1, n + 1):
        p = Fraction(binomial.lower_bound(k, n, alpha))
        tail = sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))
        assert tail <= Fraction(alpha)


def contradictions(points, results):
    """Pairs of certified points nearer than R₁ + R₂ with different classes: one of them is false.

    A point of the segment between them lies in both open balls, and would have both classes.
    """
    certified = [
        (point, result)
        for point, result in zip(points, results, strict=True)
        if isinstance(result, cb.Certificate)
    ]
    return [
        (p, q)
        for (p, first), (q, second) in combinations(certified, 2)
        if first.label != second.label
        and np.linalg.norm(np.subtract(p, q)) < first.radius + second.radius
    ]
