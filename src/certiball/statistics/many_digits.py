"""Formulas in 60 decimal digits, for what is computed once and must not be blurred by float64."""

from decimal import Context, Decimal
from fractions import Fraction

from certiball.statistics.rounding import fraction_down

DIGITS = Context(prec=60)
ERROR = Fraction(1, 10**40)  # relative, of a few operations that lose few digits


def as_decimal(value: Fraction) -> Decimal:
    """A fraction in 60 digits."""
    return DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))


def decimal_down(value: Decimal) -> float:
    """A float not above a positive quantity that a few such operations have computed.

    Example:
        >>> decimal_down(Decimal(2).sqrt(DIGITS)) ** 2 < 2
        True
    """
    return fraction_down(Fraction(value) * (1 - ERROR))
