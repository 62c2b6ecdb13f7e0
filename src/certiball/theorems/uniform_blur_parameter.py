"""Uniform blur noise: more blur by a variance a < λ(p̲ − ½) is certified.

Blur by a moves the noise from [0, λ] to [a, λ + a]: the two laws differ by a share a/λ, which is
all that a class can lose or gain (arXiv 2002.12398).
"""

from fractions import Fraction

from certiball.laws.uniform_blur import UniformBlur
from certiball.statistics.rounding import fraction_down
from certiball.theorems.bounds import Bounds
from certiball.theorems.theorem import Theorem


def radius(
    law: UniformBlur, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified variance, in square pixels, rounded down; 0 where nothing is proven.

    A slack τ is paid twice: what was sampled is off by τ, and so is what wins there.

    Example:
        >>> radius(UniformBlur(scale=4.0), Bounds(p_lower=0.75))
        1.0
    """
    lower = Fraction(bounds.p_lower)
    if bounds.p_upper is None:
        share = lower - Fraction(1, 2)
    else:
        share = (lower - min(Fraction(bounds.p_upper), 1 - lower)) / 2
    return max(0.0, fraction_down(Fraction(law.scale) * (share - 2 * slack)))


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.12398, uniform parameters",
    one_sided="R = λ (p̲ − 1/2) if p̲ > 1/2",
    two_class="R = (λ/2) (p̲ − p̄) if p̲ > p̄",
)
