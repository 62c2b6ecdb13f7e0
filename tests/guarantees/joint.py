"""Checks of laws whose coordinates depend on each other, and of splitting noise.

Each is a function that raises AssertionError where a guarantee is broken: the tests of this
folder call them on the code as it is, the mutants on broken code.
"""

from fractions import Fraction
from itertools import product

import numpy as np
from scipy import special

from certiball.laws import splitting
from certiball.laws.max_exponential import MaxExponential
from certiball.laws.spherical_exponential import SphericalExponential
from certiball.laws.splitting import Splitting
from certiball.laws.uniform_ball import UniformBall
from certiball.samplers.streams import Phase, Stream
from certiball.samplers.vectors import VectorSampler
from certiball.statistics import binomial
from certiball.statistics.rounding import fraction_down, fraction_up
from certiball.theorems import (
    max_exponential_l1,
    max_exponential_linf,
    spherical_exponential_l2,
    splitting_l1,
    uniform_ball_l2,
)
from certiball.theorems.bounds import Bounds
from guarantees.checks import ALPHA, at_most

ORDERS = {uniform_ball_l2: 2, spherical_exponential_l2: 2, max_exponential_linf: np.inf}
ORDERS |= {max_exponential_l1: 1}  # of the norm that a theorem is about
LAWS = {
    uniform_ball_l2: UniformBall(scale=0.5),
    spherical_exponential_l2: SphericalExponential(scale=0.5),
    max_exponential_linf: MaxExponential(scale=0.5),
    max_exponential_l1: MaxExponential(scale=0.5),
}
TIGHT = (uniform_ball_l2, max_exponential_linf)


def drawn(law, dimension, samples, chunk=0):
    """Noise [samples, d] of a law, as its sampler draws it."""
    stream = Stream(key=11, phase=Phase.ESTIMATION, input=dimension, chunk=chunk)
    sampler = VectorSampler(law=law, dimension=dimension)
    return sampler.noisy(np.zeros(dimension, np.float32), stream, samples).astype(np.float64)


def log_density(law, points):
    """Up to a constant; −∞ outside of a ball."""
    if isinstance(law, MaxExponential):
        return -np.abs(points).max(1) / law.scale
    lengths = np.linalg.norm(points, axis=1)
    if isinstance(law, SphericalExponential):
        return -lengths / law.scale
    return np.where(lengths <= law.scale * (1 + 1e-6), 0.0, -np.inf)


def direction(theorem, kind, dimension):
    """Of length 1 in the theorem's norm."""
    along = {
        "axis": np.eye(dimension)[0],
        "diagonal": np.ones(dimension),
        "any": np.random.default_rng(dimension).normal(size=dimension),
    }[kind]
    return along / np.linalg.norm(along, ord=ORDERS[theorem])


def worst_set(law, delta, mass, samples):
    """How likely a set of that probability at the input can be at the perturbed one, at most.

    By the lemma of Neyman and Pearson it is where the density there is largest beside that here,
    and a part of the set where both have the last such ratio.
    """
    dimension = len(delta)
    here, there = drawn(law, dimension, samples, 0), drawn(law, dimension, samples, 1) + delta
    with np.errstate(invalid="ignore"):
        ratios = [
            np.round(log_density(law, points - delta) - log_density(law, points), 4)
            for points in (here, there)
        ]
    threshold = np.quantile(ratios[0], 1 - mass, method="higher")
    beyond = [float((ratio > threshold).mean()) for ratio in ratios]
    equal = [float((ratio == threshold).mean()) for ratio in ratios]
    part = (mass - beyond[0]) / equal[0]
    return beyond[1] + part * equal[1]


