"""All offsets of splitting noise certify balls of the L1 norm (arXiv 2103.10834).

A number that moves by k steps crosses the threshold of at most k of the q offsets, for the
thresholds of one number stand at q different places, one between any two neighbouring levels and
each q levels further again. Thresholds of all numbers move by one offset, so what is seen of an
input changes at ‖δ‖₁/step offsets at most. That is the number of views that are reached, and

    R = step · min over B ≠ A of ⌊(n_A − n_B − 1[B < A])/2⌋,

inclusive, for perturbations on the grid.
"""

from collections.abc import Sequence

from certiball.laws.deterministic_splitting import DeterministicSplitting
from certiball.statistics.rounding import fraction_down
from certiball.theorems.counts import CountTheorem, changes_allowed


def radius(law: DeterministicSplitting, counts: Sequence[int], label: int) -> float:
    """The certified L1 radius, rounded down; 0 where nothing is proven.

    Args:
        law: the offsets.
        counts: votes for each class, one of each offset.
        label: the class with most votes.

    Raises:
        InputError: if not every view has voted, or another class is the answer.

    Example:
        >>> from fractions import Fraction
        >>> law = DeterministicSplitting(scale=Fraction(1, 2), step=Fraction(1, 256))
        >>> radius(law, (28, 228), 1) == 99 / 256  # one less than (228 − 28)/2: class 0 takes ties
        True
    """
    return fraction_down(changes_allowed(law.views, counts, label) * law.step)


THEOREM = CountTheorem(
    radius=radius,
    source="arXiv:2103.10834, with the minimum over every B",
    formula="R = step · min over B ≠ A of ⌊(n_A − n_B − 1[B < A])/2⌋",
)
