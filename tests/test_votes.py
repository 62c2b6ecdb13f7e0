import pytest

from certiball.errors import InputError
from certiball.votes import Design, Votes, merge


def test_winner_and_runner_up_break_ties_to_the_lower_class():
    votes = Votes(counts=(2, 5, 5, 1))
    assert (votes.total, votes.winner, votes.runner_up) == (13, 1, 2)
    assert Votes(counts=(0, 0)).runner_up == 1
    assert Votes(counts=(7, 1, 7)).runner_up == 2


def test_merging_adds():
    assert merge(Votes(counts=(1, 2)), Votes(counts=(3, 4))) == Votes(counts=(4, 6))


def test_stopped_votes_do_not_merge():
    stopped = Votes(counts=(1, 2), design=Design.STOPPED)
    with pytest.raises(InputError, match="cannot be merged"):
        merge(stopped, Votes(counts=(1, 2)))


def test_bad_votes():
    with pytest.raises(InputError, match="at least 2 classes, not 1"):
        Votes(counts=(3,))
    with pytest.raises(InputError, match="must be ≥ 0, not -1"):
        Votes(counts=(3, -1))
    with pytest.raises(InputError, match="2 and 3 classes"):
        merge(Votes(counts=(1, 2)), Votes(counts=(1, 2, 3)))
