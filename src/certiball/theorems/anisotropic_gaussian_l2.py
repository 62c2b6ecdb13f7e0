"""Gaussian noise of several deviations certifies an ellipsoid, and the L2 ball inside of it.

In the numbers yᵢ = xᵢ/σᵢ the noise is standard normal, so Theorem 1 of arXiv 1902.02918 speaks of
them: the answer stays for all δ with

    ‖(δ₁/σ₁, …, δ_d/σ_d)‖₂ < ρ,    ρ = Φ⁻¹(p̲), or (Φ⁻¹(p̲) − Φ⁻¹(p̄))/2 with two classes

(arXiv 2107.04570, Theorem 1 for this norm). The largest L2 ball inside has radius min σᵢ · ρ. The
slack of a grid is paid as for isotropic noise: it is a total variation, which no change of units
alters.
"""

from fractions import Fraction

from certiball.laws.anisotropic_gaussian import AnisotropicGaussian
from certiball.laws.gaussian import Gaussian
from certiball.theorems import gaussian_l2
from certiball.theorems.bounds import Bounds
from certiball.theorems.ellipsoid import Ellipsoid
from certiball.theorems.theorem import Theorem

UNIT = Gaussian(sigma=1.0)


def radius(
    law: AnisotropicGaussian, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The radius of the largest L2 ball inside of the certified ellipsoid, rounded down.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: of inputs; the radius is the same in all.

    Example:
        >>> law = AnisotropicGaussian(deviations=(0.5, 2.0))
        >>> round(radius(law, Bounds(p_lower=0.99)), 6)
        1.163174
    """
    return gaussian_l2.radius(Gaussian(sigma=min(law.deviations)), bounds, slack, dimension)


def ellipsoid(
    law: AnisotropicGaussian, bounds: Bounds, slack: Fraction, dimension: int
) -> Ellipsoid | None:
    """All that is certified; None where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, as for `radius`.
        dimension: numbers per input.

    Raises:
        InputError: if the law does not fit inputs of so many numbers.

    Example:
        >>> law = AnisotropicGaussian(deviations=(0.5, 2.0))
        >>> found = ellipsoid(law, Bounds(p_lower=0.99), Fraction(0), 2)
        >>> round(found.scale, 4), round(found.proxy_radius, 4)
        (2.3263, 2.3263)
    """
    scale = gaussian_l2.radius(UNIT, bounds, slack, dimension)
    if not scale > 0:
        return None
    return Ellipsoid(axes=law.of_numbers(dimension), scale=scale)


THEOREM = Theorem(
    radius=radius,
    source="arXiv:1902.02918, Theorem 1, in units of each deviation; arXiv:2107.04570, Theorem 1",
    one_sided="R = min(σᵢ) Φ⁻¹(p̲) if p̲ > 1/2",
    two_class="R = (min(σᵢ)/2) (Φ⁻¹(p̲) − Φ⁻¹(p̄)) if p̲ > p̄",
)
