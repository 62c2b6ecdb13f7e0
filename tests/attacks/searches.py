"""A search that tests can reason about: a random start and a straight line."""

from collections.abc import Iterator
from dataclasses import dataclass

from certiball.attacks.search.ask import Ask, Search, Task
from certiball.attacks.search.bisect import blend_bisection
from certiball.attacks.search.scheduler import attack_all
from certiball.attacks.search.start import uniform_start
from certiball.balls import Norm


@dataclass(frozen=True, kw_only=True)
class Line:
    norm: Norm = Norm.L2
    tolerance: float = 1e-3

    @property
    def answers(self) -> str:
        return "labels"

    def search(self, task: Task) -> Search:
        far = yield from uniform_start(task)
        if far is None:
            return None
        return (yield from blend_bisection(task, far, self.tolerance))

    __call__ = attack_all


@dataclass(frozen=True, kw_only=True)
class Mean:
    """Asks for shares, and returns the point whose share of the label was least."""

    norm: Norm = Norm.L2
    size: int = 4

    @property
    def answers(self) -> str:
        return "shares"

    def search(self, task: Task) -> Iterator[Ask]:
        points = task.rng.uniform(task.low, task.high, (self.size, *task.x.shape))
        shares = yield Ask(points=points)
        again = yield Ask(points=points, best=points[shares[:, task.label].argmin()])
        return points[again[:, task.label].argmin()]

    __call__ = attack_all
