"""GeoDA: hard labels, the boundary taken to be flat, its normal from tiny probes (2003.06468)."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np

from certiball.attacks.search.ask import Ask, Part, Search, Task
from certiball.attacks.search.bisect import bisection, blend_bisection
from certiball.attacks.search.frequency import lowest_square
from certiball.attacks.search.keeping import keeping, nearer
from certiball.attacks.search.limited import limited
from certiball.attacks.search.scheduler import attack_all
from certiball.attacks.search.start import clipped, gaussian_start, width
from certiball.attacks.search.subspaces import Everything, Span
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.numbers import as_whole
from certiball.shapes import Array

Path: TypeAlias = Callable[[float], Array]  # from a length in the norm to a point [...]

START = 0.02  # standard deviation of the first noise, in widths of the box; then twice that, …
STEP = 5.0  # the first length that is tried along a path, in widths of the box
DOUBLINGS = 20
GROWTH = 0.6 ** (-2 / 3)  # of the probes from round to round (equation 18 with λ = .6)
FIRST = 50  # probes of the first round, at least; then there are at most 80
BEGINNING, RETURN = 40, 20  # queries that are set aside: for the start, and for each way back
NUMBERS = 1 << 21  # in the points of one ask


@dataclass(frozen=True, kw_only=True)
class GeoDA:
    """Estimate the boundary's normal, go from x along it to the boundary, and again from there.

    Probes are spread over low frequencies; those of all rounds are added up. In L1 the largest
    numbers of the normal are moved to the bounds, one after the other, in L2 all in proportion,
    in L∞ all alike. Along that path lengths are doubled until a point is adversarial (published:
    multiples of the first, which is mostly enough), then bisected.

    Probes are far smaller than a step of 8-bit images, and than the noise of smoothed models:
    there all answers are alike or a coin's, and the normal is chance. Take a `probe_deviation` of
    at least the step, or of σ.

    Args:
        norm: L1, L2 or L∞.
        side: frequencies along each side of a channel, at most; inputs [d] have no sides, and
            take the side² lowest along their one axis.
        probe_deviation: standard deviation of each frequency of a probe, in the inputs' units.
        tolerance: of bisections, as a length in widths of the box.
        queries: over which probes are planned, if the budget is not smaller.

    Raises:
        InputError: for another norm, or numbers out of range.

    Example:
        >>> from certiball.attacks.linear import LinearOracle
        >>> oracle = LinearOracle(weights=np.ones(64), bias=-40.0)
        >>> inputs = np.full((1, 64), 0.5, dtype=np.float32)
        >>> found = GeoDA(norm=Norm.LINF)(oracle, inputs, [0], max_queries=1000, seed=1)
        >>> bool(0.125 <= found.distance[0] < 0.15)  # all up by one eighth reach the boundary
        True
    """

    norm: Norm = Norm.L2
    side: int = 75
    probe_deviation: float = 2e-4
    tolerance: float = 1e-4
    queries: int = 4_000
    answers: ClassVar[str] = "labels"

    def __post_init__(self) -> None:
        if self.norm not in (Norm.L1, Norm.L2, Norm.LINF):
            raise InputError(
                f"GeoDA measures in L1, L2 or L∞, not in {self.norm}: "
                "give Norm.L1, Norm.L2 or Norm.LINF"
            )
        for name in ("side", "queries"):
            if as_whole(name, getattr(self, name)) < 1:
                raise InputError(f"{name} must be at least 1, not {getattr(self, name)}")
        for name in ("probe_deviation", "tolerance"):
            if not (getattr(self, name) > 0 and math.isfinite(getattr(self, name))):
                raise InputError(f"{name} must be finite and > 0, not {getattr(self, name)}")

    def search(self, task: Task) -> Search:
        """Rounds of probes, each with a way from x back to the boundary."""
        return limited(self._search(task), self.queries)

    def _search(self, task: Task) -> Search:
        far = yield from gaussian_start(task, lambda number: START * (number + 1))
        if far is None or np.array_equal(far, task.x):  # a user's, answered so by luck
            return far
        way = float(np.linalg.norm(far - task.x))
        point = yield from blend_bisection(task, far, self.tolerance * width(task) / way)
        best, span = point, self._span(task)
        normal = np.zeros(span.count)
        for probes in allotment(min(task.budget, self.queries)):
            asked = self._probe(task, span, point, probes)
            normal += yield from keeping(task, self.norm, best, asked)
            path = path_along(task, self.norm, span.inputs(normal[None])[0])
            walk = self._walk(task, path, point)
            point = yield from keeping(task, self.norm, best, walk)
            best = nearer(task, self.norm, best, point)
        return best

    def _span(self, task: Task) -> Span:
        low = lowest_square(task.x.shape, side=self.side)
        if low.count < task.x.size:
            return low
        return Everything(shape=task.x.shape)  # of all frequencies, Gaussian noise is just that

    def _probe(self, task: Task, span: Span, point: Array, probes: int) -> Part:
        """Coefficients [kept] of the normal: the sum of all probes, signed by their answers."""
        found = np.zeros(span.count)
        at_once = max(1, NUMBERS // task.x.size)
        for first in range(0, probes, at_once):
            drawn = task.rng.standard_normal((min(at_once, probes - first), span.count))
            points = clipped(task, point + self.probe_deviation * span.inputs(drawn))
            answered = yield Ask(points=points)
            found += np.where(answered, 1.0, -1.0) @ drawn
        return found

    def _walk(self, task: Task, path: Path, point: Array) -> Part:
        """The boundary's point on a path, or the point from before where none is reached."""
        low, high, before = 0.0, STEP * width(task), task.x
        for _ in range(DOUBLINGS):
            far = path(high)
            if np.array_equal(far, before):  # all are at the bounds
                break
            if (yield Ask(points=far[None]))[0]:
                return (yield from self._back(task, far, path, (low, high)))
            low, high, before = high, 2 * high, far
        return point

    def _back(self, task: Task, far: Array, path: Path, bracket: tuple[float, float]) -> Part:
        low, high = bracket
        # One coordinate, or all by the same amount: nothing lies between steps of the grid.
        between = 0.0 if self.norm is Norm.L2 else task.step
        tolerance = max(self.tolerance * width(task), between)
        return (yield from bisection(far, lambda t: path(low + t), tolerance, high - low))

    __call__ = attack_all


