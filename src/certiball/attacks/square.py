"""Square Attack: squares of the picture are changed at random, and what helps is kept.

It sees how the votes are shared, not only which class won (arXiv 1912.00049). It looks for any
adversarial point at a fixed distance, not for the closest.
"""

import math
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

import numpy as np
from jaxtyping import Float64

from certiball.attacks.epsilons import lengths
from certiball.attacks.search.ask import Ask, Search, Task
from certiball.attacks.search.scheduler import attack_all
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.shapes import Array

Picture: TypeAlias = Float64[np.ndarray, "channels height width"]
Window: TypeAlias = tuple[slice, slice, slice]

# After so many of 10,000 queries the squares' share of the picture is halved (§4).
HALVED = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)
OF = 10_000
SHARES = {Norm.LINF: 0.05, Norm.L2: 0.1}
LEAST = {Norm.LINF: 1, Norm.L2: 2}  # side of a square: two bumps side by side need two columns
ROUNDINGS = 1000
TILES = 5  # along a side of the picture that an L2 search begins with


@dataclass(frozen=True, kw_only=True)
class Square:
    """Random search over squares by shares of the votes, at a fixed ε (arXiv 1912.00049).

    It ends at the first point where another class is ahead, by luck perhaps where the model is
    random. Shares of few votes are often equal, so a point that is as good as the last is taken as
    well: with scores, of which no two are equal, that is the search as published.

    Args:
        epsilon: the length of the perturbation, in the units of the space, which has to be
            given; on a grid rounding
            makes it a little shorter, never longer.
        norm: L∞ or L2.
        share: of the picture that a square covers at first; None for .05 (L∞) or .1 (L2). It is
            halved nine times while the queries last.
        queries: at which it ends where no earlier budget does.
        ahead: by which share of the votes another class has to be ahead.

    Raises:
        InputError: for another norm, or numbers out of range.

    Example:
        >>> from certiball.attacks.linear import LinearOracle
        >>> oracle = LinearOracle(weights=np.ones((1, 8, 8)), bias=-33.0, sigma=0.25, n=10**6)
        >>> attack = Square(epsilon=0.1, norm=Norm.LINF)
        >>> found = attack(oracle, np.full((1, 1, 8, 8), 0.5), [0], max_queries=200, seed=0)
        >>> found.success.tolist(), float(found.distance[0]) <= 0.1
        ([True], True)
    """

    epsilon: float = 0.0  # which is refused: a ball has no usual size
    norm: Norm = Norm.LINF
    share: float | None = None
    queries: int = 10_000
    ahead: float = 0.0
    answers: ClassVar[str] = "shares"

    def __post_init__(self) -> None:
        if self.norm not in SHARES:
            raise InputError(
                f"Square measures in L∞ or L2, not in {self.norm}: give Norm.LINF or Norm.L2"
            )
        if not (self.epsilon > 0 and math.isfinite(self.epsilon)):
            raise InputError(
                f"epsilon must be finite and > 0, not {self.epsilon}: give the length of the "
                "perturbation, such as Square(epsilon=8 / 255)"
            )
        if not 0 < self.first_share <= 1:
            raise InputError(f"share must be above 0 and at most 1, not {self.first_share}")
        if not 0 <= self.ahead < 1:
            raise InputError(f"ahead is a share of the votes, from 0 to below 1, not {self.ahead}")

    @property
    def first_share(self) -> float:
        """The part of the picture that the first squares cover."""
        return SHARES[self.norm] if self.share is None else self.share

    def search(self, task: Task) -> Search:
        """One query for each square.

        Raises:
            InputError: unless the input is a picture [C, H, W] or [H, W].
        """
        x, (start, moved) = _picture(task.x), MOVES[self.norm]
        budget = min(task.budget, self.queries)
        point, least = start(task, x, self.epsilon), math.inf
        best: Array | None = None
        for asked in range(budget):
            side = _side(self.first_share * _halvings(asked, budget), x, LEAST[self.norm])
            candidate = moved(task, x, point, side, self.epsilon) if asked else point
            near = self._inside(task, x, candidate).reshape(task.x.shape)
            shares = yield Ask(points=near[None], best=best)
            margin = _margin(shares[0], task)
            if margin <= least:
                point, least = candidate, margin
                best = near if margin < 0 else None
            if margin < -self.ahead:
                break
        return best

    def _inside(self, task: Task, x: Picture, point: Picture) -> Picture:
        """The point as the model is shown it, moved towards x until it is no farther than ε."""
        change = point - x
        slack = 1e-9 if task.step else 0.0  # of the sums here: ε = 8/255 means eight levels
        for _ in range(ROUNDINGS):
            near = _rounded(task, x + change)
            longer = float(lengths(self.norm, (near - x)[None])[0]) / self.epsilon
            if longer <= 1 + slack:
                return near
            change *= min(0.9999, 1 / longer)
        return x  # the ball is smaller than a step

    __call__ = attack_all


def stripes(task: Task, x: Picture, epsilon: float) -> Picture:
    """The first point in L∞: each column of each channel goes up or down by ε."""
    signs = task.rng.choice((-1.0, 1.0), (len(x), 1, x.shape[2]))
    return _within(task, x, np.broadcast_to(epsilon * signs, x.shape))


