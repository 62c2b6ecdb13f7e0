"""What an attack is told, what it asks, and what it is answered.

A search is the state machine of one input, written as a generator: it yields the points that it
wants to have answered and is sent the answers. It sees neither other inputs nor the model.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np

from certiball.balls import Norm
from certiball.shapes import Array, Batch


@dataclass(frozen=True, kw_only=True, eq=False)
class Task:
    """What an attack is told of one input.

    Args:
        x: the clean input [...], float64, in the units of the space.
        low: the least value that an input may have.
        high: the greatest.
        rng: this input's own randomness; whatever is drawn comes from it.
        label: the class to leave; searches by hard labels have no use for it.
        target: the class to reach; None for any other.
        budget: queries that are left for the search.
        start: a point [...] that the user gave to begin at.
        step: of the grid that points are rounded to before they are asked; 0 in the reals.
    """

    x: Array
    low: float
    high: float
    rng: np.random.Generator
    label: int
    target: int | None
    budget: int
    start: Array | None = None
    step: float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Ask:
    """Points that a search wants to have answered.

    Args:
        points: [k, ...], at least one, inside the box.
        best: the best adversarial point [...] so far, as the search believes; None while none is.
    """

    points: Batch
    best: Array | None = None


# It is sent booleans [k], whether each point was answered adversarially, or shares of the votes
# [k, classes], and returns its best point, or None.
Search: TypeAlias = Generator[Ask, Array, Array | None]
# A part of a search, shared between attacks and run with `yield from`, that always has a result.
Part: TypeAlias = Generator[Ask, Array, Array]


@runtime_checkable
class QueryAttack(Protocol):
    """An attack that asks: by hard labels alone, or by shares of the votes."""

    @property
    def norm(self) -> Norm:
        """In which it measures."""
        ...

    @property
    def answers(self) -> str:
        """What it is sent: "labels" or "shares"."""
        ...

    def search(self, task: Task) -> Search:
        """The search for one input's closest adversarial point."""
        ...
