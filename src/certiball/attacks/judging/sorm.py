"""How probable the other class is under noise, from the curvatures of a classifier's boundary.

The second-order reliability method (SORM): a point lies at distance βσ from the boundary of f,
and there the boundary is taken for the paraboloid z = β + ½ Σ κ_i y_i² of normalised curvatures
κ_i = σ · (curvature in the units of the inputs). κ < 0 bends the boundary around the point. Four
answers: three formulas, and the paraboloid's exact probability. None is a bound.
"""

import math
import warnings
from enum import Enum

import numpy as np
from scipy import special

from certiball.errors import InputError
from certiball.numbers import as_float
from certiball.shapes import Array

FITS = 0.03  # Σκ², up to which the Gaussian approximation has been seen to fit spheres
WIDTHS = 60.0  # standard deviations after which the exact integral's values repeat
LAST = 9.2  # beyond, exp(−t²/2) is below 10⁻¹⁸


class Method(Enum):
    """How π0 is computed."""

    BREITUNG = "breitung"  # equation (3)
    HOHENBICHLER_RACKWITZ = "hohenbichler-rackwitz"
    GAUSSIAN = "gaussian"
    EXACT = "exact"  # of the paraboloid


def sorm_pi0(beta: float, kappa: Array, method: Method = Method.EXACT) -> float:
    """The probability of the class beyond the boundary, at distance βσ from it (equation (3)).

    Breitung's Φ(−β) ∏ (1 + βκ_i)^−½ is for large β. At β = 0 it is ½ whatever the curvature, so
    it cannot tell where the smoothed boundary runs near the base one; around the centre of a
    large sphere it exceeds 1. Hohenbichler and Rackwitz put φ(β)/Φ(−β) for β in the product,
    which fails too where curvatures are many. The Gaussian approximation
    Φ(−(β + ½Σκ)/√(1 + ½Σκ²)) fits near ½ while Σκ² is at most about .03: on spheres it is off by
    .02 there, by .06 at .08 and by 1 at .85; in the tails it is off by factors. The exact value is
    the paraboloid's, with an error of 10⁻¹² at most: f's boundary may be none.

    Args:
        beta: the distance to the boundary over σ; negative beyond it.
        kappa: normalised principal curvatures [d − 1], σ times those of the image space; see
            `normalised`.
        method: which formula.

    Raises:
        InputError: for numbers that are not finite, and where 1 + βκ is not positive for a
            product: the formula has no value there.

    Warns:
        UserWarning: of the Gaussian approximation outside of Σκ² ≤ .03.

    Example:
        >>> kappa = np.full(3071, -0.0005)
        >>> round(sorm_pi0(0.0, kappa), 4), sorm_pi0(0.0, kappa, Method.BREITUNG)
        (0.7786, 0.5)
    """
    beta, kappa = _checked(beta, kappa)
    if method is Method.EXACT:
        return _paraboloid(beta, kappa)
    if method is Method.GAUSSIAN:
        _warn_unless_it_fits(kappa)
        spread = math.sqrt(1 + 0.5 * float(np.square(kappa).sum()))
        return float(special.ndtr(-(beta + 0.5 * float(kappa.sum())) / spread))
    if method is Method.BREITUNG:
        return _product(beta, kappa, beta)
    # φ(β)/Φ(−β) in a form that keeps its digits far out
    steep = math.sqrt(2 / math.pi) / float(special.erfcx(beta / math.sqrt(2)))
    return _product(beta, kappa, steep)


def fits_gaussian(kappa: Array) -> bool:
    """Whether the Gaussian approximation has been seen to fit such curvatures: Σκ² ≤ .03.

    Example:
        >>> fits_gaussian(np.full(3071, -0.0005)), fits_gaussian(np.array([1.0]))
        (True, False)
    """
    return float(np.square(kappa).sum()) <= FITS


def normalised(curvature: Array, sigma: float) -> Array:
    """The curvatures κ that the formulas take: σ times those in the units of the inputs."""
    if not sigma > 0:
        raise InputError(f"sigma must be > 0, not {sigma}")
    kappa: Array = sigma * np.asarray(curvature, dtype=np.float64)
    return kappa


def boundary_shift(curvature: Array, sigma: float) -> float:
    """How far from the base boundary the smoothed one runs: δ* = −½σ²Σκ, as the Gaussian has it.

    Positive where the boundary bends around the point: its class then ends that much before the
    boundary of f. The range is that of the approximation, Σ(σκ)² up to about .03.

    Args:
        curvature: principal curvatures [d − 1] in the units of the inputs, not normalised.
        sigma: of the noise, in those units.

    Warns:
        UserWarning: outside of that range.

    Example:
        >>> round(boundary_shift(np.full(200, -0.04), sigma=0.25), 6)
        0.25
    """
    kappa = normalised(curvature, sigma)
    _warn_unless_it_fits(kappa)
    return -0.5 * sigma * float(kappa.sum())


def _checked(beta: float, kappa: Array) -> tuple[float, Array]:
    beta, kappa = as_float("beta", beta), np.asarray(kappa, dtype=np.float64)
    if not (math.isfinite(beta) and kappa.ndim == 1 and np.isfinite(kappa).all()):
        raise InputError(
            f"beta must be finite and kappa a row of finite numbers, not {beta} and an array of "
            f"shape {kappa.shape}"
        )
    return beta, kappa


def _product(beta: float, kappa: Array, steep: float) -> float:
    factors = 1 + steep * kappa
    if not (factors > 0).all():
        raise InputError(
            f"1 + {steep:.4g} κ is not positive for κ = {kappa.min():.4g}, where the formula has "
            'no value; use the method "exact"'
        )
    log = float(special.log_ndtr(-beta)) - 0.5 * float(np.log(factors).sum())
    return math.exp(log) if log < 700 else math.inf


def _warn_unless_it_fits(kappa: Array) -> None:
    if not fits_gaussian(kappa):
        warnings.warn(
            f"Σκ² = {np.square(kappa).sum():.3g} is above {FITS}: the Gaussian approximation of a "
            "curved boundary may be far off here, and is never a bound",
            stacklevel=3,
        )


def _paraboloid(beta: float, kappa: Array) -> float:
    """P(Z − ½Σκ_iY_i² > β) for standard normal Z and Y_i, by Imhof's integral.

    W = Z − ½ΣκY² has the characteristic function exp(−t²/2) ∏ (1 + iκ_i t)^−½, and
    P(W > β) = ½ − (1/π) ∫_0^∞ |φ(t)| sin(βt + ½Σ arctan κ_i t) / t dt. The midpoint rule is off by
    what W has beyond a distance of 2π/step alone (Davies 1973), so few points do.
    """
    shift = abs(beta) + 0.5 * abs(float(kappa.sum()))
    width = math.sqrt(1 + 0.5 * float(np.square(kappa).sum()))
    step = 2 * math.pi / (shift + WIDTHS * width)
    t = (np.arange(math.ceil(LAST / step)) + 0.5) * step
    size, angle = -0.5 * t * t, beta * t
    different, times = np.unique(kappa, return_counts=True)
    for value, many in zip(different, times, strict=True):
        size -= 0.25 * many * np.log1p(np.square(value * t))
        angle += 0.5 * many * np.arctan(value * t)
    total = float((np.exp(size) * np.sin(angle) / t).sum()) * step / math.pi
    return min(1.0, max(0.0, 0.5 - total))
