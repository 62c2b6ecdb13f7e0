"""Where a search begins: a point that is answered adversarially."""

from collections.abc import Callable

import numpy as np

from certiball.attacks.ask import Ask, Part, Task
from certiball.shapes import Array

DRAWS = 10_000  # then the search gives up


def find_start(task: Task, draw: Callable[[int], Array], draws: int = DRAWS) -> Part:
    """The user's starting point, or the first drawn point that is answered adversarially.

    Args:
        task: the input.
        draw: makes the candidate of each number, from 0; it is clipped to the box.
        draws: how many are tried.

    Returns:
        The point [...], or None where none was answered so.
    """
    if task.start is not None:
        answered = yield Ask(points=task.start[None])
        return task.start if answered[0] else None
    for number in range(draws):
        point = clipped(task, draw(number))
        answered = yield Ask(points=point[None])
        if answered[0]:
            return point
    return None


def uniform_start(task: Task) -> Part:
    """The first point drawn uniformly from the box that is answered adversarially."""
    return (yield from find_start(task, lambda _: uniform_point(task)))


def uniform_point(task: Task) -> Array:
    """A point drawn uniformly from the box; without bounds, x with noise of its own size."""
    if np.isfinite(task.low) and np.isfinite(task.high):
        return np.asarray(task.rng.uniform(task.low, task.high, task.x.shape))
    scale = max(1.0, float(np.abs(task.x).max()))
    return task.x + scale * task.rng.standard_normal(task.x.shape)


def clipped(task: Task, points: Array) -> Array:
    """Points in the box."""
    inside: Array = np.clip(points, task.low, task.high)
    return inside
