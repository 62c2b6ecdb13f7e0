"""Square blocks certify square patches (arXiv 2002.10733).

A patch of side m is seen by the blocks whose first row is one of its rows or of the s − 1 before
them, and whose first column likewise: Δ = (m + s − 1)², where neither factor is more than the
image has. First rows and columns are taken modulo the image, so blocks that go round an edge
count as any other.
"""

from collections.abc import Sequence
from functools import partial

from certiball.laws.blocks import Blocks
from certiball.theorems.counts import CountTheorem, changes_allowed, largest_side


def reached(law: Blocks, side: int) -> int:
    """How many blocks see something of a square patch, at most.

    Example:
        >>> law = Blocks(side=5, rows=28, columns=28)
        >>> reached(law, 5), reached(law, 27)
        (81, 784)
    """
    first = side + law.side - 1
    return min(law.rows, first) * min(law.columns, first)


def radius(law: Blocks, counts: Sequence[int], label: int) -> float:
    """The largest side of a square patch, anywhere, that cannot change the answer.

    Args:
        law: the blocks.
        counts: votes for each class, one of each block.
        label: the class with most votes.

    Raises:
        InputError: if not every view has voted, or another class is the answer.

    Example:
        >>> radius(Blocks(side=5, rows=28, columns=28), (0, 700, 84), 1)
        13.0
    """
    return float(largest_side(partial(reached, law), changes_allowed(law.views, counts, label)))


THEOREM = CountTheorem(
    radius=radius,
    source="arXiv:2002.10733",
    formula="largest m with n_A − n_B ≥ 2(m + s − 1)² + 1[B < A] for every B ≠ A",
)
