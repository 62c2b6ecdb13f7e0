import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certiball.errors import InputError
from certiball.spaces import Grid, Reals

GRID = Grid.uint8()


def test_floats_on_the_grid_become_levels_in_any_precision():
    levels = np.arange(256)
    for dtype in (np.float32, np.float64):
        assert (GRID.levels((levels / 255).astype(dtype)) == levels).all()
        assert (GRID.levels(levels.astype(dtype) * dtype(1 / 255)) == levels).all()
    assert (GRID.levels(levels.astype(np.uint8)) == levels).all()


@given(st.integers(0, 255), st.floats(1e-3, 0.49), st.sampled_from([np.float32, np.float64]))
def test_floats_off_the_grid_are_refused(level, part, dtype):
    value = dtype((level + part) / 255)
    with pytest.raises(InputError, match="is not on the grid 0, 1/255, …, 1|is outside"):
        GRID.levels(np.array([[value]]))


def test_the_first_offender_is_named():
    inputs = np.zeros((3, 2, 2))
    inputs[1, 0, 1], inputs[2, 1, 1] = 0.5, 0.7
    with pytest.raises(
        InputError, match=r"input 1 at \(0, 1\): 0.5 is not on .* \(and 1 more\); round"
    ):
        GRID.levels(inputs)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (np.array([[np.nan]]), "nan is not a finite number; repair the data"),
        (np.array([[np.inf]]), "inf is not a finite number"),
        (np.array([[2.0]]), "2.0 is outside of the grid .*levels run from 0 to 255"),
        (np.array([[256]]), "256 is outside of"),
        (np.array([[-1]]), "-1 is outside of"),
        (np.array([["a"]]), "inputs must be integers or floats"),
        (np.array([[True]]), "inputs must be integers or floats, not bool"),
        (np.array([[1j]]), "inputs must be integers or floats"),
    ],
)
def test_bad_inputs_of_a_grid(inputs, message):
    with pytest.raises(InputError, match=message):
        GRID.levels(inputs)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "grid", [GRID, Grid.unsigned(40), Grid(step=Fraction(7, 3000), low=-999, high=2**20)], ids=str
)
def test_the_nearest_level_is_the_nearest_and_not_nearly(grid, dtype):
    """|round(t)| ≤ |t| + ½, on which radii off the grid rest, leaves a quotient no rounding."""
    levels = np.random.default_rng(0).integers(grid.low, grid.high, 300).tolist()
    middles = np.array([dtype((level + Fraction(1, 2)) * grid.step) for level in levels])
    values = np.stack([np.nextafter(middles, dtype(end)) for end in (-1e9, 0, 1e9)] + [middles])
    exact = [[round(Fraction(float(value)) / grid.step) for value in row] for row in values]
    assert grid.round(values).tolist() == exact


def test_ties_go_to_the_even_level():
    grid = Grid.fixed_point(1, low=-4, high=4)
    assert grid.round(np.array([0.25, 0.75, -0.25, -0.75, 1.25])).tolist() == [0, 2, 0, -2, 2]


def test_rounding_takes_inputs_from_anywhere():
    values = np.array([[-0.3, 0.5004, 1.7]])
    assert GRID.round(values).tolist() == [[-76, 128, 433]]  # 1.7 as a float is less
    assert GRID.round(np.array([[3]], dtype=np.uint8)).tolist() == [[3]]
    with pytest.raises(InputError, match="finite"):
        GRID.round(np.array([np.nan]))
    with pytest.raises(InputError, match="grid steps away from 0"):
        GRID.round(np.array([1e30]))
    with pytest.raises(InputError, match="grid steps away from 0"):
        GRID.round(np.array([-(2**63)]))


@given(st.integers(-(2**15), 2**15 - 1))
def test_values_depend_on_the_integer_alone(level):
    bits = {
        GRID.values(np.array([level], dtype=dtype)).view(np.uint32).item()
        for dtype in (np.int16, np.int32, np.int64)
    }
    assert len(bits) == 1


def test_steps_that_are_no_unit_fractions():
    grid = Grid(step=Fraction(2, 51), low=-3, high=3)
    assert np.allclose(grid.values(np.arange(-3, 4)), np.arange(-3, 4) * 2 / 51, rtol=1e-7)
    assert grid.bounds == (float(Fraction(-6, 51)), float(Fraction(6, 51)))
    assert str(grid) == "the grid -2/17, -4/51, …, 2/17"


def test_types_that_cannot_hold_the_grid_are_refused():
    with pytest.raises(InputError, match="float16 cannot tell the points of .* give levels"):
        GRID.levels(np.array([0.0, 1.0], dtype=np.float16))
    with pytest.raises(InputError, match="is not on the grid"):
        GRID.levels(np.array([0.7539], dtype=np.float16))
    fine = Grid(step=Fraction(1, 3 * 2**22), low=0, high=3 * 2**22)
    with pytest.raises(InputError, match="float32 cannot tell the points"):
        fine.levels(np.array([0.7], dtype=np.float32))
    assert fine.levels(np.array([0.5])).tolist() == [3 * 2**21]


