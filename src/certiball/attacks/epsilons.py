"""Balls of ε: what users ask for, in the units of the space, and points moved into them."""

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from torch import Tensor

from certiball.balls import Norm
from certiball.errors import InputError
from certiball.numbers import as_float
from certiball.shapes import Array, Batch
from certiball.spaces import Grid, Space
from certiball.statistics.rounding import fraction_up

Epsilons: TypeAlias = float | Sequence[float] | Array | Tensor | None


def are_several(epsilons: Epsilons) -> bool:
    """Whether ε are given as a list, in whatever kind of one.

    Example:
        >>> are_several(np.array([0.1, 0.2])), are_several([0.1]), are_several(0.1)
        (True, True, False)
    """
    if isinstance(epsilons, np.ndarray | Tensor):
        return epsilons.ndim == 1
    return isinstance(epsilons, Sequence)


def check_epsilons(epsilons: Epsilons, norm: Norm, space: Space, dimension: int) -> list[float]:
    """The ε as a list, as distances are measured; none where none were asked for.

    Raises:
        InputError: for an ε that is not positive, or so large that its ball holds every input of
            the space: it is in other units.
    """
    if epsilons is None:
        return []
    held: Any = epsilons.tolist() if isinstance(epsilons, np.ndarray | Tensor) else epsilons
    several = held if are_several(epsilons) else [held]
    found = [as_float("epsilon", epsilon) for epsilon in several]
    low, high = space.bounds
    limit = widest(norm, space, dimension)
    for epsilon in found:
        if not epsilon > 0:
            raise InputError(f"epsilon must be > 0, not {epsilon:g}")
        if epsilon >= limit:
            raise InputError(
                f"epsilon = {epsilon:g} in {norm} reaches every input from {low:g} to {high:g}: "
                f"give it in their units, such as {epsilon:g}/255 for images in [0, 1]"
            )
    return [measured(space, epsilon) for epsilon in found]


def widest(norm: Norm, space: Space, dimension: int) -> float:
    """How far two inputs can lie apart: ∞ where the space has no bounds.

    Example:
        >>> widest(Norm.L2, Grid.uint8(), 784)
        28.0
    """
    low, high = space.bounds
    return (high - low) * {Norm.LINF: 1.0, Norm.L2: math.sqrt(dimension)}.get(norm, dimension)


def measured(space: Space, epsilon: float) -> float:
    """An ε as distances on a grid are measured, which are rounded up.

    8/255 as a float lies below eight levels of 1/255, and whoever asks for it means those eight.

    Example:
        >>> measured(Grid.uint8(), 8 / 255) - 8 / 255 > 0, measured(Grid.uint8(), 0.3)
        (True, 0.3)
    """
    if isinstance(space, Grid) and math.isfinite(epsilon):
        length = round(epsilon / space.step) * space.step
        if float(length) == epsilon:
            return fraction_up(length)
    return epsilon


def lengths(norm: Norm, deltas: Batch) -> Array:
    """The norms [n] of perturbations [n, ...], in floating point.

    Example:
        >>> lengths(Norm.L2, np.array([[3.0, 4.0]])).tolist()
        [5.0]
    """
    rows = deltas.reshape(len(deltas), -1).astype(np.float64)  # float32 has no 1e-300
    if norm is Norm.L2:  # after each step of a search, so the short way
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", rows, rows)))
    order = {Norm.L0: 0, Norm.L1: 1, Norm.LINF: np.inf}[norm]
    found: Array = np.linalg.norm(rows, ord=order, axis=1)
    return found


def into_ball(norm: Norm, clean: Batch, points: Batch, epsilon: float) -> Batch:
    """Points [n, ...] moved towards the clean inputs until they lie in the ball of ε."""
    deltas = points - clean
    if norm is Norm.LINF:
        moved = np.clip(deltas, -epsilon, epsilon)
        return np.asarray(clean + moved.astype(clean.dtype))
    sizes = lengths(norm, deltas).reshape(-1, *(1,) * (clean.ndim - 1))
    moved = deltas * np.minimum(1.0, epsilon / np.maximum(sizes, 1e-300))
    return np.asarray(clean + moved.astype(clean.dtype))
