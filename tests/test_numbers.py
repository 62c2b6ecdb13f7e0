from fractions import Fraction

import numpy as np
import pytest

from certiball.errors import InputError
from certiball.numbers import as_float, as_fraction, as_whole


def test_equal_numbers_become_equal_python_numbers():
    assert repr(as_float("sigma", np.float32(0.25))) == repr(as_float("sigma", 0.25)) == "0.25"
    assert repr(as_float("sigma", 1)) == "1.0"
    assert type(as_whole("n", np.int64(7))) is int
    assert as_fraction("step", "1/255") == as_fraction("step", Fraction(1, 255))


def test_what_is_no_such_number_is_refused_by_name():
    with pytest.raises(InputError, match="sigma must be a number, not 'a'"):
        as_float("sigma", "a")
    with pytest.raises(InputError, match="sigma must be a number, not True"):
        as_float("sigma", True)
    with pytest.raises(InputError, match="n must be a whole number such as 1000, not 1000.0"):
        as_whole("n", 1e3)
    with pytest.raises(InputError, match="n must be a whole number .* not True"):
        as_whole("n", True)
    with pytest.raises(InputError, match="step must be exact, not 0.00390625: give a Fraction"):
        as_fraction("step", 1 / 256)
    with pytest.raises(InputError, match="step must be a Fraction such as 1/255, not 'a'"):
        as_fraction("step", "a")