def worst_sets(theorem, dimension, p, q, kind, samples=100_000):
    """At the radius no other class is likelier; where all is tight, one is as likely.

    Args:
        theorem: of the radius.
        dimension: numbers per input.
        p: probability of the class.
        q: of the likeliest other one, for the two-class rule, or None.
        kind: of direction.
        samples: of noise at either input.
    """
    law = LAWS[theorem]
    radius = theorem.radius(law, Bounds(p_lower=p, p_upper=q), dimension=dimension)
    assert radius > 0
    delta = radius * direction(theorem, kind, dimension)
    left = 1 - worst_set(law, delta, 1 - p, samples)
    other = 1 - left if q is None else worst_set(law, delta, q, samples)
    error = 10 / np.sqrt(samples)  # of four shares, more than six standard deviations
    assert left >= other - error
    # The ratio in the maximum norm is attained along the diagonal only.
    if theorem is uniform_ball_l2 or (theorem is max_exponential_linf and kind == "diagonal"):
        assert left <= other + error


def exact_classifier(theorem, dimension, distance):
    """A binary classifier whose smoothed answer at 0 is known to change at that distance.

    Returns:
        What answers class 0, and the probability of that class at 0.
    """
    law = LAWS[theorem]
    length = distance / law.scale
    if theorem is uniform_ball_l2:
        # Class 0 in the ball around 0 but for a small ball in its middle, which stays covered.
        half = special.betainc(0.5, (dimension + 1) / 2, (length / 2) ** 2)
        hole = law.scale * (0.5 - half) ** (1 / dimension)
        assert hole <= law.scale - distance
        return lambda y: _within(y, law.scale * (1 + 1e-6)) & ~_within(y, hole), 0.5 + half
    if theorem is max_exponential_linf:
        # The sum of the largest and the least coordinate: moved by 2t, its ratio is exp(t/λ).
        return lambda y: y.max(1) + y.min(1) < 2 * distance, 1 - np.exp(-length) / 2
    other = {  # half-spaces: the answer changes where the input crosses the plane
        spherical_exponential_l2: _tail_of_spherical,
        max_exponential_l1: _tail_of_cubes,
    }[theorem](length, dimension)
    return lambda y: y[:, 0] < distance, 1 - other


def _within(points, length):
    return np.linalg.norm(points, axis=1) <= length


def _tail_of_spherical(length, dimension):
    """P(x₁ > s): the mean over gamma lengths of the share of a sphere beyond a latitude."""
    shares = (np.arange(20_000) + 0.5) / 20_000
    heights = np.minimum(length / special.gammaincinv(dimension, shares), 1.0)
    half = (dimension - 1) / 2
    return float(special.betainc(half, half, (1 - heights) / 2).mean())


def _tail_of_cubes(length, dimension):
    """P(x₁ > s): half the mean of (1 − s/t)⁺ over half sides t of gamma law with shape d + 1."""
    inner = special.gammaincc(dimension + 1, length)
    return float(inner - length / dimension * special.gammaincc(dimension, length)) / 2


def known_robustness(theorem, dimension, distance):
    """The classifier's probability is as computed, at the input and where its answer changes."""
    law = LAWS[theorem]
    answers, p = exact_classifier(theorem, dimension, distance)
    noise = drawn(law, dimension, 100_000, 2)
    assert abs(answers(noise).mean() - p) < 0.008
    kind = "diagonal" if theorem is max_exponential_linf else "axis"
    delta = distance * direction(theorem, kind, dimension)
    assert abs(answers(noise + delta).mean() - 0.5) < 0.008


def coverage(theorem, dimension, distance, n=1000, inputs=20_000):
    """Certified radii beyond the distance at which the answer is known to change are few."""
    law = LAWS[theorem]
    p = exact_classifier(theorem, dimension, distance)[1]
    counts = np.random.default_rng([dimension, n]).binomial(n, p, inputs)
    false = {
        int(k): theorem.radius(
            law, Bounds(p_lower=binomial.lower_bound(int(k), n, ALPHA)), dimension=dimension
        )
        > distance
        for k in np.unique(counts)
    }
    at_most(sum(false[int(k)] for k in counts), inputs, ALPHA)
    # and at the true probability the radius is at most the distance, all of it where tight
    at_truth = theorem.radius(law, Bounds(p_lower=p), dimension=dimension)
    assert at_truth <= distance * (1 + 1e-9)
    assert theorem not in TIGHT or at_truth >= distance * (1 - 1e-9)


