"""Checks of laws that add the same noise to every number, for the tests and for the mutants.

What noise really does is taken from SciPy's distributions, or from a formula here, and never from
the code that is checked.
"""

from bisect import bisect_left
from fractions import Fraction
from math import ceil

import numpy as np
from scipy import stats

import certiball as cb
from certiball.balls import Norm
from certiball.laws.exponential_power import ExponentialPower
from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.laws.pareto import Pareto
from certiball.laws.uniform import Uniform
from certiball.statistics.binomial import class_lower_bound, others_upper_bound
from certiball.theorems import theorem
from certiball.theorems.bounds import Bounds
from guarantees.checks import at_most

ALPHA = 0.05
GRID = cb.Grid.uint8()
PAIRS = [
    (Gaussian(sigma=0.25), Norm.L1),
    (Gaussian(sigma=0.25), Norm.LINF),
    (Laplace(scale=0.2), Norm.L1),
    (Laplace(scale=0.2), Norm.LINF),
    (Uniform(scale=0.5), Norm.L1),
    (Uniform(scale=0.5), Norm.LINF),
    (Pareto(scale=0.3, tail=3.0), Norm.L1),
    (ExponentialPower(scale=0.3, power=1.5), Norm.L1),
    (ExponentialPower(scale=0.3, power=4.0), Norm.L1),
]


class TwoSidedPareto:
    """The law of density ∝ (1 + |x|/scale)^(−tail−1)."""

    def __init__(self, scale, tail):
        self.scale, self.tail = scale, tail

    def cdf(self, x):
        beyond = (1 + np.abs(x) / self.scale) ** -self.tail / 2
        return np.where(np.asarray(x) < 0, beyond, 1 - beyond)

    def ppf(self, p):
        p = np.asarray(p)
        with np.errstate(divide="ignore"):
            size = self.scale * ((2 * np.minimum(p, 1 - p)) ** (-1 / self.tail) - 1)
        return np.sign(p - 0.5) * size


def known(law):
    """The distribution of one number's noise."""
    if isinstance(law, Pareto):
        return TwoSidedPareto(law.scale, law.tail)
    return {
        Gaussian: lambda: stats.norm(scale=law.sigma),
        Laplace: lambda: stats.laplace(scale=law.scale),
        Uniform: lambda: stats.uniform(-law.scale, 2 * law.scale),
        ExponentialPower: lambda: stats.gennorm(law.power, scale=law.scale),
    }[type(law)]()


def radius(law, norm, bounds, dimension):
    return theorem(law, norm).radius(law, bounds, Fraction(0), dimension)


def left_over(law, delta, p, cells):
    """The least probability that an event of probability p keeps when noise is moved by delta.

    By Neyman and Pearson the worst event has the points where the ratio of densities is least.
    Here it is made of cells of exactly known probabilities, and of a part of one of them.
    """
    noise = known(law)
    before = after = np.ones(1)
    for shift in delta:
        ends = noise.ppf(np.linspace(0, 1, cells + 1)[1:-1])
        ends = np.unique(np.concatenate([[-np.inf, np.inf], ends, ends + shift, [0.0, shift]]))
        before = np.multiply.outer(before, np.diff(noise.cdf(ends))).ravel()
        after = np.multiply.outer(after, np.diff(noise.cdf(ends - shift))).ravel()
    with np.errstate(divide="ignore", invalid="ignore"):
        order = np.argsort(np.nan_to_num(after / before, nan=np.inf))
    before, after = before[order], after[order]
    total = np.cumsum(before)
    last = min(int(np.searchsorted(total, p)), len(before) - 1)
    part = (p - (total[last] - before[last])) / before[last] if before[last] else 0.0
    return float(after[:last].sum() + part * after[last])


def directions(norm, dimension):
    """Perturbations of length 1 in a norm."""
    if dimension == 1:
        return [(1.0,)]
    if norm is Norm.L1:
        return [(1.0, 0.0), (0.5, 0.5), (0.8, 0.2)]
    return [(1.0, 1.0), (1.0, 0.5), (1.0, 0.0)]


def no_event_falls_below_half(law, norm, dimension, cells=None):
    """One-sided radii against the worst event in one and two dimensions."""
    cells = cells or {1: 4000, 2: 150}[dimension]
    for p in (0.505, 0.6, 0.8, 0.95):
        found = radius(law, norm, Bounds(p_lower=p), dimension)
        assert found > 0
        for direction in directions(norm, dimension):
            delta = [found * part for part in direction]
            assert left_over(law, delta, p, cells) >= 0.5 - 1e-9


