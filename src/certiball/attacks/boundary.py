"""The Boundary Attack: hard labels, and a random walk along the boundary (arXiv 1712.04248)."""

import math
from collections import deque
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from certiball.attacks.search.ask import Ask, Search, Task
from certiball.attacks.search.bisect import blend_bisection
from certiball.attacks.search.scheduler import attack_all
from certiball.attacks.search.start import clipped, uniform_start
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.numbers import as_whole
from certiball.shapes import Array

REACHED = 1e-100  # from x: lucky answers may lead as far as that, and squares underflow
TOLERANCE = 1e-3  # of the bisection from the start, as a share of the way


@dataclass(frozen=True, kw_only=True)
class BoundaryAttack:
    """Walk on the sphere around x through the best point, and from there a little towards x.

    Both steps are shares of the distance; arguments and defaults are Foolbox's. Every tenth step
    the point on the sphere is asked about as well. Of these tenth steps the last 100 spherical
    ones should succeed in .2 to .5 of the cases, or both steps change, and the last 30 whole ones
    in .1 to .25, or the step towards x does.

    Args:
        steps: at most.
        spherical_step: the first step on the sphere.
        source_step: the first step towards x.
        source_step_convergance: below such a step towards x it ends.
        step_adaptation: the factor by which steps change.
        update_stats_every_k: how often the point on the sphere is asked about.

    Raises:
        InputError: for numbers out of range.

    Example:
        >>> from certiball.attacks.linear import LinearOracle
        >>> oracle = LinearOracle(weights=np.ones(8), bias=-5.0)
        >>> inputs = np.full((1, 8), 0.5, dtype=np.float32)
        >>> found = BoundaryAttack()(oracle, inputs, [0], max_queries=2000, seed=1)
        >>> bool(1 <= found.distance[0] / -oracle.distance(inputs)[0] < 1.1)
        True
    """

    steps: int = 25_000
    spherical_step: float = 0.01
    source_step: float = 0.01
    source_step_convergance: float = 1e-7  # spelt as Foolbox's users know it
    step_adaptation: float = 1.5
    update_stats_every_k: int = 10
    norm: ClassVar[Norm] = Norm.L2
    answers: ClassVar[str] = "labels"

    def __post_init__(self) -> None:
        for name in ("steps", "update_stats_every_k"):
            if as_whole(name, getattr(self, name)) < 1:
                raise InputError(f"{name} must be at least 1, not {getattr(self, name)}")
        for name in ("spherical_step", "source_step"):
            if not 0 < getattr(self, name) < 1:
                raise InputError(
                    f"{name} must be above 0 and below 1, not {getattr(self, name)}: it is a "
                    "share of the distance"
                )
        if not self.source_step_convergance >= 0:
            raise InputError(
                f"source_step_convergance must be ≥ 0, not {self.source_step_convergance}"
            )
        if not (self.step_adaptation > 1 and math.isfinite(self.step_adaptation)):
            raise InputError(f"step_adaptation must be finite and > 1, not {self.step_adaptation}")

    def search(self, task: Task) -> Search:
        """Start from uniform noise, go to the boundary by blending, then step by step."""
        far = yield from uniform_start(task)
        if far is None:
            return None
        best = yield from blend_bisection(task, far, TOLERANCE)
        pace = _Pace(
            spherical=self.spherical_step, source=self.source_step, factor=self.step_adaptation
        )
        reached = _distance(task, best)
        for step in range(self.steps):
            if reached < REACHED:
                break
            checked = step % self.update_stats_every_k == 0
            around, candidate = _proposal(task, best, pace)
            asked = np.stack([candidate, around]) if checked else candidate[None]
            answered = yield Ask(points=asked, best=best)
            if answered[0] and (nearer := _distance(task, candidate)) < reached:
                best, reached = candidate, nearer
            if checked:
                pace.note(spherical=bool(answered[1]), whole=bool(answered[0]))
            if pace.source < self.source_step_convergance:
                break
        return best

    __call__ = attack_all


@dataclass(kw_only=True, eq=False)
class _Pace:
    """How long steps are, as shares of the distance, and how the last ones went."""

    spherical: float
    source: float
    factor: float
    around: deque[bool] = field(default_factory=lambda: deque(maxlen=100))
    whole: deque[bool] = field(default_factory=lambda: deque(maxlen=30))

    def note(self, *, spherical: bool, whole: bool) -> None:
        """Take down a step, and change the pace when enough have gone too well or too badly."""
        self.around.append(spherical)
        self.whole.append(whole)
        by = self._change(self.around, 0.2, 0.5)
        # No step may reach x, or turn by more than a right angle's worth: shares below 1.
        self.spherical = min(self.spherical * by, 0.99)
        self.source *= by
        self.source = min(self.source * self._change(self.whole, 0.1, 0.25), 0.99)

    def _change(self, last: deque[bool], few: float, many: float) -> float:
        """The factor that answers so many successes; after a change the count begins anew."""
        if len(last) < (last.maxlen or 0):
            return 1.0
        share = sum(last) / len(last)
        if few <= share <= many:
            return 1.0
        last.clear()
        return self.factor if share > many else 1 / self.factor


def _proposal(task: Task, best: Array, pace: _Pace) -> tuple[Array, Array]:
    """A point on the sphere, and that point moved towards x, both clipped.

    The distance of the second is (1 − source step) of the best point's, or less where clipping
    has brought the first closer already.
    """
    away = best - task.x
    squared = float(np.vdot(away, away))
    radius = math.sqrt(squared)
    turn = task.rng.standard_normal(away.shape)
    turn -= (float(np.vdot(turn, away)) / squared) * away
    length = math.sqrt(float(np.vdot(turn, turn))) or 1.0  # nothing is left in one dimension
    turn *= pace.spherical * radius / length
    turn += away  # along the tangent, and back to the sphere
    turn /= math.sqrt(1 + pace.spherical**2)
    around = clipped(task, task.x + turn)
    reached = around - task.x
    share = min(1.0, (1 - pace.source) * radius / math.sqrt(float(np.vdot(reached, reached))))
    return around, clipped(task, task.x + share * reached)


def _distance(task: Task, point: Array) -> float:
    change = point - task.x
    return math.sqrt(float(np.vdot(change, change)))
