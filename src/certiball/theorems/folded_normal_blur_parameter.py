"""Folded normal blur noise: more blur by a < σ (Φ⁻¹(½ + p̲/2) − Φ⁻¹(¾)) is certified.

Blur by a moves the noise a₀ = |σg| to a₀ + a. The ratio of the new density to the old grows with
the variance, so a class keeps least if it has all variances below t, where 2Φ(t/σ) − 1 = p̲, and
then it keeps 2Φ((t − a)/σ) − 1 (Neyman and Pearson; arXiv 2002.12398). With a slack τ, t is that
of p̲ − τ, and ½ + τ must be left of it.
"""

from fractions import Fraction

from certiball.laws.folded_normal_blur import FoldedNormalBlur
from certiball.statistics.normal import quantile_up
from certiball.statistics.rounding import down, fraction_up
from certiball.theorems.bounds import Bounds
from certiball.theorems.theorem import Theorem

ROUNDING = 2.0**-50  # of one difference and one product


def radius(
    law: FoldedNormalBlur, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified variance, in square pixels, rounded down; 0 where nothing is proven.

    Example:
        >>> round(radius(FoldedNormalBlur(sigma=1.0), Bounds(p_lower=0.99)), 6)
        1.90134
    """
    lower = Fraction(bounds.p_lower) - slack
    if lower <= Fraction(1, 2) + slack:
        return 0.0
    # By the upper tail, where a fraction loses nothing when it becomes a float.
    reach = -quantile_up(fraction_up((1 - lower) / 2))
    needed = quantile_up(fraction_up(Fraction(3, 4) + slack / 2))
    return max(0.0, down(law.sigma * (reach - needed), relative=ROUNDING))


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.12398, folded normal parameters",
    one_sided="R = σ (Φ⁻¹(1/2 + p̲/2) − Φ⁻¹(3/4)) if p̲ > 1/2",
)