def allotment(queries: int) -> list[int]:
    """How many probes each round has: as many rounds as leave 50 to 80 for the first.

    Example:
        >>> allotment(4000)
        [52, 73, 103, 145, 204, 287, 404, 568, 798, 1122]
    """
    rounds = 1
    while _first(queries, rounds + 1) >= FIRST:
        rounds += 1
    first = _first(queries, rounds)
    return [max(1, int(first * GROWTH**i)) for i in range(rounds)]


def _first(queries: int, rounds: int) -> float:
    left = queries - BEGINNING - rounds * RETURN
    return left * (GROWTH - 1) / (GROWTH**rounds - 1)


def path_along(task: Task, norm: Norm, normal: Array) -> Path:
    """The points from x on that gain most along a normal for their length, inside of the box.

    In L1 that is one coordinate after the other, the steepest first, each up to its bound.
    """
    if norm is Norm.L1:
        return _one_by_one(task, normal)
    size = max(float(np.linalg.norm(normal)), np.finfo(np.float64).tiny)
    direction = normal / size if norm is Norm.L2 else np.sign(normal)
    return lambda length: clipped(task, task.x + length * direction)


def _one_by_one(task: Task, normal: Array) -> Path:
    x, signs = task.x.reshape(-1), np.sign(normal).reshape(-1)
    room = np.where(signs > 0, task.high - x, x - task.low)
    order = np.argsort(-np.abs(normal).reshape(-1), kind="stable")
    ends = np.cumsum(room[order])
    begins = np.concatenate([[0.0], ends[:-1]])

    def at(length: float) -> Array:
        moved = x.copy()
        amounts = np.clip(length - begins, 0.0, room[order])
        moved[order] += signs[order] * amounts
        return clipped(task, moved.reshape(task.x.shape))

    return at
