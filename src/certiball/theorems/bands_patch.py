"""Column bands certify square patches (arXiv 2002.10733).

A patch of m columns is seen by the bands that start at one of its columns or at one of the
s − 1 before them: Δ = m + s − 1 of the W bands, or all of them. It does not matter which pixels
of these columns change, nor how. Bands that go round the edge count as one: first columns are
taken modulo W, and no more than m + s − 1 of them reach the patch.
"""

from collections.abc import Sequence
from functools import partial

from certiball.laws.bands import Bands
from certiball.theorems.counts import CountTheorem, changes_allowed, largest_side


def reached(law: Bands, side: int) -> int:
    """How many bands see something of a patch of so many columns, at most.

    Example:
        >>> reached(Bands(width=4, columns=28), 5), reached(Bands(width=4, columns=28), 27)
        (8, 28)
    """
    return min(law.columns, side + law.width - 1)


def radius(law: Bands, counts: Sequence[int], label: int) -> float:
    """The largest side of a square patch, anywhere, that cannot change the answer.

    Args:
        law: the bands.
        counts: votes for each class, one of each band.
        label: the class with most votes.

    Raises:
        InputError: if not every view has voted, or another class is the answer.

    Example:
        >>> radius(Bands(width=4, columns=28), (0, 26, 2), 1)
        9.0
    """
    return float(largest_side(partial(reached, law), changes_allowed(law.views, counts, label)))


THEOREM = CountTheorem(
    radius=radius,
    source="arXiv:2002.10733",
    formula="largest m with n_A − n_B ≥ 2(m + s − 1) + 1[B < A] for every B ≠ A",
)
