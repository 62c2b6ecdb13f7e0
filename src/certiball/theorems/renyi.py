"""Radii by the Rényi divergence, to compare with (arXiv 1809.03113).

They are valid, and smaller than the noise allows, so they are in no table that certificates come
from. To change the answer, the law of the votes has to move by a Rényi divergence of order a of at
least −ln(1 − p̲ − p̄ + 2M), M the power mean of p̲ and p̄ of order 1 − a; Gaussian noise that is
moved by L moves it by aL²/2σ². So for every a > 1 the answer stays for

    ‖x′ − x‖ < σ √(−(2/a) ln(1 − p̲ − p̄ + 2((p̲^(1−a) + p̄^(1−a))/2)^(1/(1−a)))),

and the best a is taken.
"""

import math
from decimal import Decimal, localcontext
from fractions import Fraction

from scipy import optimize

from certiball.laws.gaussian import Gaussian
from certiball.statistics.many_digits import DIGITS, as_decimal, decimal_down
from certiball.theorems.bounds import Bounds
from certiball.theorems.margin import others_at_most

LEAST = Fraction(1, 2**1000)  # that p̄ is taken to be
ORDERS = (-9.0, 9.0)  # of ln(a − 1) that are looked at


def gaussian_l2(law: Gaussian, bounds: Bounds) -> float:
    """The L2 radius under Gaussian noise, rounded down; 0 where nothing follows.

    Args:
        law: the noise.
        bounds: on the class probabilities; without p_upper, 1 − p̲ is left to another class.

    Example:
        >>> round(gaussian_l2(Gaussian(sigma=1.0), Bounds(p_lower=0.99)), 4)
        1.908
    """
    top, others = Fraction(bounds.p_lower), max(others_at_most(bounds), LEAST)
    if top <= others:
        return 0.0
    p_q_rest = float(top), float(others), float(1 - top - others)
    found = optimize.minimize_scalar(
        lambda t: -_allowed(1 + math.exp(t), *p_q_rest),
        bounds=ORDERS,
        method="bounded",
        options={"xatol": 1e-9},
    )
    with localcontext(DIGITS):
        a = 1 + Decimal(math.exp(found.x))  # any a > 1 is valid, also one that floats have found
        p, q = as_decimal(top), as_decimal(others)
        mean = q * ((1 + ((a - 1) * (q / p).ln()).exp()) / 2) ** (-1 / (a - 1))
        length = Decimal(law.sigma) * (-2 / a * (1 - p - q + 2 * mean).ln()).sqrt()
    return decimal_down(length)


def _allowed(a: float, p: float, q: float, rest: float) -> float:
    """(R/σ)²/2 for an order; the rest is 1 − p − q."""
    mean = q * math.exp(-math.log((1 + (q / p) ** (a - 1)) / 2) / (a - 1))
    return -math.log(rest + 2 * mean) / a
