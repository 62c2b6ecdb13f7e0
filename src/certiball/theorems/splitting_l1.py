"""Splitting noise certifies balls of the L1 norm (arXiv 2103.10834).

    one-sided   R = 2λ (p̲ − ½)      if p̲ > ½
    two-class   R = λ (p̲ − p̄)       if p̲ > p̄

Two values of a number are seen alike unless a threshold lies between them, which has probability
min(1, |δ|/2λ); of several numbers one or more are seen differently with probability at most
‖δ‖₁/2λ, whether their thresholds are independent or not. On a grid of which 2λ is a whole number
of steps that is as true as in the reals, for perturbed inputs on the grid.
"""

from fractions import Fraction

from certiball.laws.splitting import Splitting
from certiball.statistics.rounding import fraction_down
from certiball.theorems.bounds import Bounds
from certiball.theorems.margin import margin
from certiball.theorems.theorem import Theorem


def radius(
    law: Splitting, bounds: Bounds, slack: Fraction = Fraction(0), dimension: int = 1
) -> float:
    """The certified L1 radius, rounded down; 0 where nothing is proven.

    Args:
        law: the thresholds.
        bounds: on the sampled class probabilities; p_upper chooses the two-class rule.
        slack: τ, a bound on the total variation between drawn places and uniform ones.
        dimension: of inputs; the radius is the same in all.

    Example:
        >>> radius(Splitting(scale=Fraction(2)), Bounds(p_lower=0.75))
        1.0
    """
    return fraction_down(max(Fraction(0), 2 * law.scale * margin(bounds, slack)))


THEOREM = Theorem(
    radius=radius,
    source="arXiv:2103.10834, the general case",
    one_sided="R = 2λ (p̲ − 1/2) if p̲ > 1/2",
    two_class="R = λ (p̲ − p̄) if p̲ > p̄",
)
