"""Gaussian noise certifies the same radius in the L1 norm as in L2 (arXiv 1902.02918, Theorem 1).

A ball of the L1 norm lies inside of the L2 ball of its radius, and touches it where an axis leaves
it. There the L2 radius is tight already, so no larger L1 ball follows.
"""

from fractions import Fraction

from certiball.laws.gaussian import Gaussian
from certiball.theorems import gaussian_l2
from certiball.theorems.bounds import Bounds
from certiball.theorems.theorem import Theorem


def radius(
    law: Gaussian, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified L1 radius, rounded down; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: of inputs; the radius is the same in all.

    Example:
        >>> round(radius(Gaussian(sigma=0.5), Bounds(p_lower=0.99)), 6)
        1.163174
    """
    return gaussian_l2.radius(law, bounds, slack, dimension)


THEOREM = Theorem(
    radius=radius,
    source="arXiv:1902.02918, Theorem 1, for ‖δ‖₂ ≤ ‖δ‖₁",
    one_sided=gaussian_l2.THEOREM.one_sided,
    two_class=gaussian_l2.THEOREM.two_class,
)
