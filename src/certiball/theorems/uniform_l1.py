"""Uniform noise on [−λ, λ]^d certifies balls of the L1 norm (arXiv 2002.08118).

    one-sided   R = 2λ (p̲ − ½)      if p̲ > ½
    two-class   R = λ (p̲ − p̄)       if p̲ > p̄

A cube and the same cube moved by δ share ∏(1 − |δ_i|/2λ) ≥ 1 − ‖δ‖₁/2λ of their volume, so no
probability changes by more than ‖δ‖₁/2λ. Along an axis both are tight.
"""

from fractions import Fraction

from certiball.laws.uniform import Uniform
from certiball.statistics.rounding import fraction_down
from certiball.theorems.bounds import Bounds
from certiball.theorems.margin import margin
from certiball.theorems.theorem import Theorem


def radius(
    law: Uniform, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified L1 radius, rounded down; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: of inputs; the radius is the same in all.

    Example:
        >>> radius(Uniform(scale=0.5), Bounds(p_lower=0.75))
        0.25
    """
    return fraction_down(max(Fraction(0), 2 * Fraction(law.scale) * margin(bounds, slack)))


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.08118, by the volume that two cubes share",
    one_sided="R = 2λ (p̲ − 1/2) if p̲ > 1/2",
    two_class="R = λ (p̲ − p̄) if p̲ > p̄",
)
