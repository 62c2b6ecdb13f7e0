"""What laws about images ask of a shape, and of a parameter's spread."""

import math
from fractions import Fraction

from certiball.errors import InputError
from certiball.numbers import as_float

CHANNELS = (1, 3, 4)  # of most images
SMALL = 4  # no image that anyone means has so few rows, and a test's has


def channels_first(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape itself, unless it is one of an image whose last axis are its channels.

    As [C, H, W] that would be read as an image a few columns wide, and what is said of pixels,
    columns or rolls of it would be said of something else.

    Raises:
        InputError: for such a shape.

    Example:
        >>> channels_first((3, 32, 32))
        (3, 32, 32)
    """
    if len(shape) == 3 and min(shape[:2]) > SMALL and shape[2] in CHANNELS:
        raise InputError(
            f"inputs of shape {list(shape)} have their channels last, and images are [C, H, W] "
            "here: give x.transpose(0, 3, 1, 2), to a model that takes them so"
        )
    return shape


def image_shape(law: object, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape itself, if it is one of images: [C, H, W] or [H, W].

    Raises:
        InputError: for any other, and for images [H, W, C].
    """
    if len(shape) not in (2, 3):
        raise InputError(
            f"{law} is for images [C, H, W] or [H, W], not for inputs of shape {list(shape)}: "
            "reshape them, or take another law"
        )
    return channels_first(shape)


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
