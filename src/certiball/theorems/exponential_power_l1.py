"""Exponential power noise certifies balls of the L1 norm (arXiv 2002.08118).

    one-sided   R = G(p̲)                   if p̲ > ½
    two-class   R = (G(p̲) − G(p̄))/2        if p̲ > p̄

with G(p) = λ·F⁻¹(2p − 1)^(1/power) for p ≥ ½, F the distribution of the gamma law of shape 1/power,
and G(1 − p) = −G(p): the quantile function of the law, see `theorems.growth`. Half lines attain
both. Power 1 is the theorem of Laplace noise, and power 2 that of Gaussian noise.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from scipy import special

from certiball.laws.exponential_power import ExponentialPower
from certiball.statistics.rounding import down, up
from certiball.theorems.bounds import Bounds
from certiball.theorems.growth import Growth, distance, scaled
from certiball.theorems.theorem import Theorem

# What SciPy's incomplete gamma functions may be off by, relatively, and by taking the float nearest
# to 1/power for it. Our tests find less than a quarter.
FORWARD = 2.0**-43
STEP = 2.0**-52
Rounded: TypeAlias = Callable[[float, float], float]


def radius(
    law: ExponentialPower, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified L1 radius, rounded down; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: of inputs; the radius is the same in all.

    Example:
        >>> round(radius(ExponentialPower(scale=1.0, power=3.0), Bounds(p_lower=0.99)), 6)
        1.29932
    """
    return scaled(law.scale, distance(_growth(law.power), bounds, slack))


@lru_cache(maxsize=64)
def _growth(power: float) -> Growth:
    return Growth(
        lower=lambda a: _quantile(a, power, down),
        upper=lambda a: _quantile(a, power, up),
        fastest=down(1 / (2 * float(special.gamma(1 + 1 / power)))),  # the density at 0
    )


def _quantile(a: float, power: float, towards: Rounded) -> float:
    """G(1 − a), rounded towards the side that is asked for."""
    middle = 1 - 2 * a  # exact for a ≥ ¼, where it is used
    linear = middle * float(special.gamma(1 + 1 / power))  # G where the density is nearly flat
    if a > 0.25 and linear**power < 2.0**-50:
        return towards(linear, 2.0**-47)
    shape = 1 / power
    if a > 0.25:
        value = float(special.gammaincinv(shape, middle))
    else:
        value = float(special.gammainccinv(shape, 2 * a))
    step = STEP
    while not _beyond(shape, a, value, towards is down):
        value = towards(value, step)
        step *= 2
    return towards(value**shape, 2.0**-50)


def _beyond(shape: float, a: float, value: float, below: bool) -> bool:
    """Whether a float is certainly below, or certainly above, the quantile."""
    if a > 0.25:
        inside = float(special.gammainc(shape, value))
        wanted = 1 - 2 * a
        return inside * (1 + FORWARD) <= wanted if below else inside * (1 - FORWARD) >= wanted
    outside = float(special.gammaincc(shape, value))
    return outside * (1 - FORWARD) >= 2 * a if below else outside * (1 + FORWARD) <= 2 * a


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.08118, by the differential method",
    one_sided="R = λ F⁻¹(2p̲ − 1)^(1/power) if p̲ > 1/2, F the gamma law of shape 1/power",
    two_class="R = (G(p̲) − G(p̄))/2 if p̲ > p̄, G(p) = −G(1 − p) the one-sided radius at p",
)
