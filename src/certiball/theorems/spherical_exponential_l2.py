"""Noise of density ∝ exp(−‖x‖₂/λ) certifies balls of the L2 norm (arXiv 2002.08118).

    one-sided   R = h(p̲)                     if p̲ > ½
    two-class   R = (h(p̲) − h(p̄))/2          if p̲ > p̄

    h(p) = λ (d − 1) atanh(1 − 2 B⁻¹(1 − p)),   B of Beta((d−1)/2, (d−1)/2),   d ≥ 2

It is rigorous, and not tight. Move the noise along a unit vector u: the probability of a set S
grows at the rate E[T; S]/λ, T = cos of the angle between noise and u, a coordinate of the unit
sphere in d dimensions. Of all sets of probability p the one where T is largest grows fastest, at
a rate Φ(p) = c (1 − t²)^((d−1)/2)/(λ(d − 1)) where c (1 − t²)^((d−3)/2) is the density of T and t
is exceeded with probability p. So a set needs at least ∫ dp/Φ(p) = λ(d − 1) ∫ dt/(1 − t²) to grow
from 1 − p to ½. No set keeps up with that rate on its whole way, so the answer stays a little
further than the radius says. For d = 1 the law is Laplace's, and for that there is a theorem of
its own.
"""

import math
from fractions import Fraction

from certiball.errors import InputError
from certiball.laws.spherical_exponential import SphericalExponential
from certiball.statistics.rounding import down, up
from certiball.statistics.sphere import latitude_down, latitude_up
from certiball.theorems.bounds import Bounds
from certiball.theorems.theorem import Theorem

ROUNDING = 2.0**-50  # of the few float64 operations below, together
NEAREST = 1 - Fraction(1, 2**64)  # to 1 that a probability is taken to be, or 1 would give ∞


def radius(
    law: SphericalExponential, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 2
) -> float:
    """The certified L2 radius, rounded down; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the class probabilities; p_upper chooses the two-class rule.
        slack: 0, for the law is drawn in the reals alone.
        dimension: d ≥ 2, numbers per input.

    Raises:
        InputError: if the dimension is 1 or there is slack.

    Example:
        >>> law = SphericalExponential(scale=0.01)
        >>> round(radius(law, Bounds(p_lower=0.9), dimension=784), 4)
        0.3588
    """
    if dimension < 2:
        raise InputError(f"{law} needs inputs of two numbers or more: for one use Laplace")
    if slack:
        raise InputError(f"{law} is drawn in the reals alone, where there is no slack to pay")
    top = min(Fraction(bounds.p_lower), NEAREST)
    others = 1 - top  # p_B ≤ 1 − p_A: never looser than the one-sided rule at the same p_A
    if bounds.p_upper is not None:
        others = max(min(others, Fraction(bounds.p_upper)), 1 - NEAREST)
    if top <= others:
        return 0.0
    way = (_place_down(top, dimension) + _place_down(1 - others, dimension)) / 2  # h(p) = −h(1−p)
    return max(0.0, down(law.scale * (dimension - 1) * way, relative=ROUNDING))


def _place_down(p: Fraction, dimension: int) -> float:
    """A float not above h(p)/(λ(d − 1)): atanh of a coordinate is asinh of its tangent."""
    if p < Fraction(1, 2):
        return -up(math.asinh(latitude_up(dimension, 1 - 2 * p)), relative=ROUNDING)
    return max(0.0, down(math.asinh(latitude_down(dimension, 2 * p - 1)), relative=ROUNDING))


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.08118, by the differential method",
    one_sided="R = h(p̲) if p̲ > 1/2, h(p) = λ (d−1) atanh(1 − 2 B⁻¹(1−p)), "
    "B of Beta((d−1)/2, (d−1)/2)",
    two_class="R = (h(p̲) − h(p̄))/2 if p̲ > p̄",
)
