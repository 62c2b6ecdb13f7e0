"""Pixels as a model sees them that does not see all: each channel x as x − low and high − x.

Their sum is high − low, so no pixel is 0 in both, wherever the input lies: that is what a pixel
looks like of which nothing is seen.
"""

import math

import numpy as np

from certiball.errors import InputError
from certiball.shapes import Array, Rows
from certiball.spaces import Grid, Space


def null_encoded(space: Space, clean: Array, pixels: int) -> Rows:
    """The 2C channels of an input, each [pixels]: first all x − low, then all high − x.

    Args:
        space: its ends are low and high; in [0, 1] the channels are x and 1 − x.
        clean: levels or values [C · pixels].
        pixels: of the input.

    Raises:
        InputError: if the space has no ends.
    """
    channels = clean.reshape(-1, pixels)
    if isinstance(space, Grid):
        return space.values(np.concatenate([channels - space.low, space.high - channels]))
    if math.isinf(space.low) or math.isinf(space.high):
        raise InputError(
            f"pixels are shown as x − low and high − x, and {space} has no such ends: state the "
            "space as Reals(low=0, high=1) or by a Grid"
        )
    low, high = np.float32(space.low), np.float32(space.high)
    encoded: Rows = np.concatenate([channels - low, high - channels]).astype(np.float32)
    return encoded
