"""Brightness noise: x + b is certified for |b| < σ Φ⁻¹(p̲).

Brightness by b and noise B make brightness by b + B (arXiv 2002.12398, Corollary on additive
parameters): in the one number that is drawn this is Gaussian smoothing of one dimension, and its
radius is that of theorems/gaussian_l2.py, slack and two classes included.
"""

from fractions import Fraction

from certiball.laws.brightness import Brightness
from certiball.laws.gaussian import Gaussian
from certiball.theorems import gaussian_l2
from certiball.theorems.bounds import Bounds
from certiball.theorems.theorem import Theorem


def radius(
    law: Brightness, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified |b|, in the images' units, rounded down; 0 where nothing is proven.

    Example:
        >>> round(radius(Brightness(sigma=0.2), Bounds(p_lower=0.99)), 6)
        0.46527
    """
    return gaussian_l2.radius(Gaussian(sigma=law.sigma), bounds, slack, 1)


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.12398, with arXiv:1902.02918, Theorem 1, in one dimension",
    one_sided="R = σ Φ⁻¹(p̲) if p̲ > 1/2",
    two_class="R = (σ/2) (Φ⁻¹(p̲) − Φ⁻¹(p̄)) if p̲ > p̄",
)
