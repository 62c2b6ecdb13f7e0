"""Noise of density ∝ exp(−‖x‖₂/λ) certifies balls of the L2 norm (arXiv 2002.08118).

    one-sided   R = G(p̲)                     if p̲ > ½
    two-class   R = (G(p̲) − G(p̄))/2          if p̲ > p̄

    G(p) = λ (d − 1) atanh(1 − 2 B⁻¹(1 − p)),   B of Beta((d−1)/2, (d−1)/2),   d ≥ 2

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
from functools import lru_cache

from scipy import special

from certiball.errors import InputError
from certiball.laws.spherical_exponential import SphericalExponential
from certiball.statistics.rounding import down, up
from certiball.statistics.sphere import latitude_down, latitude_up
from certiball.theorems.bounds import Bounds
from certiball.theorems.growth import Growth, distance, scaled
from certiball.theorems.theorem import Theorem

ROUNDING = 2.0**-50  # of the few float64 operations below, together
LEAST = 2.0**-64  # that an error is taken to be, so near a pole that floats would end


def radius(
    law: SphericalExponential, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 2
) -> float:
    """The certified L2 radius, rounded down; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: d ≥ 2, numbers per input.

    Raises:
        InputError: if the dimension is 1.

    Example:
        >>> law = SphericalExponential(scale=0.01)
        >>> round(radius(law, Bounds(p_lower=0.9), dimension=784), 4)
        0.3588
    """
    if dimension < 2:
        raise InputError(f"{law} needs inputs of two numbers or more: for one use Laplace")
    return scaled(law.scale, distance(_growth(dimension), bounds, slack))


@lru_cache(maxsize=16)
def _growth(dimension: int) -> Growth:
    """G of scale 1; the artanh of a coordinate of the sphere is the arsinh of its tangent."""
    along = float(dimension - 1)

    def lower(a: float) -> float:
        tangent = latitude_down(dimension, 1 - 2 * Fraction(max(a, LEAST)))
        return max(0.0, down(along * math.asinh(tangent), relative=ROUNDING))

    def upper(a: float) -> float:
        if a < LEAST:
            return math.inf
        tangent = latitude_up(dimension, 1 - 2 * Fraction(a))
        return up(along * math.asinh(tangent), relative=ROUNDING)

    # Φ(½) is the density of a coordinate at 0, divided by d − 1.
    fastest = down(1 / (along * float(special.beta(0.5, along / 2))), relative=2.0**-40)
    return Growth(lower=lower, upper=upper, fastest=fastest)


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.08118, by the differential method",
    one_sided="R = G(p̲) if p̲ > 1/2, G(p) = λ (d−1) atanh(1 − 2 B⁻¹(1−p)), "
    "B of Beta((d−1)/2, (d−1)/2)",
    two_class="R = (G(p̲) − G(p̄))/2 if p̲ > p̄",
)
