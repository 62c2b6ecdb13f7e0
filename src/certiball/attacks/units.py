"""Encoded inputs in the units of their space: values to reckon with, and distances."""

import numpy as np

from certiball.balls import Norm, distance_up
from certiball.shapes import Array, Batch
from certiball.spaces import Grid, Space


def plain(space: Space, encoded: Batch) -> Batch:
    """Encoded inputs as float64, in the units of the space.

    Example:
        >>> plain(Grid.uint8(), np.array([[0, 255]])).tolist()
        [[0.0, 1.0]]
    """
    values: Batch = encoded.astype(np.float64)
    return values * float(space.step) if isinstance(space, Grid) else values


def length_between(space: Space, first: Array, second: Array, norm: Norm) -> float:
    """How far two encoded inputs [...] of a space are from each other, rounded up.

    Example:
        >>> length_between(Grid.uint8(), np.array([0, 0]), np.array([153, 204]), Norm.L2)
        1.0
    """
    return distance_up(first, second, norm, space.step if isinstance(space, Grid) else 1)
