"""The one place where a bound becomes a float or a text: always towards safety.

Lower bounds and radii go down, upper bounds and distances go up, here and nowhere else.
"""

import math
import sys
from collections.abc import Callable
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction

from certiball.errors import InputError

# What scipy.special's double-precision functions may be off by, relatively; the largest error
# against 60-digit arithmetic in our tests is below a quarter of it.
FUNCTION_ERROR = 2.0**-48


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
    return nearest if Fraction(nearest) <= value else math.nextafter(nearest, -math.inf)


def fraction_up(value: Fraction) -> float:
    """The smallest float that is not below an exact fraction."""
    return -fraction_down(-value)


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
    context = Context(prec=digits, rounding=ROUND_CEILING)
    return str(context.create_decimal(Decimal(value)))


def parse_down(text: str) -> float:
    """The largest float not above the decimal number that a text states."""
    return fraction_down(Fraction(text))


def _format(value: float, digits: int, towards: Callable[[Fraction], int]) -> str:
    if not math.isfinite(value):
        raise InputError(f"a bound to print must be finite, not {value}")
    whole = towards(Fraction(value) * 10**digits)
    sign = "-" if whole < 0 else ""
    integer, decimals = divmod(abs(whole), 10**digits)
    return f"{sign}{integer}.{decimals:0{digits}d}" if digits else f"{sign}{integer}"
