"""Uniform noise on [−λ, λ]^d certifies balls of the L∞ norm (arXiv 2002.08118).

    one-sided   R = 2λ (1 − (3/2 − p̲)^(1/d))             if p̲ > ½
    two-class   R = 2λ (1 − (1 − (p̲ − p̄)/2)^(1/d))       if p̲ > p̄

A cube and the same cube moved by δ share ∏(1 − |δ_i|/2λ) ≥ (1 − ‖δ‖∞/2λ)^d of their volume, and no
probability changes by more than the rest. Along a diagonal both are tight. The radius falls with
1/d, where Gaussian noise of the same deviation loses 1/√d.
"""

import math
from fractions import Fraction

from certiball.laws.uniform import Uniform
from certiball.statistics.rounding import down, fraction_down
from certiball.theorems.bounds import Bounds
from certiball.theorems.margin import margin
from certiball.theorems.theorem import Theorem

ROUNDING = 2.0**-49  # of math.log1p, math.expm1, a quotient and a product


def radius(
    law: Uniform, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified L∞ radius, rounded down; 0 where nothing is proven.

    Args:
        law: the noise.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between the sampled and the ideal noise.
        dimension: d, numbers per input.

    Example:
        >>> round(radius(Uniform(scale=1.0), Bounds(p_lower=0.99), dimension=784), 6)
        0.001717
    """
    lost = fraction_down(margin(bounds, slack))  # at most ½
    if not lost > 0:
        return 0.0
    moved = -math.expm1(math.log1p(-lost) / dimension)
    return max(0.0, down(2 * law.scale * moved, relative=ROUNDING))


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2002.08118, by the volume that two cubes share",
    one_sided="R = 2λ (1 − (3/2 − p̲)^(1/d)) if p̲ > 1/2",
    two_class="R = 2λ (1 − (1 − (p̲ − p̄)/2)^(1/d)) if p̲ > p̄",
)
