"""Laplace noise certifies balls of the L1 norm (arXiv 2002.08118).

    one-sided   R = −λ ln(2(1 − p̲))              if p̲ > ½
    two-class   R = (G(p̲) − G(p̄))/2              if p̲ > p̄

with G(p) = −λ ln(2(1 − p)) for p ≥ ½ and λ ln(2p) below: the quantile function of the law, see
`theorems.growth`. For p̲ ≥ ½ ≥ p̄ the two-class radius is −(λ/2) ln(4(1 − p̲)p̄). Both are tight:
half lines attain them. They are never below what the ratio of densities gives, which is
max{(λ/2) ln(p̲/p̄), −λ ln(1 − p̲ + p̄)}.
"""

import math
from fractions import Fraction

from certiball.laws.laplace import Laplace
from certiball.statistics.rounding import down, up
from certiball.theorems.bounds import Bounds
from certiball.theorems.growth import Growth, distance, scaled
from certiball.theorems.theorem import Theorem

ROUNDING = 2.0**-51  # of a logarithm


def radius(
    law: Laplace, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified L1 radius, rounded down; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: of inputs; the radius is the same in all.

    Example:
        >>> round(radius(Laplace(scale=0.5), Bounds(p_lower=0.99)), 6)
        1.956012
    """
    return scaled(law.scale, distance(GROWTH, bounds, slack))


def _quantile(a: float) -> float:
    """−ln(2a); 2a is exact, so nothing is lost near 1."""
    return -math.log(2 * a)


GROWTH = Growth(
    lower=lambda a: down(_quantile(a), relative=ROUNDING),
    upper=lambda a: up(_quantile(a), relative=ROUNDING),
    fastest=0.5,
)
THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.08118, by the differential method",
    one_sided="R = −λ ln(2(1 − p̲)) if p̲ > 1/2",
    two_class="R = (G(p̲) − G(p̄))/2 if p̲ > p̄, G(p) = −λ ln(2(1 − p)) = −G(1 − p) for p ≥ 1/2",
)
