"""What the tests of `consistency` can find: how far off a record must be for an alarm.

Found by the tests themselves, exactly: near p = 1, where most certificates are, the normal law
would promise to find differences that no votes can show. Being that far off gives an alarm at
least half of the time, because a binomial number whose mean is whole has that mean as its median.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from certiball.statistics.consistency import (
    Compared,
    Levels,
    contradiction_p_value,
    pooled_p_value,
    same_votes_p_value,
)


@dataclass(frozen=True, kw_only=True)
class Detectable:
    """By how much a record must be wrong; None where the test cannot find it, however much.

    Args:
        bound: T1: how much too high any one of the claimed bounds must be.
        one: T2: how much too large the share of the stored votes of any one input.
        every: T3: how much too large all such shares, about: it matters how they are spread.
    """

    bound: float | None
    one: float | None
    every: float | None


def detectable(compared: Sequence[Compared], levels: Levels) -> Detectable:
    """What the tests find half of the time, at the input where they find least.

    Args:
        compared: the inputs; of their fresh votes only the number matters. Those that have no
            votes for a class are left out: there is nothing to find.
        levels: of the tests over all inputs; 0 for a test that is not made.

    Example:
        >>> row = Compared(stored=100_000, n=100_000, fresh=0, m=10_000, p_lower=0.99993)
        >>> found = detectable([row], Levels(contradiction=0.001, same=0.0, pooled=0.0)).bound
        >>> f"{found:.5f}"
        '0.00043'
    """
    rows = list({(each.stored, each.n, each.p_lower): each for each in compared}.values())
    one_of_all = 1 / len(compared)
    bounds = (bound_too_high(row, levels.contradiction * one_of_all) for row in rows if row.p_lower)
    shares = (votes_off(row, levels.same * one_of_all) for row in rows if row.stored)
    return Detectable(
        bound=_largest(bounds) if levels.contradiction else None,
        one=_largest(shares) if levels.same else None,
        every=all_votes_off(compared, levels.pooled) if levels.pooled else None,
    )


def bound_too_high(row: Compared, level: float) -> float | None:
    """How far p must be below the claimed bound, for T1 to find it half of the time."""
    misses = _least(
        row.m, lambda x: contradiction_p_value(replace(row, fresh=row.m - x, others=0)) <= level
    )
    return None if misses is None else misses / row.m - (1 - row.p_lower)


def votes_off(row: Compared, level: float) -> float | None:
    """How far p must be below the share of the stored votes, for T2 to find it."""
    expected = row.m * row.stored // row.n
    fewer = _least(
        expected,
        lambda x: same_votes_p_value(replace(row, fresh=expected - x, others=0)) <= level,
    )
    return None if fewer is None else row.stored / row.n - (expected - fewer) / row.m


def all_votes_off(compared: Sequence[Compared], level: float) -> float | None:
    """How far every p must be below the share of its stored votes, about, for T3 to find it."""
    voted = [row for row in compared if row.stored]
    if not voted:
        return None
    expected = [row.m * row.stored // row.n for row in voted]

    def spread(fewer: int) -> list[int]:
        """The expected votes but so many, as evenly as it can be."""
        each, more = divmod(fewer, len(voted))
        return [max(0, votes - each - (i < more)) for i, votes in enumerate(expected)]

    def alarm(fewer: int) -> bool:
        rows = zip(voted, spread(fewer), strict=True)
        return pooled_p_value([replace(row, fresh=x, others=0) for row, x in rows]) <= level

    fewer = _least(len(voted) * max(expected), alarm)
    if fewer is None:
        return None
    share = sum(row.m * row.stored / row.n for row in voted)
    return (share - sum(spread(fewer))) / sum(row.m for row in voted)


def _least(most: int, alarm: Callable[[int], bool]) -> int | None:
    """The smallest number from 0 to `most` that alarms, where all larger ones do."""
    top = min(1, most)
    while top < most and not alarm(top):
        top = min(2 * top, most)
    found = bisect_left(range(top + 1), True, key=alarm)
    return None if found > top else found


def _largest(differences: Iterable[float | None]) -> float | None:
    """None if one is, or if there is none."""
    found = list(differences)
    known = [each for each in found if each is not None]
    return max(known) if len(found) == len(known) > 0 else None
