"""Quantiles of the normal law, rounded to the side that is asked for."""

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


def density_down(x: float) -> float:
    """A float not above the standard normal density at x."""
    return down(math.exp(-x * x / 2) / math.sqrt(2 * math.pi), relative=2.0**-48 * (1 + x * x))


def _quantile(probability: float) -> float:
    if probability <= 0:
        return -math.inf
    if probability >= 1:
        return math.inf
    # Above one half, 1 − p is exact and keeps the relative precision that p has lost.
    if probability > 0.5:
        return -float(special.ndtri(1 - probability))
    return float(special.ndtri(probability))
