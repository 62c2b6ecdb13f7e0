"""How far symmetric noise must be moved before one probability can have become another.

Moving an input along a straight path of unit speed in a norm, the probability of an event changes
at a rate of at most Φ(p), the largest over all events of probability p and all directions: this is
the differential method of arXiv 2002.08118. For symmetric laws Φ(1 − p) = Φ(p). With

    G(p) = ∫_½^p dq/Φ(q),     G(1 − p) = −G(p)

a probability p is at least G⁻¹(G(p) − r) and at most G⁻¹(G(p) + r) at distance r, and so

    one-sided   R = G(p̲)                 if p̲ > ½
    two-class   R = (G(p̲) − G(p̄))/2      if p̲ > p̄

Where the noise is independent and the norm L1, some coordinate's axis is the worst direction, and
the worst events are known from its density f. If f is log-concave they are half lines, Φ(p) is the
density at the p-quantile, and G is the quantile function itself: then no larger ball follows.

A sampled law that is off by τ is paid for at the input, where p̲ and p̄ are worth p̲ − τ and p̄ + τ,
and at the perturbed one: one-sided ½ + τ is needed there, which takes G(½ + τ) from R. Two-class
the winner has to lead by 2τ. At a distance c before the two meet, G differs by 2c, and p by 2c
times the least Φ between p̄ and p̲, at least. Φ is concave (a mixture of worst events is a fuzzy
event) and 0 at 0, so that is no less than 2aΦ(½), a the least distance of p̄ and p̲ from 0 and 1.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from certiball.statistics.rounding import down, fraction_down, fraction_up
from certiball.theorems.bounds import Bounds

HALF = Fraction(1, 2)
LEAST = Fraction(sys.float_info.min)  # that an error is taken to be, or 0 would give ∞
ROUNDING = 2.0**-51  # of a few float64 operations


@dataclass(frozen=True, kw_only=True)
class Growth:
    """Bounds on G of a law of scale 1.

    Args:
        lower: at most G(1 − a), for floats 0 < a ≤ ½.
        upper: at least G(1 − a).
        fastest: at most Φ(½).
    """

    lower: Callable[[float], float]
    upper: Callable[[float], float]
    fastest: float


def distance(growth: Growth, bounds: Bounds, slack: Fraction) -> float:
    """R for scale 1, rounded down; 0 where nothing is proven.

    Args:
        growth: of the law's probabilities in the norm.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
    """
    top = Fraction(bounds.p_lower)
    if bounds.p_upper is None:
        return _between(growth, top - slack, HALF + slack)
    first = top - slack
    other = min(Fraction(bounds.p_upper), 1 - top) + slack  # p_B ≤ 1 − p_A
    found = _between(growth, first, other) / 2
    if not found > 0 or not slack:
        return found
    least = 2 * min(first, 1 - first, other, 1 - other) * Fraction(growth.fastest)
    return max(0.0, down(found - fraction_up(slack / least), relative=ROUNDING))


def _between(growth: Growth, high: Fraction, low: Fraction) -> float:
    """G(high) − G(low), rounded down, or 0 where that is not above 0."""
    if not high > low:
        return 0.0
    return max(0.0, down(_lower(growth, high) - _upper(growth, low), relative=ROUNDING))


def _lower(growth: Growth, p: Fraction) -> float:
    """At most G(p)."""
    if p >= HALF:
        return growth.lower(fraction_up(max(LEAST, 1 - p)))
    return -growth.upper(fraction_down(p)) if p > LEAST else -math.inf


def _upper(growth: Growth, p: Fraction) -> float:
    """At least G(p) = −G(1 − p)."""
    return -_lower(growth, 1 - p)


def scaled(scale: float, unit: float) -> float:
    """A radius for a scale from that for scale 1, rounded down."""
    return max(0.0, down(scale * unit, relative=ROUNDING)) if unit > 0 else 0.0
