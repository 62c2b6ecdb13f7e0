from fractions import Fraction

import numpy as np
import pytest

from certiball.datasets.arrays import ArrayDataset
from certiball.datasets.names import numbered_classes
from certiball.errors import InputError
from certiball.spaces import Grid, Reals


def make(**changes):
    fields = {
        "name": "toy",
        "space": Grid.uint8(),
        "classes": ("a", "b"),
        "inputs": np.array([[0, 1], [254, 255]], dtype=np.uint8),
        "labels": np.array([0, 1]),
    }
    return ArrayDataset(**{**fields, **changes})


def test_items_are_levels_and_labels():
    data = make()
    assert len(data) == 2
    item, label = data[1]
    assert item.tolist() == [254, 255]
    assert item.dtype == np.uint8
    assert label == 1
    assert type(label) is int


def test_arrays_cannot_be_written_to_and_the_callers_still_can():
    mine = np.array([[0, 1], [254, 255]], dtype=np.uint8)
    data = make(inputs=mine)
    with pytest.raises(ValueError, match="read-only"):
        data.inputs[0, 0] = 9
    mine[0, 0] = 1


def test_floats_on_the_grid_become_levels():
    data = make(inputs=np.array([[0.0, 1 / 255], [0.5 / 255 * 2, 1.0]], dtype=np.float32))
    assert data.inputs.tolist() == [[0, 1], [1, 255]]
    assert data.inputs.dtype == np.uint8


@pytest.mark.parametrize(
    ("high", "dtype"),
    [(255, np.uint8), (256, np.int16), (2**20, np.int32), (2**40, np.int64)],
)
def test_levels_are_held_in_the_smallest_type_that_holds_the_grid(high, dtype):
    space = Grid(step=Fraction(1, 256), low=0, high=high)
    assert make(space=space).inputs.dtype == dtype


def test_real_inputs_stay_floats():
    data = make(space=Reals(low=0.0, high=1.0), inputs=np.array([[0.1], [0.2]]))
    assert data.inputs.dtype == np.float32


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inputs": np.zeros((0, 2), np.uint8)}, r"toy is empty \(shape \(0, 2\)\): give at least"),
        ({"inputs": np.array(3)}, "toy is empty"),
        ({"labels": np.array([0])}, "2 inputs and 1 labels: give one label"),
        ({"labels": np.array([0, 2])}, r"label 1 of toy is 2, out of range for 2 classes: .* 0 to"),
        ({"labels": np.array([-1, 0])}, "label 0 of toy is -1, out of range"),
        ({"labels": np.array([0.0, 1.0])}, "labels of toy are float64, not integers"),
        ({"labels": np.eye(2, dtype=int)}, r"shape \(2, 2\), not \(n,\).*one-hot"),
        ({"inputs": np.array([[0], [256]])}, "input 1 at .*256 is outside of"),
        ({"inputs": np.array([[0.0], [0.3]])}, "is not on the grid"),
        ({"inputs": np.array([[0.0], [np.nan]])}, "is not a finite number"),
        ({"space": Reals()}, "must be floats, not uint8.*state a Grid"),
        ({"space": Reals(), "inputs": np.array([[0.0], [np.inf]])}, "is not a finite number"),
    ],
)
def test_bad_data_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        make(**changes)


def test_classes_without_names_are_numbered():
    assert numbered_classes(np.array([0, 2])) == ("0", "1", "2")
    assert len(numbered_classes(np.array([1]), at_least=10)) == 10
    assert numbered_classes(np.array([], dtype=int)) == ("0",)
