"""From where an attack has walked to a point that can be shown to a model, inside ε for certain.

Walks are reckoned in float32, and a deployment rounds to its grid. Points are rounded here, and
drawn towards the clean input until what was rounded is in the ball: whether it is, is decided by
exact differences and with a margin for their sums.
"""

from fractions import Fraction

import numpy as np

from certiball.balls import Norm
from certiball.shapes import Array, Batch
from certiball.spaces import Grid, Space

CLOSE = 2.0**-20  # the first thing to try where a point lies outside by roundings alone
HALVINGS = 24  # of the share of the way; then what is left is the precision of float32
EXACT = 2.0**53  # integers up to here are floats, and so are their sums


def settled(space: Space, clean: Batch, points: Array, norm: Norm, epsilons: Array) -> Batch:
    """The inputs of a space that are nearest to points, or as near as the balls allow.

    Args:
        space: where inputs live; its bounds are kept.
        clean: encoded clean inputs [m, ...].
        points: [m, ...], in the units of the space.
        norm: L2 or L∞.
        epsilons: radii [m], in the units of the space; on a grid as `measured`.

    Returns:
        Encoded inputs [m, ...], at most ε from the clean ones as `balls.distance_up` measures.

    Example:
        >>> clean, points = np.array([[100, 100]]), np.array([[0.5, 0.3]])
        >>> settled(Grid.uint8(), clean, points, Norm.LINF, np.array([8.1 / 255])).tolist()
        [[108, 92]]
    """
    start = clean.astype(np.float64)
    step = space.step if isinstance(space, Grid) else Fraction(1)
    limits = np.array([_limit(space, norm, Fraction(float(each)) / step) for each in epsilons])
    goals = _in_box(space, points.astype(np.float64) / float(step))
    radii = limits if norm is Norm.LINF else epsilons / float(step)
    moves = _cut(norm, goals - start, radii)
    ends = _rounded(space, start + moves)
    for row in np.flatnonzero(~_inside(norm, ends, start, limits)):
        here = slice(row, row + 1)
        ends[here] = _drawn_in(space, norm, start[here], moves[here], limits[here])
    return ends.astype(clean.dtype)


def _drawn_in(space: Space, norm: Norm, start: Array, move: Array, limit: Array) -> Array:
    """The rounded point of the largest share of one move that is inside."""
    low, high = 0.0, 1.0
    end = start
    for halving in range(HALVINGS):
        share = (low + high) / 2 if halving else 1 - CLOSE
        found = _rounded(space, start + share * move)
        if _inside(norm, found, start, limit)[0]:
            low, end = share, found
        else:
            high = share
    return end


def _limit(space: Space, norm: Norm, radius: Fraction) -> float:
    """What gaps may come to in L∞, and the sum of their squares in L2; whole in levels."""
    if isinstance(space, Grid):
        return float((radius if norm is Norm.LINF else radius**2) // 1)
    if norm is Norm.LINF:
        return float(radius)
    return float(radius**2) * (1 - 2.0**-50)  # a sum of squares, and its root, are rounded


def _in_box(space: Space, goals: Array) -> Array:
    if isinstance(space, Grid):
        return np.asarray(np.clip(goals, space.low, space.high))
    low, high = (np.float32(bound) for bound in space.bounds)
    low = np.nextafter(low, np.float32(np.inf)) if float(low) < space.low else low
    high = np.nextafter(high, np.float32(-np.inf)) if float(high) > space.high else high
    return np.asarray(np.clip(goals, float(low), float(high)))


def _cut(norm: Norm, moves: Array, radii: Array) -> Array:
    radii = radii.reshape(-1, *(1,) * (moves.ndim - 1))
    if norm is Norm.LINF:
        return np.asarray(np.clip(moves, -radii, radii))
    lengths = np.linalg.norm(moves.reshape(len(moves), -1), axis=1).reshape(radii.shape)
    return np.asarray(moves * (radii / np.maximum(lengths, radii)))


def _rounded(space: Space, goals: Array) -> Array:
    """Levels, or values of float32, as float64."""
    return np.rint(goals) if isinstance(space, Grid) else goals.astype(np.float32).astype(float)


def _inside(norm: Norm, ends: Array, start: Array, limits: Array) -> Array:
    """Whether rounded points [m, ...] lie in their balls; never wrongly yes."""
    gaps = _gaps(ends, start).reshape(len(ends), -1)
    if norm is Norm.LINF:
        largest: Array = gaps.max(axis=1)
        return largest <= limits
    sums: Array = np.einsum("ij,ij->i", gaps, gaps)
    # Squares of integers and their sums are exact; of others each is rounded.
    whole = (gaps == np.rint(gaps)).all(axis=1) & (sums < EXACT)
    error = np.where(whole, 0.0, (gaps.shape[1] + 8) * 2.0**-53)
    return np.asarray(sums * (1 + error) <= limits)


def _gaps(ends: Array, start: Array) -> Array:
    """|ends − start|, rounded up: what a difference of floats loses is another float."""
    gap = ends - start
    back = gap - ends
    lost = (ends - (gap - back)) - (start + back)
    up: Array = np.where(lost == 0, np.abs(gap), np.nextafter(np.abs(gap), np.inf))
    return up
