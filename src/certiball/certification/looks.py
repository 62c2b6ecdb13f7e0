"""When a plan that stops by its votes looks at them: a schedule fixed before the first vote."""

from bisect import bisect_left
from functools import lru_cache

LOOK = 32  # votes; looks are at whole chunks of as many, the only places where votes may stop
GROWTH = 16  # each look is about a sixteenth later than the one before


@lru_cache(maxsize=64)
def looks(most: int) -> tuple[int, ...]:
    """The numbers of votes at which a plan looks, the last of them the most that there may be.

    A rule that could stop at N votes stops at the first look from there on: at most 32 votes
    or a sixteenth of N later.

    Args:
        most: how many votes there may be, at least 1.

    Example:
        >>> looks(1000)[:3], looks(1000)[-4:]
        ((32, 64, 96), (928, 960, 992, 1000))
    """
    schedule, look = [], LOOK
    while look < most:
        schedule.append(look)
        look += max(LOOK, look // GROWTH // LOOK * LOOK)
    return (*schedule, most)


def next_look(most: int, votes: int) -> int:
    """The first look at which there are more votes than `votes`; the last where there is none.

    Example:
        >>> next_look(1000, 0), next_look(1000, 40), next_look(1000, 64), next_look(1000, 1000)
        (32, 64, 96, 1000)
    """
    schedule = looks(most)
    return schedule[min(bisect_left(schedule, votes + 1), len(schedule) - 1)]


def is_look(most: int, votes: int) -> bool:
    """Whether the plan looks at so many votes: elsewhere it decides nothing."""
    schedule = looks(most)
    place = bisect_left(schedule, votes)
    return place < len(schedule) and schedule[place] == votes
