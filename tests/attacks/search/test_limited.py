"""Searches that end by themselves."""

import numpy as np
import pytest

from attacks.half_spaces import drive
from certiball.attacks.search.ask import Ask
from certiball.attacks.search.limited import limited


def sevens(rounds):
    """Asks for seven points at a time, and believes the last of them."""
    best = None
    for number in range(rounds):
        yield Ask(points=np.full((7, 2), float(number)), best=best)
        best = np.full(2, float(number))
    return best


@pytest.mark.parametrize(
    ("queries", "asked", "best"), [(6, 0, None), (7, 1, 0), (20, 2, 1), (21, 3, 2), (99, 4, 3)]
)
def test_no_more_is_asked_and_the_best_so_far_is_returned(queries, asked, best):
    search = limited(sevens(4), queries)
    if not asked:
        with pytest.raises(StopIteration) as end:
            next(search)
        assert end.value.value is None
        return
    asks, found = drive(search, lambda p: np.ones(len(p), dtype=bool))
    assert len(asks) == asked
    np.testing.assert_array_equal(found, np.full(2, float(best)))
