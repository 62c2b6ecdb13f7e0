"""Brightness noise on a grid: a whole number of steps added to every level of an image."""

from dataclasses import dataclass

from certiball.laws.lattice import LatticeLaw
from certiball.samplers.streams import Stream
from certiball.samplers.whole import whole_numbers
from certiball.shapes import Levels, Rows
from certiball.spaces import Grid


@dataclass(frozen=True, kw_only=True, eq=False)
class BrightnessOnGrid:
    """Exact brightness noise: integers added to integers, then one float for each.

    Args:
        law: thresholds of the steps that are added.
        grid: where inputs live.
    """

    law: LatticeLaw
    grid: Grid

    def noisy(self, clean: Levels, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """Brightened copies [samples, features] of levels [features], in `out` if given."""
        steps = whole_numbers(self.law, stream, samples)
        return self.grid.values(clean + steps[:, None], out=out)

    def clean(self, clean: Levels) -> Rows:
        """Levels [features] as they are, [1, features]."""
        return self.grid.values(clean.reshape(1, -1))
