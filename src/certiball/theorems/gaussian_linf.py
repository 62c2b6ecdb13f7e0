"""Gaussian noise certifies balls of the L∞ norm through those of L2 (arXiv 1902.02918, Theorem 1).

    one-sided   R = σ Φ⁻¹(p̲)/√d                      if p̲ > ½
    two-class   R = (σ/2) (Φ⁻¹(p̲) − Φ⁻¹(p̄))/√d       if p̲ > p̄

A ball of the L∞ norm lies inside of the L2 ball of √d times its radius, and its corners touch it.
There the L2 radius is tight already, so no larger L∞ ball follows. No independent noise does much
better in high dimension (arXiv 2002.03239, 2002.03517).
"""

from fractions import Fraction

from certiball.balls import Ball, Norm, radius_in
from certiball.laws.gaussian import Gaussian
from certiball.theorems import gaussian_l2
from certiball.theorems.bounds import Bounds
from certiball.theorems.theorem import Theorem


def radius(
    law: Gaussian, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified L∞ radius, rounded down; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: d, numbers per input.

    Example:
        >>> round(radius(Gaussian(sigma=0.5), Bounds(p_lower=0.99), dimension=3072), 6)
        0.020986
    """
    found = gaussian_l2.radius(law, bounds, slack, dimension)
    return radius_in(Ball(norm=Norm.L2, radius=found), Norm.LINF, dimension) if found else 0.0


THEOREM = Theorem(
    radius=radius,
    source="arXiv:1902.02918, Theorem 1, for ‖δ‖₂ ≤ √d ‖δ‖∞",
    one_sided="R = σ Φ⁻¹(p̲)/√d if p̲ > 1/2",
    two_class="R = (σ/2) (Φ⁻¹(p̲) − Φ⁻¹(p̄))/√d if p̲ > p̄",
)