def no_events_meet(law, norm, dimension, cells=None):
    """Two-class radii: the least that A keeps is no less than the most that B becomes."""
    cells = cells or {1: 4000, 2: 150}[dimension]
    for p, q in ((0.6, 0.2), (0.9, 0.03), (0.4, 0.1)):
        found = radius(law, norm, Bounds(p_lower=p, p_upper=q), dimension)
        for direction in directions(norm, dimension):
            delta = [found * part for part in direction]
            winner = left_over(law, delta, p, cells)
            assert winner >= 1 - left_over(law, delta, 1 - q, cells) - 1e-9


def coverage_of_a_half_line(law, norm, p, n=1000, inputs=20_000):
    """One number, classes below and above a point: the true radius is the quantile of p."""
    counts = np.random.default_rng([n, int(1000 * p)]).binomial(n, p, inputs)
    truly = float(known(law).ppf(p))
    false = 0
    for k, times in zip(*np.unique(counts, return_counts=True), strict=True):
        votes = cb.Votes(counts=(int(k), n - int(k)))
        bounds = Bounds(p_lower=class_lower_bound(votes, 0, ALPHA))
        false += int(times) * (radius(law, norm, bounds, 1) > truly)
    at_most(false, inputs, ALPHA)


def coverage_of_three_intervals(law, norm, p, q, n=1000, inputs=20_000):
    """One number, the likeliest class on the left, its rival on the right, a third in between."""
    counts = np.random.default_rng([n, int(1000 * p)]).multinomial(n, (p, q, 1 - p - q), inputs)
    first, second = counts[:, 0], counts[:, 1:].max(1)  # of the others only the likeliest matters
    quantile = known(law).ppf
    truly = float(quantile(p) - quantile(q)) / 2

    def is_false(mine, other):
        votes = cb.Votes(counts=(mine, other, n - mine - other))
        upper = others_upper_bound(votes, 0, ALPHA / 2)
        bounds = Bounds(p_lower=class_lower_bound(votes, 0, ALPHA / 2), p_upper=upper)
        return radius(law, norm, bounds, 1) > truly

    false = 0
    for mine in np.unique(first).tolist():
        rivals = np.sort(second[first == mine]).tolist()  # the radius falls as they rise
        false += bisect_left(rivals, True, key=lambda other, mine=mine: not is_false(mine, other))
    at_most(false, inputs, ALPHA)


def below(point):
    """Class 1 for numbers below a point, class 0 for the others."""
    return cb.FunctionClassifier(
        lambda x: (x.reshape(len(x), -1)[:, 0] < point).astype(int), num_classes=2, name="below"
    )


def coverage_in_the_reals(law, norm, p, inputs=60, n=1000):
    """The whole way through float noise, for inputs at 0 and a point of known probability."""
    point = float(known(law).ppf(p))
    g = cb.Smoothed(below(point), law, space=cb.Reals())
    certified(g, norm, np.zeros((inputs, 1), np.float32), point, n)


def coverage_on_the_grid(law, norm, p, inputs=60, n=1000):
    """The whole way through integer noise: the nearest wrong grid point is known exactly."""
    noise, step = known(law), float(GRID.step)
    levels = ceil(float(noise.ppf(p)) / step)
    point = (levels - 0.5) * step  # class 1 below, so for noise of up to levels − 1 steps
    away = next(m for m in range(1, 10**4) if noise.cdf(point - m * step) <= 0.5)
    g = cb.Smoothed(below(point), law, space=GRID)
    certified(g, norm, np.zeros((inputs, 1), np.uint8), away * step, n)


def certified(g, norm, inputs, truly, n):
    """Few certificates may reach beyond what is true, and some must be given."""
    plan = cb.FixedSamples(n0=20, n=n)
    results = cb.certify(g, inputs, plan=plan, alpha=ALPHA, norm=norm, seed=7)
    radii = [result.radius for result in results if isinstance(result, cb.Certificate)]
    assert len(radii) > 0.9 * len(inputs)
    at_most(sum(r > truly * (1 + 1e-12) for r in radii), len(inputs), ALPHA)
