"""Numbers as users give them, as plain Python numbers: equal ones then have equal texts."""

import operator
import re
from fractions import Fraction
from typing import Any

from certiball.errors import InputError

# Of a fraction's text: 1e999999999 is short, and a number that no memory holds.
_FRACTION = re.compile(r"\s*[-+]?\d{0,40}(\.\d{0,40})?([eE][-+]?\d{1,2})?(/\d{1,40})?\s*", re.ASCII)


def as_float(name: str, value: Any) -> float:
    """A real number as a float.

    Raises:
        InputError: if it is none.

    Example:
        >>> as_float("sigma", 1)
        1.0
    """
    try:
        if isinstance(value, bool):
            raise TypeError
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be a number, not {value!r}") from None


def as_whole(name: str, value: Any) -> int:
    """A whole number as an int; 1e3 is none, for floats are not exact.

    Raises:
        InputError: if it is none.

    Example:
        >>> as_whole("n", 1000)
        1000
    """
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)
    except TypeError:
        raise InputError(f"{name} must be a whole number such as 1000, not {value!r}") from None


def as_fraction(name: str, value: Any) -> Fraction:
    """An exact number as a fraction; floats are refused, for 1/255 as a float is another number.

    Raises:
        InputError: if it is not exact.

    Example:
        >>> as_fraction("step", "1/255")
        Fraction(1, 255)
    """
    if isinstance(value, float):
        raise InputError(f"{name} must be exact, not {value!r}: give a Fraction such as 1/255")
    try:
        if isinstance(value, str) and _FRACTION.fullmatch(value) is None:
            raise ValueError
        return Fraction(value)
    except (TypeError, ValueError, ZeroDivisionError):
        raise InputError(f"{name} must be a Fraction such as 1/255, not {value!r}") from None
