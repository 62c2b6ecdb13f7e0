"""What numbers the parameters of a law may be."""

import math

from certiball.errors import InputError
from certiball.numbers import as_float


def as_scale(name: str, value: object) -> float:
    """A parameter in the units of the inputs' space: finite and positive.

    Raises:
        InputError: if it is not.

    Example:
        >>> as_scale("scale", 1)
        1.0
    """
    units = "it has the units of the inputs, and .1 to 1 are usual for images in [0, 1]"
    return as_positive(name, value, units)


def as_positive(name: str, value: object, advice: str) -> float:
    """A finite and positive parameter of any kind.

    Raises:
        InputError: if it is not, with the advice.
    """
    number = as_float(name, value)
    if math.isfinite(number) and number > 0:
        return number
    raise InputError(f"{name} must be finite and > 0, not {number}; {advice}")
