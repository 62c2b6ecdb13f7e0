"""Pareto noise certifies balls of the L1 norm (arXiv 2002.08118).

    one-sided   R = (λu/a)·₂F₁(1, b; 1 + b; u^(1/b)),  u = 2p̲ − 1,  b = a/(a + 1),   if p̲ > ½
    two-class   R = (G(p̲) − G(p̄))/2                                                  if p̲ > p̄

with G the one-sided radius and G(1 − p) = −G(p), see `theorems.growth`: the probability p grows
fastest in an event 0 < x < t, at the rate Φ(p) = (a/2λ)(1 − (1 − 2p)^(1/b)) for p ≤ ½. It is
rigorous and not tight, for after a step other events grow fastest (at p̲ = .95 and a = 3 the true
probability at the radius is still .7).

With z = u^(1/b) and L = −ln z, G is (λu/a) Σ z^n/(1 + n/b), and where z is near 1, by the expansion
of Lerch's function there, B_n the Bernoulli polynomials and ψ the digamma function,

    G = λ/(a + 1) · (−γ − ψ(b) − ln L − Σ_{n ≥ 1} B_n(b) (−L)^n/(n·n!)).
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np
from scipy import special

from certiball.laws.pareto import Pareto
from certiball.statistics.rounding import down, up
from certiball.theorems.bounds import Bounds
from certiball.theorems.growth import Growth, distance, scaled
from certiball.theorems.theorem import Theorem

ERROR = 2.0**-46  # of the sums below, relatively; our tests find less than a quarter
TERMS = 24  # for L ≤ 1: |B_n/n!| < 4/(2π)^n


def radius(law: Pareto, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1) -> float:
    """The certified L1 radius, rounded down; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: of inputs; the radius is the same in all.

    Example:
        >>> round(radius(Pareto(scale=1.0, tail=3.0), Bounds(p_lower=0.99)), 6)
        1.03241
    """
    return scaled(law.scale, distance(_growth(law.tail), bounds, slack))


@lru_cache(maxsize=64)
def _growth(tail: float) -> Growth:
    series = _series(tail)
    return Growth(
        lower=lambda a: down(_radius(a, series), relative=ERROR),
        upper=lambda a: up(_radius(a, series), relative=ERROR),
        fastest=down(tail / 2),
    )


@dataclass(frozen=True, kw_only=True)
class _Series:
    """What the expansion near z = 1 needs: its constant, and B_n(b)/(n·n!) from the last on."""

    tail: float
    constant: float
    coefficients: list[float]


def _series(tail: float) -> _Series:
    b = Fraction(tail) / (Fraction(tail) + 1)
    numbers = _bernoulli(TERMS)
    coefficients = [
        float(
            sum(math.comb(n, k) * numbers[n - k] * b**k for k in range(n + 1))
            / (n * math.factorial(n))
        )
        for n in range(1, TERMS + 1)
    ]
    constant = -float(np.euler_gamma) - float(special.digamma(float(b)))
    return _Series(tail=tail, constant=constant, coefficients=coefficients[::-1])


def _radius(a: float, series: _Series) -> float:
    """G(1 − a) for scale 1."""
    tail = series.tail
    if a == 0.5:
        return 0.0
    log_u = math.log1p(-2 * a) if a < 0.25 else math.log(1 - 2 * a)
    log_z = log_u * (1 + 1 / tail)
    if log_z >= -1:
        total = 0.0
        for coefficient in series.coefficients:
            total = (total + coefficient) * log_z
        return (series.constant - math.log(-log_z) - total) / (tail + 1)
    z, power, total, n = math.exp(log_z), 1.0, 0.0, 0
    while power > 2.0**-60:
        total += power / (1 + n * (1 + 1 / tail))
        power *= z
        n += 1
    return (1 - 2 * a) * total / tail


def _bernoulli(last: int) -> list[Fraction]:
    """The numbers B_0 … B_last, with B_1 = −½."""
    numbers = [Fraction(1)]
    for n in range(1, last + 1):
        numbers.append(-sum(math.comb(n + 1, k) * numbers[k] for k in range(n)) / Fraction(n + 1))
    return numbers


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.08118, by the differential method",
    one_sided="R = (λu/a) ₂F₁(1, b; 1 + b; u^(1/b)) if p̲ > 1/2, u = 2p̲ − 1, b = a/(a + 1)",
    two_class="R = (G(p̲) − G(p̄))/2 if p̲ > p̄, G(p) = −G(1 − p) the one-sided radius at p",
)
