"""What came of an attack: for each input a point, what it cost, and what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from certiball.attacks.epsilons import Epsilons, are_several, check_epsilons, into_ball
from certiball.balls import Norm
from certiball.shapes import Array, Batch, Labels
from certiball.smoothed import Inputs, encode
from certiball.spaces import Grid, Space

History: TypeAlias = tuple[tuple[int, float], ...]  # queries spent, distance of the best so far


class Status(Enum):
    """What became of an input."""

    FOUND = "found"  # an adversarial point, as the attack believes
    MISCLASSIFIED = "misclassified"  # already, before anything was moved: distance 0
    NOT_FOUND = "not found"  # the search ended without one: the model may never change its label
    BUDGET = "budget"  # the queries were spent before one was found
    REFUSED_START = "start not adversarial"  # the point that the user gave


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Attacked:
    """The result of an attack on n inputs; it unpacks as `raw, clipped, success`.

    Args:
        norm: in which distances are measured.
        raw: the points found [n, ...], as the model is shown them (rounded to its grid); the
            clean input where none was. For several ε of an attack at fixed ε, a list of them.
        clipped: the same, moved towards the clean input until they lie in the ball of ε; raw
            where no ε was asked for. For several ε a list.
        success: whether the point lies in the ball and is believed adversarial, [n] or [K, n].
        queries: questions asked [n].
        forwards: calls of the base classifier [n].
        backwards: gradients computed [n].
        distance: of raw [n]; ∞ where none was found, 0 where the input was misclassified.
        status: what became of each.
        history: of each, (queries, distance) whenever the best point changed; of attacks by
            gradients, which ask no questions, (forwards, distance).
        verified_level: lower bounds [n] on how often the points are answered adversarially; None
            before they were judged on fresh noise.
        verified_distance: of the closest points [n] that were verified; ∞ where none was.
    """

    norm: Norm
    raw: Any
    clipped: Any
    success: Array
    queries: Labels
    forwards: Labels
    backwards: Labels
    distance: Array
    status: tuple[Status, ...]
    history: tuple[History, ...]
    verified_level: Array | None = None
    verified_distance: Array | None = None

    def __iter__(self) -> Iterator[Any]:
        return iter((self.raw, self.clipped, self.success))

    def __repr__(self) -> str:
        found = self.distance[np.isfinite(self.distance)]
        median = f", median distance {np.median(found):.4g} in {self.norm}" if len(found) else ""
        return f"{type(self).__name__}({len(found)} of {len(self.distance)} inputs found{median})"


def within(found: Attacked, space: Space, inputs: Inputs, epsilons: Epsilons) -> Attacked:
    """A minimal attack's result as callers asked for it: by ε, and in tensors if they gave some.

    Args:
        found: the result, with arrays.
        space: where inputs live.
        inputs: the clean inputs [n, ...].
        epsilons: one radius, several, or None for none.

    Raises:
        InputError: as `check_epsilons`.
    """
    clean = shown(space, encode(space, inputs))
    limits = check_epsilons(epsilons, found.norm, space, clean[0].size)
    kind = torch.from_numpy if isinstance(inputs, Tensor) else np.asarray
    raw = kind(found.raw)
    clipped = [kind(_clipped(found, clean, each)) for each in limits]
    success = np.stack([found.distance <= each for each in limits]) if limits else found.success
    if epsilons is None:
        return replace(found, raw=raw, clipped=raw)
    if len(limits) == 1 and not are_several(epsilons):
        return replace(found, raw=raw, clipped=clipped[0], success=success[0])
    return replace(found, raw=[raw] * len(limits), clipped=clipped, success=success)


def _clipped(found: Attacked, clean: Batch, epsilon: float) -> Batch:
    """What lies in the ball stays as it was answered: in floats it might be moved off the grid."""
    inside = (found.distance <= epsilon).reshape(-1, *(1,) * (clean.ndim - 1))
    return np.where(inside, found.raw, into_ball(found.norm, clean, found.raw, epsilon))


def shown(space: Space, encoded: Batch) -> Batch:
    """Encoded inputs as the base classifier sees them, float32."""
    return space.values(encoded) if isinstance(space, Grid) else encoded
