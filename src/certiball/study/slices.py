"""Figure 2: the labels of a plane through an image, without noise and under it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from certiball.attacks.oracle import Oracle
from certiball.errors import InputError
from certiball.shapes import Array, Batch
from certiball.study.asking import answers

RING = 24  # points of a circle that is looked at
BEHIND = 1 / 3  # so many of them of another class: wide enough
DOUBLINGS = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Slice:
    """A map of labels.

    Args:
        half: half of its side, in the units of the inputs; the image is in the middle.
        maps: labels int64 [side, side] by title, rows upwards.
    """

    half: float
    maps: dict[str, Array]


def slice_through(
    oracles: Mapping[str, Oracle], x: Array, *, side: int, start: float, seed: int
) -> Slice:
    """The labels on a square around an image, in two random directions at right angles.

    The square is as large as it takes for a third of the circle in it to have another label,
    by the first oracle; its points may leave the box.

    Args:
        oracles: by title; the first decides how large it is.
        x: the image [...], in the units of the space.
        side: points along a side.
        start: the first half side that is tried, then twice as much and so on.
        seed: of the two directions.

    Raises:
        InputError: if there is no oracle, or the side is below 3.
    """
    if not oracles or side < 3:
        raise InputError(f"a map needs an oracle and a side of at least 3 points, not {side}")
    first = next(iter(oracles.values()))
    frame = _frame(x, seed)
    half = _half(first, x, frame, start)
    axis = np.linspace(-half, half, side)
    across, up = np.meshgrid(axis, axis)
    points = _points(x, frame, across.reshape(-1), up.reshape(-1))
    maps = {
        title: answers(oracle, points, times=1).reshape(side, side)
        for title, oracle in oracles.items()
    }
    return Slice(half=half, maps=maps)


def _frame(x: Array, seed: int) -> Array:
    """Two directions [2, d] at right angles, of length 1."""
    drawn = np.random.Generator(np.random.Philox(key=seed)).standard_normal((x.size, 2))
    return np.ascontiguousarray(np.linalg.qr(drawn)[0].T)


def _points(x: Array, frame: Array, across: Array, up: Array) -> Batch:
    steps = across[:, None] * frame[0] + up[:, None] * frame[1]
    points: Batch = x.astype(np.float64) + steps.reshape(-1, *x.shape)
    return points


def _half(oracle: Oracle, x: Array, frame: Array, start: float) -> float:
    label = answers(oracle, x.astype(np.float64)[None], times=1)[0, 0]
    angles = np.linspace(0, 2 * np.pi, RING, endpoint=False)
    half = start
    for _ in range(DOUBLINGS):
        circle = _points(x, frame, half * np.cos(angles), half * np.sin(angles))
        if (answers(oracle, circle, times=1) != label).mean() >= BEHIND:
            break
        half *= 2
    return half
