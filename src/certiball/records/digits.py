"""Floats as decimal texts that give the same float back and lie on the side that is asked for."""

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from functools import lru_cache

from certiball.errors import InputError

KEPT = 2**17  # texts; a table has few different bounds


@lru_cache(maxsize=KEPT)
def exact_down(value: float) -> str:
    """The float itself in decimals, none of which claims more: for lower bounds and radii.

    A float's shortest text can be above it, though the nearest float is that one: .1 lies above
    the text 0.1, and .3 below the text 0.3.

    Example:
        >>> exact_down(0.1), exact_down(0.3)
        ('0.1', '0.29999999999999998')
    """
    return _text(value, ROUND_FLOOR)


@lru_cache(maxsize=KEPT)
def exact_up(value: float) -> str:
    """The same, never below the float: for upper bounds."""
    return _text(value, ROUND_CEILING)


def _text(value: float, rounding: str) -> str:
    if not math.isfinite(value):
        raise InputError(f"a bound must be finite, not {value}")
    exact, short = Decimal(value), Decimal(repr(value))
    if short == exact or (short < exact) == (rounding == ROUND_FLOOR):
        return repr(value)
    digits = 17  # mostly enough
    while float(text := _cut(exact, digits, rounding)) != value:
        digits += 1
    return text


def _cut(exact: Decimal, digits: int, rounding: str) -> str:
    return str(Context(prec=digits, rounding=rounding).create_decimal(exact))
