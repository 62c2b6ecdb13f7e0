"""Splitting at every offset of a template, one after the other, in integers."""

import math
from dataclasses import dataclass

import numpy as np

from certiball.laws.deterministic_splitting import DeterministicSplitting
from certiball.laws.splitting import PARTS, midpoints
from certiball.samplers.streams import Stream
from certiball.shapes import Levels, Rows
from certiball.spaces import Grid, Space


@dataclass(frozen=True, kw_only=True, eq=False)
class OffsetSampler:
    """What is seen of inputs on a grid at each offset.

    Args:
        law: the thresholds.
        grid: where inputs live.
        template: places of the thresholds at offset 0, one for each number of an input.
    """

    law: DeterministicSplitting
    grid: Grid
    template: Levels

    def noisy(self, clean: Levels, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """What is seen [samples, features] from offset `stream.first` on, in `out` if given.

        After the last offset comes the first again.
        """
        seen = np.empty((samples, clean.size), np.float32) if out is None else out
        offsets = stream.first + np.arange(samples)
        places = (self.template + offsets[:, None]) % self.law.views
        top = self.grid.high - self.grid.low
        parts = midpoints(clean - self.grid.low, places, self.law.views, top)
        self._parts.values(parts + PARTS * self.grid.low, out=seen)
        return seen

    def clean(self, clean: Levels) -> Rows:
        """The input itself, [1, features]."""
        return self.grid.values(clean.reshape(1, -1))

    @property
    def _parts(self) -> Grid:
        """The grid of what is seen."""
        low, high = PARTS * self.grid.low, PARTS * self.grid.high
        return Grid(step=self.grid.step / PARTS, low=low, high=high)


def offset_sampler(
    law: DeterministicSplitting, space: Space, shape: tuple[int, ...]
) -> OffsetSampler:
    """The sampler for inputs of a shape.

    Raises:
        InputError: unless inputs live on the grid that the law was made for.
    """
    grid = law.checked(space)
    return OffsetSampler(law=law, grid=grid, template=law.template(math.prod(shape)))