def square_up_or_down(task: Task, x: Picture, point: Picture, side: int, epsilon: float) -> Picture:
    """A square of each channel goes up or down by ε, whatever it was before (Algorithm 2)."""
    window = _window(task.rng, x, side)
    signs = task.rng.choice((-1.0, 1.0), (len(x), 1, 1))
    moved = point.copy()
    moved[window] = np.clip(x[window] + epsilon * signs, task.low, task.high)
    return moved


def tiles(task: Task, x: Picture, epsilon: float) -> Picture:
    """The first point in L2: tiles of bumps, five along a side, of random signs."""
    _, height, width = x.shape
    side = max(1, min(height, width) // TILES)
    change = np.zeros(x.shape)
    for top in range(0, height - side + 1, side):
        for left in range(0, width - side + 1, side):
            signs = task.rng.choice((-1.0, 1.0), (len(x), 1, 1))
            place = (slice(None), slice(top, top + side), slice(left, left + side))
            change[place] = signs * bumps(side, task.rng)
    return _within(task, x, change * (epsilon / np.linalg.norm(change)))


def length_moved(task: Task, x: Picture, point: Picture, side: int, epsilon: float) -> Picture:
    """One square gives its share of the length to bumps in another (Algorithm 3)."""
    taker, giver = _window(task.rng, x, side), _window(task.rng, x, side)
    change = point - x
    unused = max(0.0, epsilon**2 - float(np.sum(change**2))) / len(x)
    both = np.zeros(x.shape)
    both[taker], both[giver] = change[taker], change[giver]
    available = np.sqrt(np.sum(both**2, axis=(1, 2), keepdims=True) + unused)
    shape = bumps(side, task.rng)
    mixed = _unit(change[taker]) + task.rng.choice((-1.0, 1.0), (len(x), 1, 1)) * _unit(shape[None])
    change[giver] = 0.0
    change[taker] = _unit(mixed) * available
    return _within(task, x, change)


def bumps(side: int, rng: np.random.Generator) -> Float64[np.ndarray, "side side"]:
    """Two pyramids side by side, of opposite signs, one above the other as often (Equation 2).

    Example:
        >>> bumps(2, np.random.default_rng(0)).tolist()
        [[0.25, -0.25], [1.25, -1.25]]
    """
    half = side // 2
    found = np.ones((side, side))
    if half:
        found[:, :half], found[:, half:] = _pyramid(side, half), -_pyramid(side, side - half)
    return found.T if rng.random() < 0.5 else found


def _pyramid(rows: int, columns: int) -> Float64[np.ndarray, "rows columns"]:
    """Steep at its middle: Σ 1/j² from j = 1 + the distance from there, in L∞, to 1 + rows/2."""
    down, across = (np.abs(np.arange(size) - size // 2) for size in (rows, columns))
    distance = np.maximum(down[:, None], across[None, :])
    heights = np.cumsum(1.0 / np.arange(rows // 2 + 1, 0, -1) ** 2)[::-1]
    found: Array = heights[distance]
    return found


def _window(rng: np.random.Generator, x: Picture, side: int) -> Window:
    top, left = (int(rng.integers(0, length - side + 1)) for length in x.shape[1:])
    return slice(None), slice(top, top + side), slice(left, left + side)


def _within(task: Task, x: Picture, change: Picture) -> Picture:
    return np.asarray(np.clip(x + change, task.low, task.high))


def _unit(change: Array) -> Array:
    """Each channel [C, H, W] of length 1, or 0 where there is none."""
    sizes = np.sqrt(np.sum(change**2, axis=(1, 2), keepdims=True))
    return np.asarray(change / np.maximum(sizes, np.finfo(np.float64).tiny))


def _halvings(asked: int, budget: int) -> float:
    """The factor of the squares' share after so many of all queries."""
    return math.ldexp(1.0, -sum(asked * OF > place * budget for place in HALVED))


def _side(share: float, x: Picture, least: int) -> int:
    """The side of a square that covers a share of the picture, and fits into it."""
    height, width = map(int, x.shape[1:])
    return min(max(least, round(math.sqrt(share * height * width))), height, width)


def _rounded(task: Task, points: Picture) -> Picture:
    """Points as the model is shown them: on the grid, or in single precision."""
    if task.step:
        return np.asarray(np.rint(points / task.step) * task.step)
    return points.astype(np.float32).astype(np.float64)


def _margin(shares: Array, task: Task) -> float:
    """By how much the class to leave, or the best but the target, is ahead; below 0: adversarial.

    A tie is nobody's: how a deployment breaks it is not known here.
    """
    own = task.label if task.target is None else task.target
    others = float(np.delete(shares, own).max())
    lead = float(shares[own]) - others
    return lead if task.target is None else -lead


def _picture(x: Array) -> Picture:
    if x.ndim not in (2, 3):
        raise InputError(
            f"Square changes squares of pictures [C, H, W] or [H, W], not inputs of shape "
            f"{list(x.shape)}: reshape them, or take another attack"
        )
    return x.reshape(-1, *x.shape[-2:])


MOVES = {Norm.LINF: (stripes, square_up_or_down), Norm.L2: (tiles, length_moved)}
