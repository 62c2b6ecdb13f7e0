"""The walk along a boundary by hard labels that HopSkipJump and QEBA share.

Each hop probes the boundary around a point, jumps along the direction that the answers suggest,
and comes back to the boundary on the way to the clean input (arXiv 1904.02144, Algorithm 2).
Answers may be random: each is used once and none is held against a later one.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from certiball.attacks.epsilons import lengths
from certiball.attacks.search.ask import Ask, Part, Search, Task
from certiball.attacks.search.bisect import bisection, blend_bisection
from certiball.attacks.search.keeping import keeping, nearer
from certiball.attacks.search.start import clipped, uniform_start, width
from certiball.attacks.search.subspaces import Span
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.numbers import as_float, as_whole
from certiball.shapes import Array, Batch

NORMS = {"l2": Norm.L2, "linf": Norm.LINF}  # as Foolbox spells them
FIRST_PRECISION = 1e-3  # of the bisection from the starting point
FIRST_RADIUS = 0.1  # of the first probes, of the width of the box
HALVINGS = 30  # of a jump; published without end, and noise or a wrong direction may never answer
NUMBERS = 1 << 21  # in the points of one ask, for 1e4 probes of a large picture fill the memory


@dataclass(frozen=True, kw_only=True, eq=False)
class Hops:
    """How the hops go.

    Args:
        norm: L2 or L∞.
        steps: hops.
        probes: how many there are at each hop t, from 1.
        span: the directions from which they are drawn.
        precision: θ, the width of the last bracket of a bisection, of the way to the clean input.
        spread: the probe radius in L2, of the distance before the last bisection.
        deviation: the least standard deviation of a probe's coefficients.
    """

    norm: Norm
    steps: int
    probes: Callable[[int], int]
    span: Span
    precision: float
    spread: float
    deviation: float


def hopping(task: Task, how: Hops) -> Search:
    """The closest point that was answered adversarially, or None without a starting point."""
    start = yield from uniform_start(task)
    if start is None:
        return None
    reach = _length(how, start - task.x)
    point = yield from blend_bisection(task, start, FIRST_PRECISION)
    best = point
    for t in range(1, how.steps + 1):
        distance = _length(how, point - task.x)
        if distance == 0:  # noise, or rounding, led to the clean input itself
            break
        around = _direction(task, how, point, _radius(task, how, t, reach), how.probes(t))
        direction = yield from keeping(task, how.norm, best, around)
        onward = _jump(task, point, direction * distance / math.sqrt(t))
        far = yield from keeping(task, how.norm, best, onward)
        reach = _length(how, far - task.x)
        back = bisection(far, _way_to(task, how, far), how.precision)
        point = yield from keeping(task, how.norm, best, back)
        best = nearer(task, how.norm, best, point)
    return best


def _radius(task: Task, how: Hops, t: int, reach: float) -> float:
    """In L2. Of a unit vector of m numbers each has the deviation 1/√m.

    On a grid probes move each number by a step at least: smaller ones would be rounded away.
    """
    published = FIRST_RADIUS * width(task) if t == 1 else how.spread * reach
    noise = how.deviation * math.sqrt(how.span.count)
    return max(published, noise, task.step * math.sqrt(task.x.size))


def _direction(task: Task, how: Hops, point: Array, radius: float, probes: int) -> Part:
    """Where the adversarial side is: the mean probe, each signed by its answer (Equation 16).

    The mean answer is subtracted, unless all agree. Its length is 1; in L∞ it is a sign for each
    number. A mean of 0 stays 0.
    """
    signed, plain, total = np.zeros(task.x.shape), np.zeros(task.x.shape), 0.0
    at_once = max(1, NUMBERS // task.x.size)
    for first in range(0, probes, at_once):
        units = _units(task, how, min(at_once, probes - first))
        points = _rounded(task, clipped(task, point + radius * units))
        signs = 2.0 * (yield Ask(points=points)) - 1.0
        moves = points - point  # what the box and the grid left of the probes
        signed += np.tensordot(signs, moves, axes=1)
        plain += moves.sum(axis=0)
        total += float(signs.sum())
    mean = total / probes
    found = signed if abs(mean) == 1 else signed - mean * plain
    if how.norm is Norm.LINF:
        return np.asarray(np.sign(found))
    unit: Array = found / max(float(np.linalg.norm(found)), np.finfo(np.float64).tiny)
    return unit


def _rounded(task: Task, points: Batch) -> Batch:
    """Points as they will be asked about."""
    return np.rint(points / task.step) * task.step if task.step else points


def _units(task: Task, how: Hops, size: int) -> Batch:
    """Directions [size, ...] of length 1 in L2: Gaussian in L2, uniform in a cube in L∞."""
    shape = size, how.span.count
    gaussian = how.norm is Norm.L2
    drawn = task.rng.standard_normal(shape) if gaussian else task.rng.uniform(-1, 1, shape)
    moves = how.span.inputs(drawn)
    return moves / lengths(Norm.L2, moves).reshape(-1, *(1,) * task.x.ndim)


def _jump(task: Task, point: Array, move: Array) -> Part:
    """The point moved by as much as leaves it adversarial: halved until it is answered so."""
    for _ in range(HALVINGS):
        far = clipped(task, point + move)
        if (yield Ask(points=far[None]))[0]:
            return far
        move = move / 2
    return point


def _way_to(task: Task, how: Hops, far: Array) -> Callable[[float], Array]:
    """From the clean input to a point: straight in L2, in L∞ all numbers at the same pace."""
    change = far - task.x
    if how.norm is Norm.L2:
        return lambda t: task.x + t * change
    longest = _length(how, change)
    return lambda t: task.x + np.clip(change, -t * longest, t * longest)


def _length(how: Hops, change: Array) -> float:
    return float(lengths(how.norm, change[None])[0])


def norm_of(constraint: str) -> Norm:
    """The norm that Foolbox's users call so.

    Raises:
        InputError: unless it is "l2" or "linf".
    """
    if constraint not in NORMS:
        raise InputError(f'constraint must be "l2" or "linf", not {constraint!r}')
    return NORMS[constraint]


def check_numbers(wholes: dict[str, int], gamma: float, probe_deviation: float) -> None:
    """The arguments that both attacks have.

    Raises:
        InputError: for one that is out of range.
    """
    for name, number in wholes.items():
        if as_whole(name, number) < 1:
            raise InputError(f"{name} must be at least 1, not {number}")
    if not 0 < as_float("gamma", gamma) < math.inf:
        raise InputError(f"gamma must be finite and > 0, not {gamma}")
    if not 0 <= as_float("probe_deviation", probe_deviation) < math.inf:
        raise InputError(
            f"probe_deviation must be finite and ≥ 0, not {probe_deviation}: give the σ of the "
            "noise, in the units of the inputs"
        )
