"""Radii by differential privacy, to compare with (PixelDP, arXiv 1802.03471, Proposition 1).

They are valid, and smaller than the noise allows, so they are in no table that certificates come
from. If noise hides a change of length L with (ε, δ)-differential privacy, the answer stays for
‖x′ − x‖ < L where

    p̲ ≥ exp(2ε) p̄ + (1 + exp(ε)) δ.

Gaussian noise hides L = σε/√(2 ln(1.25/δ)) in L2 for 0 < ε ≤ 1; for each ε the largest δ is taken,
and the best ε. Laplace noise hides L = λε in L1 with δ = 0.
"""

import math
from decimal import Decimal, localcontext
from fractions import Fraction

from scipy import optimize

from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.statistics.many_digits import DIGITS, as_decimal, decimal_down
from certiball.theorems.bounds import Bounds
from certiball.theorems.margin import others_at_most

LEAST = Fraction(1, 2**1000)  # that p̄ is taken to be, or 0 would give ∞


def gaussian_l2(law: Gaussian, bounds: Bounds) -> float:
    """The L2 radius under Gaussian noise, rounded down; 0 where nothing follows.

    Args:
        law: the noise.
        bounds: on the class probabilities; without p_upper, 1 − p̲ is left to another class.

    Example:
        >>> round(gaussian_l2(Gaussian(sigma=1.0), Bounds(p_lower=0.99)), 4)
        0.5549
    """
    top, others = Fraction(bounds.p_lower), others_at_most(bounds)
    if top <= others:
        return 0.0
    p, q = float(top), float(others)
    most = min(1.0, math.log(p / q) / 2) if q > 0 else 1.0  # beyond, no δ is left
    inner = optimize.minimize_scalar(
        lambda e: -_hidden(e, p, q), bounds=(0.0, most), method="bounded", options={"xatol": 1e-12}
    )
    epsilon = max(float(inner.x), most, key=lambda e: _hidden(e, p, q))
    with localcontext(DIGITS):
        e = Decimal(epsilon)  # any ε is valid, so it may be one that floats have found
        delta = (as_decimal(top) - (2 * e).exp() * as_decimal(others)) / (1 + e.exp())
        if not delta > 0:
            return 0.0
        length = Decimal(law.sigma) * e / (2 * (Decimal("1.25") / delta).ln()).sqrt()
    return decimal_down(length)


def laplace_l1(law: Laplace, bounds: Bounds) -> float:
    """The L1 radius (λ/2) ln(p̲/p̄) under Laplace noise, rounded down; 0 where nothing follows.

    Args:
        law: the noise.
        bounds: on the class probabilities; without p_upper, 1 − p̲ is left to another class.

    Example:
        >>> round(laplace_l1(Laplace(scale=1.0), Bounds(p_lower=0.99)), 4)
        2.2976
    """
    top, others = Fraction(bounds.p_lower), max(others_at_most(bounds), LEAST)
    if top <= others:
        return 0.0
    with localcontext(DIGITS):
        length = Decimal(law.scale) * as_decimal(top / others).ln() / 2
    return decimal_down(length)


def _hidden(epsilon: float, p: float, q: float) -> float:
    """L/σ for an ε and the largest δ that the condition leaves; 0 where it leaves none."""
    delta = (p - math.exp(2 * epsilon) * q) / (1 + math.exp(epsilon))
    return epsilon / math.sqrt(2 * math.log(1.25 / delta)) if delta > 0 else 0.0
