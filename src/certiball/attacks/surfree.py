"""SurFree: hard labels, and no gradient: planes through x and the best point (arXiv 2011.12807)."""

from dataclasses import dataclass
from math import cos, radians, sin
from typing import ClassVar

import numpy as np

from certiball.attacks.search.ask import Ask, Part, Search, Task
from certiball.attacks.search.bisect import bisection
from certiball.attacks.search.directions import Directions
from certiball.attacks.search.frequency import check_band, lowest
from certiball.attacks.search.limited import limited
from certiball.attacks.search.scheduler import attack_all
from certiball.attacks.search.start import gaussian_start
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.shapes import Array

START = 0.5  # standard deviation of the noise to begin with, in widths of the box
BLEND = 0.8  # the first place that is tried on the way back from it
STEEPEST = 85.0  # degrees; at 90 a candidate is x itself
FLAT = 0.01  # bisections end when cos α is known so well
TOLERANCE = 1e-3  # of the first bisection, as a share of the way


@dataclass(frozen=True, kw_only=True)
class SurFree:
    """Look for closer points on circles through x and the best point, in random planes.

    The defaults are those of the authors' own program; SurFree(steps=3, rho=0.98, bisections=10,
    fraction=1.0, block=8, queries=10_000) has those of the Foolbox port, and SurFree(rho=0.98,
    bisections=10, orthogonal_to=10, amplitudes="constant", queries=500) those of its example.
    Unlike there, new directions are orthogonal to the current u and not to the first, and
    queries of the start are counted.

    Args:
        steps: T, of how many angles each sign is tried, θ_max(1 − i/T).
        rho: ρ, by which θ_max shrinks after a failure and grows after a success.
        bisections: of the angle, at most.
        orthogonal_to: earlier directions that a new one is orthogonal to (n_ortho).
        theta_max: the first largest angle, degrees.
        fraction: of the frequencies, the lowest, from which directions are drawn. Inputs [d] have
            no rows and columns: their frequencies are along their one axis.
        block: side of the blocks of the DCT; None for the whole picture.
        amplitudes: "tanh" of the input's own coefficients, or "constant".
        queries: after which it ends.

    Raises:
        InputError: for numbers out of range.

    Example:
        >>> from certiball.attacks.linear import LinearOracle
        >>> oracle = LinearOracle(weights=np.array([3.0, 4.0]), bias=-1.0)
        >>> attack = SurFree(fraction=1.0, queries=100)
        >>> found = attack(oracle, np.array([[0.0, 0.0]], dtype=np.float32), [0], seed=1)
        >>> round(float(found.distance[0]), 2)  # the boundary is at .2
        0.2
    """

    steps: int = 1
    rho: float = 0.95
    bisections: int = 7
    orthogonal_to: int = 100
    theta_max: float = 30.0
    fraction: float = 0.5
    block: int | None = None
    amplitudes: str = "tanh"
    queries: int = 5_000
    norm: ClassVar[Norm] = Norm.L2
    answers: ClassVar[str] = "labels"

    def __post_init__(self) -> None:
        if self.steps < 1 or self.bisections < 0 or self.orthogonal_to < 0 or self.queries < 1:
            raise InputError(
                "steps and queries must be ≥ 1, bisections and orthogonal_to ≥ 0, not "
                f"{self.steps}, {self.queries}, {self.bisections} and {self.orthogonal_to}"
            )
        if not 0 < self.rho <= 1 or not 0 < self.theta_max <= STEEPEST:
            raise InputError(
                f"rho must be above 0 and at most 1 and theta_max above 0 and at most {STEEPEST:g} "
                f"degrees, not {self.rho} and {self.theta_max}"
            )
        check_band(self.fraction, self.block)
        if self.amplitudes not in ("tanh", "constant"):
            raise InputError(f'amplitudes must be "tanh" or "constant", not {self.amplitudes!r}')

    def search(self, task: Task) -> Search:
        """Start from noise, go to the boundary, then from plane to plane."""
        return limited(self._search(task), self.queries)

    def _search(self, task: Task) -> Search:
        directions = self._directions(task)
        far = yield from gaussian_start(task, lambda _: START)
        if far is None:
            return None
        best = yield from _to_boundary(task, far)
        theta = self.theta_max
        while (plane := _plane(task, best, directions)) is not None:
            closer = yield from self._closer(plane, theta, best)
            if closer is None:
                theta *= self.rho
            else:
                best, theta = closer, min(theta / self.rho, STEEPEST)
        return best

    def _directions(self, task: Task) -> Directions:
        frequencies = lowest(task.x.shape, fraction=self.fraction, block=self.block)
        sizes = np.abs(np.tanh(frequencies.coefficients(task.x[None])[0]))
        if self.amplitudes == "constant" or not sizes.any():  # as of an all-black picture
            sizes = np.ones(frequencies.count)
        return Directions(frequencies, sizes, self.orthogonal_to, task.rng)

    def _closer(self, plane: "_Plane", theta: float, best: Array) -> Search:
        """A closer adversarial point of the plane, or None."""
        failed = STEEPEST  # the least angle that is known to fail
        for i in range(self.steps):
            size = theta * (1 - i / self.steps)
            for angle in (size, -size):
                point = plane.at(angle)
                answered = yield Ask(points=point[None], best=best)
                if answered[0]:
                    return (yield from self._farthest(plane, angle, failed, point))
            failed = size
        return None

    def _farthest(self, plane: "_Plane", angle: float, failed: float, best: Array) -> Part:
        """The largest adversarial angle, by bisection from one that is adversarial."""
        sign, low, high = (1.0 if angle > 0 else -1.0), abs(angle), failed
        # Above θ_max nothing is known: go on, by the sequence's ratio, to an angle that fails.
        while high == STEEPEST and low * (1 + 1 / self.steps) < STEEPEST:
            farther = low * (1 + 1 / self.steps)
            point = plane.at(sign * farther)
            answered = yield Ask(points=point[None], best=best)
            if answered[0]:
                low, best = farther, point
            else:
                high = farther
        opposite = sign > 0  # −θ_max was not tried if θ_max was a success
        for _ in range(self.bisections):
            if cos(radians(low)) - cos(radians(high)) <= FLAT:
                break
            middle = (low + high) / 2
            signs = (sign, -sign) if opposite else (sign,)
            for tried in signs:
                point = plane.at(tried * middle)
                answered = yield Ask(points=point[None], best=best)
                if answered[0]:
                    sign, low, best = tried, middle, point
                    break
            else:
                high = middle
            opposite = opposite and answered[0]
        return best

    __call__ = attack_all


