"""The one tool that all decision-based attacks share: bisection on a line to the boundary."""

from collections.abc import Callable

from certiball.attacks.search.ask import Ask, Part, Task
from certiball.shapes import Array

DEEPEST = 60  # halvings; no float is finer


def bisection(far: Array, at: Callable[[float], Array], tolerance: float, top: float = 1.0) -> Part:
    """The point at(t) with the smallest t that was answered adversarially, from `top` down to 0.

    Answers are one-shot: each halving believes the last answer, whatever noise made it.

    Args:
        far: at(top), which was answered adversarially.
        at: the point [...] of a place on the way; at(0) is the clean input.
        tolerance: the width of the bracket at which it ends.
        top: where the bracket begins.
    """
    low, high, best = 0.0, top, far
    for _ in range(DEEPEST):
        if high - low <= tolerance:
            break
        middle = (low + high) / 2
        point = at(middle)
        answered = yield Ask(points=point[None], best=best)
        if answered[0]:
            high, best = middle, point
        else:
            low = middle
    return best


def blend_bisection(task: Task, far: Array, tolerance: float) -> Part:
    """Bisection on the straight line from x to a point; t is the share of the way."""
    return (yield from bisection(far, lambda t: (1 - t) * task.x + t * far, tolerance))
