"""Votes: how often the base classifier gave each class under noise. Integers, never rates."""

from dataclasses import dataclass
from enum import Enum

from certiball.errors import InputError


class Design(Enum):
    """How the number of votes came about; it decides which bounds may be used."""

    FIXED = "fixed"  # the number was fixed before the first sample
    STOPPED = "stopped"  # the votes themselves decided when to stop
    ENUMERATED = "enumerated"  # all there are: one of every view, and none by chance


@dataclass(frozen=True, kw_only=True)
class Votes:
    """Votes for each class, with the design that they were drawn under.

    Args:
        counts: one count per class.
        design: bounds for a fixed n refuse votes that stopped by a rule: for those,
            Clopper–Pearson errs up to 5.8 times as often as it says. Votes of all views need none.

    Example:
        >>> votes = Votes(counts=(3, 95, 2))
        >>> votes.total, votes.winner, votes.runner_up
        (100, 1, 0)
    """

    counts: tuple[int, ...]
    design: Design = Design.FIXED

    def __post_init__(self) -> None:
        if len(self.counts) < 2:
            raise InputError(f"votes need at least 2 classes, not {len(self.counts)}")
        if min(self.counts) < 0:
            raise InputError(f"a count of votes must be ≥ 0, not {min(self.counts)}")

    @property
    def total(self) -> int:
        """How many samples voted."""
        return sum(self.counts)

    @property
    def winner(self) -> int:
        """The class with most votes; a tie goes to the lower class."""
        return self.counts.index(max(self.counts))

    @property
    def runner_up(self) -> int:
        """The class with most votes besides the winner; a tie goes to the lower class."""
        others = [(-count, label) for label, count in enumerate(self.counts)]
        return sorted(others)[1][1]


def merge(first: Votes, second: Votes) -> Votes:
    """The votes of two separate draws as one.

    Raises:
        InputError: if the numbers of classes differ, or if either stopped by a rule: where the
            next look happens would no longer be what the rule says.
    """
    if len(first.counts) != len(second.counts):
        raise InputError(
            f"cannot merge votes of {len(first.counts)} and {len(second.counts)} classes"
        )
    if Design.STOPPED in (first.design, second.design):
        raise InputError("votes that stopped by a rule cannot be merged: resume their run instead")
    return Votes(counts=tuple(a + b for a, b in zip(first.counts, second.counts, strict=True)))
