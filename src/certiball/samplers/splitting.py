"""Splitting noise in integers: the model sees a function of the thresholds around each level."""

from dataclasses import dataclass

import numpy as np

from certiball.errors import InputError
from certiball.laws.splitting import PARTS, Splitting, midpoints
from certiball.samplers.lattice import LatticeSampler, lattice_sampler
from certiball.samplers.streams import Stream
from certiball.shapes import Levels, Rows
from certiball.spaces import Grid, Space


@dataclass(frozen=True, kw_only=True, eq=False)
class SplittingSampler:
    """Places of thresholds, drawn for every number of every sample, and what they leave to see.

    Args:
        places: draws t, uniform on 0 … q − 1.
        period: q, in steps.
        grid: where inputs live.
        parts: where what is seen lives: the same range in quarters of a step.
    """

    places: LatticeSampler
    period: int
    grid: Grid
    parts: Grid

    def noisy(self, clean: Levels, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """What is seen of levels [features], [samples, features], in `out` if given.

        Those outside of the range count as the nearest inside. Two inputs are never further apart
        in L1 after that than before, so certificates speak of perturbed inputs out there as well.
        """
        inside = np.clip(clean, self.grid.low, self.grid.high)
        farthest = 4 * (self.grid.high + self.period)  # neither 2u nor what is seen is beyond
        whole = np.min_scalar_type(-farthest)  # narrow integers are fast
        places = self.places.noise(stream, samples, clean.size).astype(whole, copy=False)
        seen = midpoints(inside.astype(whole), places, self.period, self.grid.high)
        return self.parts.values(seen, out)

    def clean(self, clean: Levels) -> Rows:
        """Levels [features] without noise, as floats [1, features]."""
        return self.grid.values(clean.reshape(1, -1))


def splitting_sampler(law: Splitting, space: Space, shape: tuple[int, ...]) -> SplittingSampler:
    """The sampler of splitting noise on a grid, the same for every shape.

    Raises:
        InputError: unless the space is a grid from 0 to 1 of which 2λ is a whole number of steps.
    """
    if not isinstance(space, Grid):
        raise InputError(
            f"{law} is exact on a grid, and has no sampler for {space}: state the grid that the "
            "data have, such as --space uint8"
        )
    if space.low != 0 or space.high * space.step != 1:
        raise InputError(f"splitting noise is for grids from 0 to 1, not {space}: scale the data")
    period = law.period(space.step)
    return SplittingSampler(
        places=lattice_sampler(law.places(space.step), space),
        period=period,
        grid=space,
        parts=Grid(step=space.step / PARTS, low=0, high=PARTS * space.high),
    )
