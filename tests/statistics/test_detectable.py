"""What is said to be found half of the time is, near p = 1 too; and half of it is not."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from certiball.statistics.binomial import lower_bound
from certiball.statistics.consistency import (
    Compared,
    Levels,
    contradiction_p_value,
    pooled_p_value,
    same_votes_p_value,
    split_level,
)
from certiball.statistics.detectable import bound_too_high, detectable, votes_off
from certiball.votes import Design

STORED, FRESH, INPUTS = 100_000, 10_000, 20
SHARES = (1.0, 0.9999, 0.999, 0.99, 0.9, 0.6)
LEVELS = split_level(0.001, Design.FIXED)


def claimed(share: float, stored: int = STORED, fresh: int = FRESH) -> Compared:
    votes = round(share * stored)
    return Compared(
        stored=votes, n=stored, fresh=fresh, m=fresh, p_lower=lower_bound(votes, stored, 0.001)
    )


def chance(p_value, row: Compared, p: float, level: float) -> float:
    """The exact probability of an alarm, where fresh votes have this p."""
    few = stats.binom.ppf([1e-6, 1 - 1e-6], row.m, p).astype(int)
    x = np.arange(few[0], few[1] + 1)
    alarms = [p_value(replace(row, fresh=int(each))) <= level for each in x]
    return float(stats.binom.pmf(x, row.m, p) @ alarms)


@pytest.mark.parametrize("share", SHARES)
def test_a_bound_so_much_too_high_is_found_half_of_the_time(share: float) -> None:
    row, level = claimed(share), LEVELS.contradiction / INPUTS
    found = bound_too_high(row, level)
    assert 0.49 < chance(contradiction_p_value, row, row.p_lower - found, level) < 0.65
    assert chance(contradiction_p_value, row, row.p_lower - found / 2, level) < 0.1


@pytest.mark.parametrize("share", SHARES)
def test_votes_so_far_off_are_found_half_of_the_time(share: float) -> None:
    row, level = claimed(share), LEVELS.same / INPUTS
    found = votes_off(row, level)
    assert 0.49 < chance(same_votes_p_value, row, share - found, level) < 0.65
    assert chance(same_votes_p_value, row, share - found / 2, level) < 0.11


@pytest.mark.parametrize("share", SHARES)
def test_votes_of_every_input_so_far_off_are_found_half_of_the_time(share: float) -> None:
    rows, rng = [claimed(share)] * 8, np.random.default_rng(1)
    off = detectable(rows, LEVELS).every

    def found(p: float) -> float:
        fresh = rng.binomial(FRESH, p, (60, len(rows)))
        p_values = [
            pooled_p_value([replace(row, fresh=x) for row, x in zip(rows, some, strict=True)])
            for some in fresh.tolist()
        ]
        return float(np.mean([p <= LEVELS.pooled for p in p_values]))

    assert 0.25 < found(share - off) < 0.8
    assert found(share - off / 3) < 0.15


def test_the_normal_law_would_promise_too_much() -> None:
    # What this replaces: z √(p(1 − p)(1/n + 1/m)) is nothing at all where every vote is for one.
    z = -stats.norm.ppf(LEVELS.same / 2 / INPUTS)
    for share in (1.0, 0.9999, 0.999):
        row = claimed(share)
        naive = z * (share * (1 - share) * (1 / row.n + 1 / row.m)) ** 0.5
        level = LEVELS.same / INPUTS
        assert chance(same_votes_p_value, row, share - naive, level) < 0.35
        assert naive < 0.8 * votes_off(row, level)


def test_all_inputs_count_where_least_is_found() -> None:
    both = detectable([claimed(0.999), claimed(0.7)], LEVELS)
    alone = detectable([claimed(0.7)] * 2, LEVELS)
    assert (both.bound, both.one) == (alone.bound, alone.one)
    assert 0 < both.every < alone.every


def test_too_few_votes_find_nothing() -> None:
    few = claimed(0.6, fresh=5)
    found = detectable([few], LEVELS)
    assert (found.bound, found.one, found.every) == (None, None, None)
    assert detectable([claimed(1.0), few], LEVELS).bound is None


def test_a_test_that_is_not_made_finds_nothing() -> None:
    found = detectable([claimed(0.9)], Levels(contradiction=0.001, same=0.0, pooled=0.0))
    assert found.bound is not None
    assert (found.one, found.every) == (None, None)


def test_inputs_without_votes_or_bound_hide_nothing() -> None:
    silent = Compared(stored=0, n=STORED, fresh=0, m=FRESH, p_lower=0.0)
    found = detectable([claimed(0.9), silent], LEVELS)
    alone = detectable([claimed(0.9)] * 2, LEVELS)
    assert (found.bound, found.one) == (alone.bound, alone.one)
    nothing = detectable([silent], LEVELS)
    assert (nothing.bound, nothing.one, nothing.every) == (None, None, None)
