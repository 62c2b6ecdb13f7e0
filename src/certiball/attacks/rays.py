"""RayS: along which diagonal of the box is the boundary nearest?

Every coordinate moves by the same amount, up or down; which ways is searched block by block, the
blocks halved from pass to pass (arXiv 2006.12792).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import ClassVar

import numpy as np

from certiball.attacks.search.ask import Ask, Search, Task
from certiball.attacks.search.bisect import bisection
from certiball.attacks.search.limited import limited
from certiball.attacks.search.scheduler import attack_all
from certiball.attacks.search.start import clipped, find_start, width
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.shapes import Array

BEYOND = 1000.0  # times the size of x, where the space has no bounds


@dataclass(frozen=True, kw_only=True)
class RayS:
    """A search for the closest boundary in L∞, without gradients and without chance.

    An answer that was luck shortens the ray for ever: against a model that answers at random what
    it reports has to be judged again.

    Args:
        norm: L∞, or L2 to have the same points measured so; the search does not look at it.
        tolerance: of the bisection along a ray, as a length in L2 in boxes of width 1; on a grid
            it is no finer than a step, which rounds the points between to the same.
        queries: at which it ends where no earlier budget does.

    Raises:
        InputError: for another norm, or a tolerance that is not positive.

    Example:
        >>> from certiball.attacks.linear import LinearOracle
        >>> oracle = LinearOracle(weights=np.ones(16), bias=-9.6)  # 1 where the mean is above 0.6
        >>> found = RayS()(oracle, np.full((1, 16), 0.5), [0])
        >>> bool(0.1 <= found.distance[0] < 0.101)
        True
    """

    norm: Norm = Norm.LINF
    tolerance: float = 1e-3
    queries: int = 10_000
    answers: ClassVar[str] = "labels"

    def __post_init__(self) -> None:
        if self.norm not in (Norm.LINF, Norm.L2):
            raise InputError(
                f"RayS measures in L∞ or L2, not in {self.norm}: give Norm.LINF or Norm.L2"
            )
        if not (self.tolerance > 0 and math.isfinite(self.tolerance)):
            raise InputError(f"tolerance must be finite and > 0, not {self.tolerance}")

    def search(self, task: Task) -> Search:
        """One query for each block, and a bisection for each that is better turned round."""
        return limited(self._search(task), self.queries)

    def _search(self, task: Task) -> Search:
        best = yield from find_start(task, lambda _: task.x, draws=0)  # the user's, or none
        if best is None and task.start is not None:
            return None
        signs, radius, rounds = np.ones(task.x.shape), _reach(task), passes(task.x.size)
        if best is not None:
            signs, radius = np.where(best < task.x, -1.0, 1.0), _radius(task, best)
            rounds = chain([[slice(0)]], rounds)  # first with no sign turned
        for blocks in rounds:
            before = radius
            for block in blocks:
                turned = signs.copy()
                turned.reshape(-1)[block] *= -1
                ray = partial(_at, task, turned)
                far = ray(radius)
                answered = yield Ask(points=far[None], best=best)
                if answered[0]:
                    top = _radius(task, far)
                    best = yield from bisection(far, ray, self._bracket(task), top)
                    signs, radius = turned, _radius(task, best)
            if len(blocks) == task.x.size and radius == before:
                break  # no coordinate is better turned: the same questions would come again
        return best

    def _bracket(self, task: Task) -> float:
        """The tolerance in L∞: a diagonal is √d times as long in L2."""
        return max(self.tolerance * width(task) / math.sqrt(task.x.size), task.step)

    __call__ = attack_all


def passes(size: int) -> Iterator[list[slice]]:
    """The blocks of each pass over flat coordinates, halved from pass to pass, endlessly.

    Example:
        >>> [len(blocks) for blocks, _ in zip(passes(5), range(5))]
        [1, 2, 3, 5, 5]
    """
    level = 0
    while True:
        block = max(1, -(-size // 2**level))
        yield [slice(start, start + block) for start in range(0, size, block)]
        level += block > 1


def _at(task: Task, signs: Array, radius: float) -> Array:
    steps = round(radius / task.step) * task.step if task.step else radius  # as it will be rounded
    return clipped(task, task.x + steps * signs)


def _radius(task: Task, point: Array) -> float:
    """How far along its diagonal a point lies: where the box cuts it short, as far as it goes."""
    return float(np.abs(point - task.x).max())


def _reach(task: Task) -> float:
    """How far rays go before anything is found: to the corners of the box, if it has bounds."""
    return width(task) * (1.0 if math.isfinite(task.high - task.low) else BEYOND)
