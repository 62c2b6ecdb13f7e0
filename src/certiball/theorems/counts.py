"""What follows from the counts of all views: no probability is estimated, so there is no α.

A perturbation reaches some of the views and leaves the others as they were. Those that it
reaches may vote for anything. The class A with n_A votes stays the answer while

    n_A − Δ > n_B + Δ, or n_A − Δ = n_B + Δ and A < B, for every other class B,

where Δ is how many views are reached: a tie goes to the lower class. The minimum is over every
other class, not the one with most votes: of several with as many, the lowest decides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from certiball.errors import InputError

Radius: TypeAlias = Callable[[Any, Sequence[int], int], float]


@dataclass(frozen=True, kw_only=True)
class CountTheorem:
    """From the counts of all views to a ball, which is closed.

    Args:
        radius: of the law, the counts of every class and the class; rounded down, 0 where
            nothing is proven.
        source: where it is proven.
        formula: the radius in symbols.
    """

    radius: Radius
    source: str
    formula: str


def changes_allowed(views: int, counts: Sequence[int], label: int) -> int:
    """How many views may change their votes, in any way, before the answer can change.

    It is the minimum over B ≠ A of ⌊(n_A − n_B − 1[B < A])/2⌋, and no larger number is allowed
    whatever they change to.

    Args:
        views: how many there are.
        counts: their votes for each class.
        label: the class A with most votes, the lowest of several.

    Raises:
        InputError: if not every view has voted, or another class is the answer.

    Example:
        >>> changes_allowed(20, (6, 8, 6), 1)
        0
        >>> changes_allowed(20, (8, 6, 6), 0)
        1
    """
    if sum(counts) != views:
        raise InputError(f"{sum(counts)} votes are not those of all {views} views: ask the others")
    least = min(
        counts[label] - count - (other < label)
        for other, count in enumerate(counts)
        if other != label
    )
    if least < 0:
        raise InputError(f"class {label} has not most of the votes {tuple(counts)}")
    return least // 2


def largest_side(reached: Callable[[int], int], allowed: int) -> int:
    """The largest side of a patch that reaches no more views than are allowed to change.

    Args:
        reached: how many views a patch of a side reaches at most; more the larger it is, until
            it is all of them.
        allowed: fewer than all.

    Returns:
        The side in pixels; 0 where even one pixel reaches more.
    """
    side = 0
    while reached(side + 1) <= allowed:
        side += 1
    return side
