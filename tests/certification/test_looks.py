from itertools import pairwise

import pytest

from certiball.certification.looks import LOOK, is_look, looks, next_look

SIZES = [1, 31, 32, 33, 63, 64, 1000, 10_000, 100_000, 10**6]


@pytest.mark.parametrize("most", SIZES)
def test_looks_are_whole_chunks_up_to_the_most(most):
    schedule = looks(most)
    assert schedule[-1] == most
    assert list(schedule) == sorted(set(schedule))
    assert all(look % LOOK == 0 for look in schedule[:-1])


@pytest.mark.parametrize("most", SIZES)
def test_each_look_is_soon_after_the_one_before(most):
    schedule = looks(most)
    for before, after in pairwise(schedule):
        assert after - before <= max(LOOK, before / 16)
    assert len(schedule) <= 150


def test_the_next_look_is_beyond_what_there_is():
    schedule = looks(5000)
    for votes in (0, 1, 31, 32, 33, 1000, 4999, 5000, 6000):
        later = [look for look in schedule if look > votes]
        assert next_look(5000, votes) == (later[0] if later else 5000)
        assert is_look(5000, votes) == (votes in schedule)
