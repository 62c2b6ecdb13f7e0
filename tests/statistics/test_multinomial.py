import pytest

from certiball import Votes
from certiball.errors import InputError
from certiball.statistics.binomial import lower_bound, upper_bound
from certiball.statistics.multinomial import simultaneous_bounds
from certiball.votes import Design


def test_every_bound_is_at_a_share_of_alpha():
    votes = Votes(counts=(60, 30, 10, 0))
    low, others = simultaneous_bounds(votes, 1, 0.04)
    assert low == lower_bound(30, 100, 0.01)
    assert others == tuple(upper_bound(count, 100, 0.01) for count in (60, 10, 0))


def test_refuses_stopped_votes_and_classes_that_do_not_exist():
    with pytest.raises(InputError, match="stopped by a rule"):
        simultaneous_bounds(Votes(counts=(9, 1), design=Design.STOPPED), 0, 0.05)
    with pytest.raises(InputError, match="class 2 is none of 0…1"):
        simultaneous_bounds(Votes(counts=(9, 1)), 2, 0.05)
