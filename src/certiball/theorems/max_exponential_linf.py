"""Noise of density ∝ exp(−‖x‖∞/λ) certifies balls of the L∞ norm (arXiv 2002.08118).

    one-sided   R = −λ ln(2(1 − p̲))              if p̲ > ½
    two-class   R = (G(p̲) − G(p̄))/2              if p̲ > p̄

with G(p) = −λ ln(2(1 − p)) for p ≥ ½ and λ ln(2p) below, as for Laplace noise in L1: by the
triangle inequality densities differ by a factor exp(‖δ‖∞/λ) at most, so probabilities p ≤ ½ and
1 − p grow at a rate of at most p/λ. One-sided it is tight in every dimension: the event that the
largest and the least coordinate have a sum of at least 2s grows at that rate along the diagonal.

The dimension does not enter, but λ does: the standard deviation of one coordinate is about λd/√3,
so at equal noise the radius falls with 1/d, faster than the 1/√d of Gaussian noise.
"""

from fractions import Fraction

from certiball.laws.max_exponential import MaxExponential
from certiball.theorems.bounds import Bounds
from certiball.theorems.growth import distance, scaled
from certiball.theorems.laplace_l1 import GROWTH
from certiball.theorems.theorem import Theorem


def radius(
    law: MaxExponential, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified L∞ radius, rounded down; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: of inputs; the radius is the same in all.

    Example:
        >>> round(radius(MaxExponential(scale=1.0), Bounds(p_lower=0.99)), 6)
        3.912023
    """
    return scaled(law.scale, distance(GROWTH, bounds, slack))


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.08118, by the differential method",
    one_sided="R = −λ ln(2(1 − p̲)) if p̲ > 1/2",
    two_class="R = (G(p̲) − G(p̄))/2 if p̲ > p̄, G(p) = −λ ln(2(1 − p)) = −G(1 − p) for p ≥ 1/2",
)
