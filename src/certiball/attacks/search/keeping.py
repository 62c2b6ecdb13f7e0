"""The nearer of two points, and parts of a search that tell of the nearest so far."""

from dataclasses import replace

from certiball.attacks.epsilons import lengths
from certiball.attacks.search.ask import Part, Task
from certiball.balls import Norm
from certiball.shapes import Array


def keeping(task: Task, norm: Norm, best: Array, part: Part) -> Part:
    """A part of a search, whose asks tell of the best point so far unless theirs is nearer."""
    ask = next(part)
    while True:
        own = best if ask.best is None else nearer(task, norm, best, ask.best)
        answers = yield replace(ask, best=own)
        try:
            ask = part.send(answers)
        except StopIteration as end:
            found: Array = end.value
            return found


def nearer(task: Task, norm: Norm, one: Array, other: Array) -> Array:
    """The point that is nearer to the clean input; the first of two that are equally near."""
    return other if _length(norm, other - task.x) < _length(norm, one - task.x) else one


def _length(norm: Norm, change: Array) -> float:
    return float(lengths(norm, change[None])[0])
