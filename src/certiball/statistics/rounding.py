"""The one place where a bound becomes a float or a text: always towards safety.

Lower bounds and radii go down, upper bounds and distances go up, here and nowhere else.
"""

import math
import sys
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from functools import lru_cache

from certiball.errors import InputError

# What scipy.special's double-precision functions may be off by, relatively; the largest error
# against 60-digit arithmetic in our tests is below a quarter of it.
FUNCTION_ERROR = 2.0**-48
KEPT = 2**17  # texts of floats; a table has few different bounds


def down(value: float, relative: float = FUNCTION_ERROR) -> float:
    """A float below a positive quantity that `value` approximates to a relative error."""
    return math.nextafter(value - abs(value) * relative, -math.inf)


def up(value: float, relative: float = FUNCTION_ERROR) -> float:
    """A float above a quantity that `value` approximates to a relative error."""
    return math.nextafter(value + abs(value) * relative, math.inf)


def fraction_down(value: Fraction) -> float:
    """The largest float that is not above an exact fraction."""
    try:
        nearest = float(value)
    except OverflowError:
        return sys.float_info.max if value > 0 else -math.inf
    over, under = nearest.as_integer_ratio()  # whole numbers compare faster than fractions
    not_above = over * value.denominator <= value.numerator * under
    return nearest if not_above else math.nextafter(nearest, -math.inf)


def fraction_up(value: Fraction) -> float:
    """The smallest float that is not below an exact fraction; of 0 it is 0.0, never -0.0."""
    return 0.0 - fraction_down(-value)


def root_up(value: Fraction | int) -> Fraction:
    """The square root of an exact number ≥ 0, or less than 2⁻⁹² of it more where it has none.

    Example:
        >>> root_up(64), root_up(Fraction(1, 9))
        (Fraction(8, 1), Fraction(1, 3))
    """
    square = value.numerator * value.denominator  # √(a/b) = √(ab)/b
    root = math.isqrt(square)
    if root**2 == square:
        return Fraction(root, value.denominator)
    # 186 more bits of the square are 93 more of the root, and one unit of the last is added.
    return Fraction(math.isqrt(square << 186) + 1, value.denominator << 93)


def format_down(value: float, digits: int = 4) -> str:
    """Decimal digits that claim no more than `value` does: cut, never rounded to nearest.

    Example:
        >>> format_down(0.89996, digits=3)
        '0.899'
    """
    return _format(value, digits, math.floor)


def format_up(value: float, digits: int = 4) -> str:
    """Decimal digits not below `value`, for upper bounds and distances.

    Example:
        >>> format_up(0.12, digits=4)
        '0.1200'
        >>> format_up(0.12001, digits=4)
        '0.1201'
    """
    return _format(value, digits, math.ceil)


def significant_up(value: float, digits: int = 2) -> str:
    """Significant digits not below a number ≥ 0, for p-values and levels.

    Example:
        >>> significant_up(0.00101)
        '0.0011'
        >>> significant_up(4.11e-12)
        '4.2E-12'
    """
    return _cut(Decimal(value), digits, ROUND_CEILING)


@lru_cache(maxsize=KEPT)
def exact_down(value: float) -> str:
    """The float itself in decimals, none of which claims more: for lower bounds and radii.

    A float's shortest text can be above it, though the nearest float is that one: .1 lies above
    the text 0.1, and .3 below the text 0.3. The text gives the same float back, but for the sign
    of 0.

    Raises:
        InputError: if the value is not finite.

    Example:
        >>> exact_down(0.1), exact_down(0.3)
        ('0.1', '0.29999999999999998')
    """
    return _exact(value, ROUND_FLOOR)


@lru_cache(maxsize=KEPT)
def exact_up(value: float) -> str:
    """The same, never below the float: for upper bounds."""
    return _exact(value, ROUND_CEILING)


def parse_down(text: str) -> float:
    """The largest float not above the decimal number that a text states."""
    return fraction_down(Fraction(text))


def _exact(value: float, rounding: str) -> str:
    if not math.isfinite(value):
        raise InputError(f"a bound must be finite, not {value}")
    value += 0.0  # -0 is equal to 0, so what is kept for one is given for the other
    exact, short = Decimal(value), Decimal(repr(value))
    if short == exact or (short < exact) == (rounding == ROUND_FLOOR):
        return repr(value)
    digits = 17  # mostly enough
    while float(text := _cut(exact, digits, rounding)) != value:
        digits += 1
    return text


def _cut(exact: Decimal, digits: int, rounding: str) -> str:
    return str(Context(prec=digits, rounding=rounding).create_decimal(exact))


def _format(value: float, digits: int, towards: Callable[[Fraction], int]) -> str:
    if not math.isfinite(value):
        raise InputError(f"a bound to print must be finite, not {value}")
    whole = towards(Fraction(value) * 10**digits)
    sign = "-" if whole < 0 else ""
    integer, decimals = divmod(abs(whole), 10**digits)
    return f"{sign}{integer}.{decimals:0{digits}d}" if digits else f"{sign}{integer}"
