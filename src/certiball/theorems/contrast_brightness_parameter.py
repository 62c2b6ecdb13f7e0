"""Contrast and brightness noise eᴷ(x + B): the changes (k, b) of the image that are certified.

An image eᵏ(x + b) meets the noise as eᴷ⁺ᵏ(x + b + e⁻ᵏB): K has moved by k, B by b, and B is e⁻ᵏ
times as wide (arXiv 2002.12398). In two steps: a class that has p̲ keeps p′ when B changes its
width alone, p′ = 2 − 2Φ(eᵏ Φ⁻¹(1 − p̲/2)) for k ≥ 0, where it keeps least if it lies outside of an
interval around 0, and p′ = 2Φ(eᵏ Φ⁻¹((1 + p̲)/2)) − 1 for k < 0, where it keeps least inside of
one. Then K and B move by (k/s, eᵏb/σ) standard deviations, which leaves more than one half if that
vector is shorter than Φ⁻¹(p′):

    |b| < σ e⁻ᵏ √(Φ⁻¹(p′)² − (k/s)²).

The same change may be written eᵏx + c, with c = eᵏb. Here min(e⁻ᵏ, 1) stands for e⁻ᵏ, so that one
number holds for b and for c. (With e⁻ᵏ the bound on c would be false for k < 0.)
"""

import math
from fractions import Fraction

from scipy import special

from certiball.certificate import Certificate
from certiball.errors import InputError
from certiball.laws.contrast_brightness import ContrastBrightness
from certiball.laws.gaussian import Gaussian
from certiball.statistics.normal import quantile_up
from certiball.statistics.rounding import FUNCTION_ERROR, down, up
from certiball.theorems import gaussian_l2
from certiball.theorems.bounds import Bounds
from certiball.theorems.theorem import Theorem

ROUNDING = 2.0**-50  # of a few operations, each good to 2⁻⁵²


def radius(
    law: ContrastBrightness, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified |b| at unchanged contrast, rounded down; 0 where nothing is proven.

    Other contrasts: `brightness_at`.

    Example:
        >>> law = ContrastBrightness(contrast=0.5, brightness=0.2)
        >>> round(radius(law, Bounds(p_lower=0.99)), 6)
        0.46527
    """
    return gaussian_l2.radius(Gaussian(sigma=law.brightness), bounds, slack, 2)


def brightness_at(law: ContrastBrightness, p_lower: float, contrast: float) -> float:
    """The b below which every eᵏ(x + b), and every eᵏx + b, is certified, rounded down.

    Args:
        law: the noise.
        p_lower: lower bound on the class's probability under it.
        contrast: k, the natural logarithm of the factor.

    Returns:
        A bound on |b|, in the images' units; 0 where nothing is proven at this contrast, not
        even b = 0.

    Raises:
        InputError: if the contrast is not finite or the bound not from 0 to 1.

    Example:
        >>> law = ContrastBrightness(contrast=0.5, brightness=0.2)
        >>> [round(brightness_at(law, 0.99, k), 4) for k in (-0.2, 0.0, 0.2, 1.0)]
        [0.3536, 0.4653, 0.3626, 0.0]
    """
    if not math.isfinite(contrast):
        raise InputError(f"a contrast must be finite, not {contrast}")
    p = Bounds(p_lower=p_lower).p_lower
    if p <= 0.5:
        return 0.0
    reach = _reach(p, contrast)
    moved = up(abs(contrast) / law.contrast, relative=ROUNDING)
    if not reach > moved:
        return 0.0
    # (reach − moved)(reach + moved) loses nothing where the two are near.
    left = down(math.sqrt((reach - moved) * (reach + moved)), relative=ROUNDING)
    shrunk = down(math.exp(-max(contrast, 0.0)), relative=ROUNDING)
    return max(0.0, down(law.brightness * left * min(shrunk, 1.0), relative=ROUNDING))


def covers(certificate: Certificate, *, contrast: float, brightness: float) -> bool:
    """Whether a certificate speaks of eᵏ(x + b), and of eᵏx + b: never wrongly yes.

    Args:
        certificate: by contrast and brightness noise.
        contrast: k, the natural logarithm of the factor.
        brightness: b, in the images' units.

    Raises:
        InputError: for a certificate by other noise.
    """
    law = certificate.claim.law
    if not isinstance(law, ContrastBrightness):
        raise InputError(f"the certificate is by {law}, and knows no contrast")
    return abs(brightness) < brightness_at(law, certificate.p_lower, contrast)


def _reach(p: float, contrast: float) -> float:
    """Φ⁻¹(p′), rounded down: what is left of p̲ where the width of B alone has changed."""
    growth, missing = math.exp(min(contrast, 700.0)), 1 - p  # the latter exactly, for p > ½
    if contrast >= 0:  # 1 − p′ = erf(eᵏ erf⁻¹(1 − p))
        edge = up(growth * up(float(special.erfinv(missing))), relative=ROUNDING)
        lost = up(float(special.erf(edge)))
    else:  # 1 − p′ = erfc(eᵏ erfc⁻¹(1 − p))
        edge = down(growth * down(float(special.erfcinv(missing))), relative=ROUNDING)
        lost = up(float(special.erfc(edge)), relative=FUNCTION_ERROR * (1 + edge**2))
    return -quantile_up(lost) if lost < 0.5 else 0.0


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.12398, contrast and brightness, at unchanged contrast",
    one_sided="R = σ Φ⁻¹(p̲) if p̲ > 1/2",
)
