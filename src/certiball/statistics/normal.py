"""The normal law and its quantiles, rounded to the side that is asked for."""

import math
import sys

from scipy import special

from certiball.statistics.rounding import down, up


def quantile_down(probability: float) -> float:
    """A float not above Φ⁻¹(p): −∞ for p ≤ 0, the largest float for p ≥ 1.

    Example:
        >>> round(quantile_down(0.975), 4)
        1.96
    """
    if probability >= 1:
        return sys.float_info.max
    return 0.0 if probability == 0.5 else down(_quantile(probability))


def quantile_up(probability: float) -> float:
    """A float not below Φ⁻¹(p): ∞ for p ≥ 1, the least float for p ≤ 0."""
    if probability <= 0:
        return -sys.float_info.max
    return 0.0 if probability == 0.5 else up(_quantile(probability))


def cdf_down(x: float) -> float:
    """A float not above Φ(x).

    Example:
        >>> round(cdf_down(1.96), 4)
        0.975
    """
    value = float(special.ndtr(x))
    return 0.0 if value < sys.float_info.min else down(value, relative=_cdf_error(x))


def cdf_up(x: float) -> float:
    """A float not below Φ(x)."""
    value = max(float(special.ndtr(x)), sys.float_info.min)  # below, floats lose digits
    return min(1.0, up(value, relative=_cdf_error(x)))


def moved_down(probability: float, by: float) -> float:
    """A float not above Φ(Φ⁻¹(p) + by): what is left of a set of mass p, at least, by a move.

    Example:
        >>> round(moved_down(0.5, -1.0), 4)
        0.1587
    """
    return cdf_down(math.nextafter(quantile_down(probability) + by, -math.inf))


def moved_up(probability: float, by: float) -> float:
    """A float not below Φ(Φ⁻¹(p) + by): what a set of mass p can become, at most, by a move."""
    return cdf_up(math.nextafter(quantile_up(probability) + by, math.inf))


def density_down(x: float) -> float:
    """A float not above the standard normal density at x."""
    return down(math.exp(-x * x / 2) / math.sqrt(2 * math.pi), relative=2.0**-48 * (1 + x * x))


def _cdf_error(x: float) -> float:
    """What SciPy's Φ may be off by, relatively: in the tail it grows with x²."""
    return 2.0**-48 * (1 + min(x, 0.0) ** 2) if x > -40 else 2.0**-37


def _quantile(probability: float) -> float:
    if probability <= 0:
        return -math.inf
    if probability >= 1:
        return math.inf
    # Above one half, 1 − p is exact and keeps the relative precision that p has lost.
    if probability > 0.5:
        return -float(special.ndtri(1 - probability))
    return float(special.ndtri(probability))
