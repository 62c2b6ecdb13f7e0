"""Translation noise: rolls by (dx, dy) are certified while √(dx² + dy²) < σ Φ⁻¹(p̲).

A roll by whole pixels and then by noise is a roll by their sum, and rounding commutes with whole
numbers: round(δ + ε) = δ + round(ε). So this is Gaussian smoothing in two dimensions of a function
of rounded numbers (arXiv 2002.12398, whose reflected borders do not add up; rolls do).
"""

from fractions import Fraction

from certiball.laws.gaussian import Gaussian
from certiball.laws.translation import Translation
from certiball.theorems import gaussian_l2
from certiball.theorems.bounds import Bounds
from certiball.theorems.theorem import Theorem


def radius(
    law: Translation, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified length of a roll, in pixels, rounded down; 0 where nothing is proven.

    Example:
        >>> round(radius(Translation(sigma=3.0), Bounds(p_lower=0.99)), 4)
        6.979
    """
    return gaussian_l2.radius(Gaussian(sigma=law.sigma), bounds, slack, 2)


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.12398, with arXiv:1902.02918, Theorem 1, in two dimensions",
    one_sided="R = σ Φ⁻¹(p̲) if p̲ > 1/2",
    two_class="R = (σ/2) (Φ⁻¹(p̲) − Φ⁻¹(p̄)) if p̲ > p̄",
)