def test_grids_of_so_many_bits():
    assert Grid.uint8() == Grid.unsigned(8) == Grid(step=Fraction(1, 255), low=0, high=255)
    deep = Grid.unsigned(16)
    assert (deep.step, deep.low, deep.high) == (Fraction(1, 65_535), 0, 65_535)
    half = Grid.fixed_point(4, low=-2, high=3)
    assert (half.step, half.low, half.high) == (Fraction(1, 16), -32, 48)
    assert half.bounds == (-2.0, 3.0)
    for wrong in (0, -3, 41):
        with pytest.raises(InputError, match=f"bits must be from 1 to 40, not {wrong}"):
            Grid.unsigned(wrong)
    with pytest.raises(InputError, match="bits must be from 0 to 40"):
        Grid.fixed_point(41, low=0, high=1)
    with pytest.raises(InputError, match="needs low < high"):
        Grid.fixed_point(4, low=1, high=1)


@pytest.mark.parametrize("dtype", [np.uint16, np.uint32, np.int32, np.int64, np.uint64])
def test_integers_of_any_type_are_levels(dtype):
    deep = Grid.unsigned(16)
    levels = np.array([[0, 1, 32_768, 65_535]], dtype=dtype)
    assert deep.levels(levels).tolist() == levels.tolist()
    assert deep.round(levels).tolist() == levels.tolist()
    with pytest.raises(InputError, match="32768 is outside of the grid 0, 1/4095, …, 1"):
        Grid.unsigned(12).levels(levels)


@pytest.mark.parametrize(
    "grid",
    [Grid.unsigned(16), Grid.unsigned(12), Grid.fixed_point(12, low=-8, high=8)],
    ids=str,
)
def test_floats_of_deep_images_come_back_as_their_levels(grid):
    levels = np.arange(grid.low, grid.high + 1)
    assert (grid.levels(grid.values(levels)) == levels).all()
    assert (grid.levels(levels * float(grid.step)) == levels).all()
    with pytest.raises(InputError, match="is not on the grid"):
        grid.levels(np.array([[0.5 * float(grid.step)]], dtype=np.float32))


def test_large_unsigned_integers_do_not_wrap_around():
    grid = Grid(step=Fraction(1), low=-5, high=5)
    with pytest.raises(InputError, match="18446744073709551615 is outside"):
        grid.levels(np.array([2**64 - 1], dtype=np.uint64))


def test_floats_that_overflow_float32_are_refused():
    with pytest.raises(InputError, match=r"1e\+39 is not a finite number in float32"):
        Reals().check(np.array([[1e39]]))


def test_bad_spaces():
    with pytest.raises(InputError, match="step must be > 0, not 0"):
        Grid(step=Fraction(0), low=0, high=1)
    with pytest.raises(InputError, match="low < high, not 5 and 5"):
        Grid(step=Fraction(1, 2), low=5, high=5)
    with pytest.raises(InputError, match="a ratio of shorter numbers"):
        Grid(step=Fraction(1, 10**40), low=0, high=5)
    with pytest.raises(InputError, match="use a coarser grid"):
        Grid(step=Fraction(1), low=0, high=2**63)
    with pytest.raises(InputError, match="low < high"):
        Reals(low=1.0, high=0.0)


def test_reals():
    space = Reals(low=0.0, high=1.0)
    assert space.check(np.array([[0.25]])).dtype == np.float32
    assert space.bounds == (0.0, 1.0)
    for wrong, message in (
        (np.array([[3]]), "integers have a grid"),
        (np.array([[np.nan]]), "nan is not a finite number"),
        (np.array([[1.5]]), r"1.5 is outside of the real interval \[0, 1\]"),
    ):
        with pytest.raises(InputError, match=message):
            space.check(wrong)


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.tuples(finite, finite).filter(lambda pair: pair[0] < pair[1]))
def test_bounds_of_reals_are_read_back_from_their_text(pair):
    text = str(Reals(low=pair[0], high=pair[1]))
    low, high = text.removeprefix("the real interval [").removesuffix("]").split(", ")
    assert (float(low), float(high)) == pair


def test_the_text_of_usual_reals_stays():
    # Keys of noise are made from it, and votes are drawn again by them.
    texts = {
        "[0, 1]": (0.0, 1.0),
        "[-1, 1]": (-1.0, 1.0),
        "[-0.5, 0.5]": (-0.5, 0.5),
        "[0, 255]": (0.0, 255.0),
        "[-2.1179, 2.64]": (-2.1179, 2.64),
        "[-inf, inf]": (-math.inf, math.inf),
        "[0, 1e+06]": (0.0, 1e6),
    }
    assert [f"the real interval {text}" for text in texts] == [
        str(Reals(low=low, high=high)) for low, high in texts.values()
    ]
    # By six digits, these were equal.
    assert str(Reals(low=0.0, high=1.0000001)) == "the real interval [0, 1.0000001]"
