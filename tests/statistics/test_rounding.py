import math
import sys
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certiball.errors import InputError
from certiball.statistics.rounding import (
    down,
    exact_down,
    exact_up,
    format_down,
    format_up,
    fraction_down,
    fraction_up,
    parse_down,
    root_up,
    up,
)

finite = st.floats(-1e6, 1e6)


@given(finite)
def test_down_and_up_enclose(value):
    assert down(value) < value < up(value)


@given(st.fractions(-1000, 1000))
def test_fractions_become_the_nearest_float_on_the_safe_side(value):
    low, high = fraction_down(value), fraction_up(value)
    assert Fraction(low) <= value <= Fraction(high)
    assert high <= math.nextafter(low, math.inf)


def test_zero_has_no_sign():
    assert math.copysign(1, fraction_up(Fraction(0))) == 1
    assert math.copysign(1, fraction_down(Fraction(0))) == 1


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_all_digits_of_a_float_are_on_their_side(value):
    low, high = exact_down(value), exact_up(value)
    assert Fraction(low) <= Fraction(value) <= Fraction(high)
    assert float(low) == float(high) == value


def test_zero_has_one_text_whatever_was_asked_first():
    assert [exact_down(value) for value in (-0.0, 0.0, -0.0)] == ["0.0"] * 3
    exact_down.cache_clear()
    assert [exact_down(value) for value in (0.0, -0.0)] == ["0.0"] * 2


@given(finite, st.integers(0, 8))
def test_printed_digits_enclose(value, digits):
    low, high = Fraction(format_down(value, digits)), Fraction(format_up(value, digits))
    assert low <= Fraction(value) <= high
    assert high - low <= Fraction(1, 10**digits)


def test_digits_by_hand():
    assert format_down(0.99999, 3) == "0.999"
    assert format_down(2.0, 0) == "2"
    assert format_down(-0.12345, 2) == "-0.13"
    assert format_up(0.1, 2) == "0.11"  # the float 0.1 lies above one tenth
    assert parse_down("0.1") == math.nextafter(0.1, 0)
    assert parse_down("0.5") == 0.5


def test_no_digits_for_what_is_not_finite():
    with pytest.raises(InputError, match="must be finite, not inf"):
        format_down(math.inf)


@given(st.fractions(0, 10**9))
def test_roots_are_upper_bounds_and_exact_where_there_is_one(value):
    root = root_up(value)
    assert value <= root**2 <= value * (1 + Fraction(1, 2**91))
    assert root_up(value**2) == value


@pytest.mark.parametrize("value", [1, 2, 64, 3072, 150_528, 10**9 + 7, Fraction(1, 10**40)])
def test_roots_by_hand(value):
    assert value <= root_up(value) ** 2 < value * (1 + Fraction(1, 2**91))
    assert root_up(Fraction(value) ** 2) == value


def test_fractions_beyond_all_floats_stay_on_their_side():
    huge = Fraction(10**400)
    assert (fraction_down(huge), fraction_up(huge)) == (sys.float_info.max, math.inf)
    assert (fraction_down(-huge), fraction_up(-huge)) == (-math.inf, -sys.float_info.max)
    tiny = 1 / huge
    assert (fraction_down(tiny), fraction_up(tiny)) == (0.0, math.ulp(0.0))
    assert fraction_down(-tiny) == -math.ulp(0.0)
