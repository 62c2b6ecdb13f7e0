"""Shapes of inputs of which some pixels are not seen: each channel x becomes two, x and 1 − x.

A pixel that is not seen is 0 in all of them, which no seen pixel is (arXiv 1911.09272).
"""

import math

from certiball.errors import InputError
from certiball.laws.images import channels_first


def encoded_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Shape of the encoding: [C, H, W] → [2C, H, W], [H, W] → [2, H, W], [d] → [2, d].

    Raises:
        InputError: for any other number of axes, and for images [H, W, C].

    Example:
        >>> encoded_shape((3, 32, 32)), encoded_shape((784,))
        ((6, 32, 32), (2, 784))
    """
    channels, *places = _channels_first(shape)
    return (2 * channels, *places)


def pixels_of(shape: tuple[int, ...]) -> int:
    """How many pixels an input has; the channels of one are seen together or not at all.

    Raises:
        InputError: as `encoded_shape`.

    Example:
        >>> pixels_of((3, 32, 32)), pixels_of((784,))
        (1024, 784)
    """
    return math.prod(_channels_first(shape)[1:])


def _channels_first(shape: tuple[int, ...]) -> tuple[int, ...]:
    if len(shape) not in (1, 2, 3):
        raise InputError(
            f"inputs of which pixels are seen or not must be images [C, H, W] or [H, W], or flat "
            f"[d], not of shape {shape}"
        )
    return channels_first(shape) if len(shape) == 3 else (1, *shape)