def split_alike(period, top):
    """Two levels are seen differently at min(q, |x − x′|) of the q places, exactly."""
    places = np.arange(period)
    for x, other in product(range(top + 1), repeat=2):
        first, second = (_seen(level, places, period, top) for level in (x, other))
        assert int((first != second).sum()) == min(period, abs(x - other))


def _seen(level, places, period, top):
    return splitting.midpoints(np.full(len(places), level), places, period=period, top=top)


def _answers(table, levels, period, top, index):
    """Votes for each class of an input of one or two numbers, by all places."""
    places = np.arange(period)
    seen = [np.array([index[int(v)] for v in _seen(x, places, period, top)]) for x in levels]
    labels = table[seen[0]] if len(seen) == 1 else table[np.ix_(seen[0], seen[1])]
    return np.bincount(labels.reshape(-1), minlength=3)


def split_never_overclaims(period, top, dimension, tables):
    """Exact probabilities, by enumeration: no answer changes inside of a ball that they give.

    Args:
        period: q.
        top: the greatest level; the grid's step is 1/top.
        dimension: 1 or 2 numbers per input.
        tables: how many random classifiers of three classes to try, functions of what is seen.

    Returns:
        How many balls there were, and how many of them hold all the levels that they could.
    """
    law = Splitting(scale=Fraction(period, 2 * top))
    inputs = list(product(range(top + 1), repeat=dimension))
    places = np.arange(period)
    visible = sorted({int(v) for x in range(top + 1) for v in _seen(x, places, period, top)})
    index = {value: place for place, value in enumerate(visible)}
    generator = np.random.default_rng([period, top, dimension])
    balls = sharp = 0
    for _ in range(tables):
        weights = generator.dirichlet([0.4, 0.4, 0.4])
        table = generator.choice(3, size=(len(visible),) * dimension, p=weights)
        votes = {x: _answers(table, x, period, top, index) for x in inputs}
        for x in inputs:
            label = int(votes[x].argmax())
            rest = max(int(v) for c, v in enumerate(votes[x]) if c != label)
            low, high = (Fraction(int(v), period**dimension) for v in (votes[x][label], rest))
            for upper in (None, fraction_up(high)):
                bounds = Bounds(p_lower=fraction_down(low), p_upper=upper)
                radius = Fraction(splitting_l1.radius(law, bounds)) * top  # in steps
                changing = [
                    sum(abs(a - b) for a, b in zip(x, other, strict=True))
                    for other in inputs
                    if any(votes[other][c] >= votes[other][label] for c in range(3) if c != label)
                ]
                nearest = min(changing, default=dimension * top + 1)
                assert radius <= nearest
                balls += radius > 0
                sharp += radius > 0 and nearest - radius < 1
    return balls, sharp


def split_coverage(kept, n=1000, inputs=20_000):
    """The boundary of a classifier on 8-bit images of one number, λ = ½, known exactly.

    It answers class 0 where it sees that the input lies below the one threshold and that this is
    below a certain place: of 255 places `kept` at level 0, one less at every further level.
    """
    law = Splitting(scale=Fraction(1, 2))
    flips = kept - 127  # the level at which only 127 of 255 places are left
    counts = np.random.default_rng([kept, n]).binomial(n, kept / 255, inputs)
    false = {
        int(k): Fraction(
            splitting_l1.radius(law, Bounds(p_lower=binomial.lower_bound(int(k), n, ALPHA)))
        )
        > Fraction(flips, 255)
        for k in np.unique(counts)
    }
    at_most(sum(false[int(k)] for k in counts), inputs, ALPHA)
