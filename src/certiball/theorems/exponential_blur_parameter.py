"""Exponential blur noise: more blur by a variance a < −λ ln(2 − 2p̲) is certified.

Blur by a makes a + A of the noise A, whose density is e^(a/λ) times the old one from a on, and 0
below (arXiv 2002.12398). What is not for the class grows by that factor at most, so
P′(A) ≥ 1 − e^(a/λ)(1 − p̲) and P′(B) ≤ e^(a/λ) p̄. With a slack τ, ideal probabilities are off by τ
and the winner at the blurred image needs ½ + τ, or 2τ more than any other.
"""

import math
import sys
from fractions import Fraction

from certiball.laws.exponential_blur import ExponentialBlur
from certiball.statistics.rounding import down, fraction_down
from certiball.theorems.bounds import Bounds
from certiball.theorems.theorem import Theorem

ROUNDING = 2.0**-51  # of a product and of math.log1p, which grows no faster than its argument


def radius(
    law: ExponentialBlur, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified variance, in square pixels, rounded down; 0 where nothing is proven.

    Example:
        >>> round(radius(ExponentialBlur(scale=1.0), Bounds(p_lower=0.99)), 6)
        3.912023
    """
    lower = Fraction(bounds.p_lower) - slack
    if bounds.p_upper is None:
        kept, lost = Fraction(1, 2) - slack, 1 - lower
    else:
        other = min(Fraction(bounds.p_upper), 1 - Fraction(bounds.p_lower)) + slack
        kept, lost = 1 - 2 * slack, 1 - lower + other
    if lost >= kept:
        return 0.0
    if lost == 0:
        return sys.float_info.max
    growth = fraction_down(kept / lost - 1)
    return max(0.0, down(law.scale * math.log1p(growth), relative=ROUNDING))


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.12398, exponential parameters",
    one_sided="R = −λ ln(2 − 2 p̲) if p̲ > 1/2",
    two_class="R = −λ ln(1 − p̲ + p̄) if p̲ > p̄",
)
