"""Where a search begins: a point that is answered adversarially."""

from collections.abc import Callable

import numpy as np

from certiball.attacks.search.ask import Ask, Search, Task
from certiball.attacks.units import plain
from certiball.errors import InputError
from certiball.shapes import Array, Batch
from certiball.smoothed import Inputs, encode_nearest
from certiball.spaces import Space

DRAWS = 10_000  # then the search gives up


def starts_of(space: Space, points: Inputs, clean: Batch) -> Batch:
    """The user's starting points as the space holds them, rounded to its grid.

    Raises:
        InputError: if they are not as many as the clean inputs [n, ...], of another shape, or not
            inputs of the space.
    """
    starts = encode_nearest(space, points)
    if starts.shape != clean.shape:
        raise InputError(
            f"starting points of shape {starts.shape} do not fit inputs of shape {clean.shape}"
        )
    outside = (starts < space.low) | (starts > space.high)
    if outside.any():
        number = int(np.argwhere(outside)[0][0])
        values = plain(space, starts[number])
        low, high = space.bounds
        raise InputError(
            f"starting point {number} has values from {values.min():.6g} to {values.max():.6g}, "
            f"and inputs go from {low:g} to {high:g}: give it in their units, or clip it"
        )
    return starts


def find_start(task: Task, draw: Callable[[int], Array], draws: int = DRAWS) -> Search:
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


def uniform_start(task: Task) -> Search:
    """The first point drawn uniformly from the box that is answered adversarially."""
    return (yield from find_start(task, lambda _: uniform_point(task)))


def uniform_point(task: Task) -> Array:
    """A point drawn uniformly from the box; without bounds, x with noise of its own size."""
    if np.isfinite(task.low) and np.isfinite(task.high):
        return np.asarray(task.rng.uniform(task.low, task.high, task.x.shape))
    return task.x + width(task) * task.rng.standard_normal(task.x.shape)


def gaussian_start(task: Task, size: Callable[[int], float]) -> Search:
    """The first of x + size(number) · width · N(0, I), number = 0, 1, …, that is adversarial."""

    def draw(number: int) -> Array:
        return task.x + size(number) * width(task) * task.rng.standard_normal(task.x.shape)

    return (yield from find_start(task, draw))


def width(task: Task) -> float:
    """How wide the box is; without bounds, the size of the numbers of x, at least 1.

    Noise that articles state for images in [0, 1] is multiplied by it.
    """
    if np.isfinite(task.low) and np.isfinite(task.high):
        return task.high - task.low
    return max(1.0, float(np.abs(task.x).max()))


def clipped(task: Task, points: Array) -> Array:
    """Points in the box."""
    inside = np.maximum(points, task.low)  # for one small picture in half the time of np.clip
    return np.minimum(inside, task.high, out=inside)
