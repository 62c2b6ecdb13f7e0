"""Discrete noise on arrays: each level goes some levels further, the last followed by the first.

Not to move has the probability a, and each of the other levels is reached by one distance. So the
exact integer noise of a lattice, taken around a circle of levels, is discrete noise.
"""

from dataclasses import dataclass

import numpy as np

from certiball.laws.discrete import Discrete
from certiball.samplers.lattice import LatticeSampler, lattice_sampler
from certiball.samplers.streams import Stream
from certiball.shapes import Levels, Rows, Values
from certiball.spaces import Space


@dataclass(frozen=True, kw_only=True, eq=False)
class DiscreteSampler:
    """Tables of discrete noise on a grid.

    Args:
        distances: exact integer noise, 0 … levels − 1.
        values: what the model sees of each level, twice over, so that no sum needs a remainder.
    """

    distances: LatticeSampler
    values: Values

    def noisy(self, clean: Levels, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """Noisy copies [samples, features] of levels [features], as floats, in `out` if given."""
        moved = self.distances.noise(stream, samples, clean.size).astype(np.intp)
        moved += self._places(clean)
        return self.values.take(moved, out=out, mode="clip")  # which none needs, and is fastest

    def clean(self, clean: Levels) -> Rows:
        """Levels [features] without noise, as floats [1, features]."""
        return self.values.take(self._places(clean)).reshape(1, -1)

    def _places(self, clean: Levels) -> Levels:
        """Where levels lie on the circle. Those of no such level count as the nearest.

        Two inputs never differ in more coordinates after that than before, so certificates speak
        of perturbed inputs outside of the grid's range as well.
        """
        grid = self.distances.grid
        places: Levels = np.clip(clean, grid.low, grid.high) - grid.low
        return places


def discrete_sampler(law: Discrete, space: Space, shape: tuple[int, ...]) -> DiscreteSampler:
    """Build the tables of a law on a grid; they are the same for inputs of any shape.

    Raises:
        InputError: if the space is no grid of so many levels.
    """
    grid = law.checked(space)
    values = grid.values(np.arange(grid.low, grid.high + 1))
    return DiscreteSampler(
        distances=lattice_sampler(law.on_circle(), grid), values=np.concatenate([values, values])
    )