@dataclass(frozen=True, kw_only=True, eq=False)
class _Plane:
    """The circle in a plane through x on which every chord from x meets the boundary's tangent.

    candidate(α) = x + r cos α (cos α · u + sin α · v) (equation 6), r cos α away from x: the
    larger α is, the closer.
    """

    task: Task
    along: Array  # r u, [d]
    across: Array  # r v

    def at(self, degrees: float) -> Array:
        """The candidate [...] at an angle, clipped: in a box that has x it only comes closer."""
        c, s = cos(radians(degrees)), sin(radians(degrees))
        point = (c * c) * self.along
        point += (c * s) * self.across
        point += self.task.x.reshape(-1)
        np.maximum(point, self.task.low, out=point)
        np.minimum(point, self.task.high, out=point)
        return point.reshape(self.task.x.shape)


def _plane(task: Task, best: Array, directions: Directions) -> _Plane | None:
    """The plane of u and a new direction; None when there is none, or x is reached."""
    along = (best - task.x).reshape(-1)
    radius = float(np.sqrt(along @ along))
    v = directions.draw(along / radius) if radius > 0 else None
    return None if v is None else _Plane(task=task, along=along, across=radius * v)


def _to_boundary(task: Task, far: Array) -> Part:
    """Bisection back from the start; the first place tried is 0.8 of the way."""

    def at(share: float) -> Array:
        return (1 - share) * task.x + share * far

    near = at(BLEND)
    answered = yield Ask(points=near[None], best=far)
    if answered[0]:
        return (yield from bisection(near, at, TOLERANCE, top=BLEND))
    return (yield from bisection(far, lambda t: at(BLEND + t), TOLERANCE, top=1 - BLEND))
