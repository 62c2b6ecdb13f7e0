"""What laws about images ask of a shape, and of a parameter's spread."""

import math
from fractions import Fraction

from certiball.errors import InputError
from certiball.numbers import as_float


def image_shape(law: object, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape itself, if it is one of images: [C, H, W] or [H, W].

    Raises:
        InputError: for any other.
    """
    if len(shape) not in (2, 3):
        raise InputError(
            f"{law} is for images [C, H, W] or [H, W], not for inputs of shape {list(shape)}: "
            "reshape them, or take another law"
        )
    return shape


def spread(name: str, value: float) -> float:
    """A parameter of a law as a float, if it is finite and > 0.

    Raises:
        InputError: if it is not.
    """
    number = as_float(name, value)
    if not (math.isfinite(number) and number > 0):
        raise InputError(f"{name} must be finite and > 0, not {number}")
    return number


def no_grid(law: object, step: Fraction | None) -> Fraction:
    """No slack in the reals; on a grid there is no such law.

    Raises:
        InputError: on a grid.
    """
    if step is not None:
        raise InputError(
            f"{law} leaves every grid, for what it makes of an image is no multiple of {step}: "
            "use --space reals:LOW:HIGH, and see that its certificate covers no image that was "
            "rounded afterwards"
        )
    return Fraction(0)
