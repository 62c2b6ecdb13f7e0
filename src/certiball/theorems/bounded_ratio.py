"""Laws whose densities at two inputs never differ by more than a factor exp(‖δ‖/λ).

    one-sided   ε = −ln(2(1 − p̲))
    two-class   ε = max{½ ln(p̲/p̄), −ln(1 − p̲ + p̄)}

At a distance r every event's probability lies between e^(−r/λ) and e^(r/λ) times what it was, and
so does that of its complement: p_A is at least 1 − e^(r/λ)(1 − p̲) and at least e^(−r/λ) p̲, and p_B
at most e^(r/λ) p̄. The answer stays for r < λε.

A sampled law that is off by τ is paid for at the input, where p̲ and p̄ are worth p̲ − τ and p̄ + τ,
and at the perturbed one, where the ideal winner has to lead by 2τ.
"""

import math
import sys
from fractions import Fraction

from certiball.statistics.rounding import down, fraction_down, root_up
from certiball.theorems.bounds import Bounds

LEAST = Fraction(sys.float_info.min)  # that p̄ is taken to be, or 0 would give ∞
ROUNDING = 2.0**-51  # of a logarithm


def ratio_allowed(bounds: Bounds, slack: Fraction) -> float:
    """ε, rounded down; 0 where nothing is proven.

    Args:
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ.

    Example:
        >>> ratio_allowed(Bounds(p_lower=0.75), Fraction(0)) <= math.log(2)
        True
    """
    top, others = Fraction(bounds.p_lower), 1 - Fraction(bounds.p_lower)
    if bounds.p_upper is not None:  # p_B ≤ 1 − p_A: never looser than the one-sided rule
        others = min(others, Fraction(bounds.p_upper))
    first, second = top - slack, max(others, LEAST) + slack
    if first - second <= 2 * slack:
        return 0.0
    # (1 − e^ε (1 − p̲)) − e^ε p̄ ≥ 2τ
    added = (1 - 2 * slack) / (1 - first + second)
    # e^(−ε) p̲ − e^ε p̄ ≥ 2τ: a quadratic in e^ε, whose root is at least (√(p̲p̄) − τ)/p̄
    product = first * second
    scaled = (product / root_up(product) - slack) / second
    excess = fraction_down(max(added, scaled) - 1)
    return max(0.0, down(math.log1p(excess), relative=ROUNDING)) if excess > 0 else 0.0
