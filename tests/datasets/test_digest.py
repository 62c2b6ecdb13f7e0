from fractions import Fraction

import numpy as np
import pytest

from certiball.datasets.arrays import ArrayDataset
from certiball.datasets.digest import digest
from certiball.datasets.select import select
from certiball.errors import InputError
from certiball.spaces import Grid, Reals

PIXELS = np.array([[[0, 1], [2, 3]], [[4, 5], [6, 255]]], dtype=np.uint8)


def data(inputs=PIXELS, labels=(0, 1), space=None, name="a"):
    return ArrayDataset(
        name=name,
        space=space or Grid.uint8(),
        classes=("x", "y"),
        inputs=inputs,
        labels=np.array(labels),
    )


def both(dataset):
    return digest(dataset, [0, 1])


def test_it_is_fixed_for_ever():
    assert both(data()) == FIXED


def test_the_type_and_the_name_do_not_enter():
    assert both(data(PIXELS.astype(np.int64), name="b")) == FIXED
    assert both(data((PIXELS / 255).astype(np.float32))) == FIXED


@pytest.mark.parametrize(
    "other",
    [
        data(np.where(PIXELS == 3, 4, PIXELS)),
        data(labels=(0, 0)),
        data(PIXELS.reshape(2, 4)),
        data(PIXELS.reshape(2, 1, 2, 2)),
        data(space=Grid(step=Fraction(1, 256), low=0, high=255)),
        data(space=Grid(step=Fraction(1, 255), low=0, high=256)),
        data(PIXELS[::-1], labels=(1, 0)),
    ],
)
def test_everything_else_does(other):
    assert both(other) != FIXED


def test_order_and_choice_enter():
    assert len({digest(data(), chosen) for chosen in ([0], [1], [0, 1], [1, 0])}) == 4


def test_reals_have_one_zero_and_their_own_interval():
    values = np.array([[0.0], [0.5]], dtype=np.float32)
    first = both(data(values, space=Reals(low=0.0, high=1.0)))
    assert first == both(data(-values * [[1], [-1]], space=Reals(low=0.0, high=1.0)))
    assert first != both(data(values, space=Reals()))


def test_an_empty_selection_is_refused():
    with pytest.raises(InputError, match="no inputs are selected"):
        digest(data(), [])


def test_every_and_first():
    assert list(select(10)) == list(range(10))
    assert list(select(10, every=4)) == [0, 4, 8]
    assert list(select(10, every=4, first=2)) == [0, 4]
    assert list(select(3, first=9)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"count": 10, "every": 0}, "every must be at least 1, not 0"),
        ({"count": 10, "first": 0}, "first must be at least 1, not 0"),
        ({"count": 0}, "no inputs are selected out of 0"),
    ],
)
def test_bad_selections_are_refused(arguments, message):
    count = arguments.pop("count")
    with pytest.raises(InputError, match=message):
        select(count, **arguments)


FIXED = "0036b7d253a93a55d826615c745620405aaa15be9d44d7cd108a456c38667a5b"
