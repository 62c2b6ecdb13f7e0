"""Exact integer noise, as fast as floating-point noise.

A 16-bit half word picks a cell of a 65,536-entry table. Where no threshold of the law falls into
the cell, the table holds the noise; the other cells are marked, and only their elements get 48
more bits from a second stream and a binary search. The result has exactly the 64-bit law.

The model sees one float per lattice point, a function of the integer s + z alone, so that no bit
of the sum tells s from z (the attack of arXiv 2207.07209).
"""

from dataclasses import dataclass

import numpy as np

from certiball.laws.lattice import LatticeLaw
from certiball.samplers.streams import Stream
from certiball.shapes import Array, Levels, Rows, Words
from certiball.spaces import Grid

CELLS = 2**16
REST = np.uint64(48)  # bits of the word that the cell leaves open


@dataclass(frozen=True, kw_only=True, eq=False)
class LatticeSampler:
    """The table of a lattice law, and the floats of a grid.

    Args:
        law: thresholds of the noise.
        cells: noise for each cell, or `mark` where a threshold falls into it.
        mark: an integer that is no noise.
        floats: what the model sees at level `first`, `first` + 1, ….
        first: the least level that noise can reach.
    """

    law: LatticeLaw
    cells: Array
    mark: int
    floats: Array
    first: int

    def noise(self, stream: Stream, count: int) -> Levels:
        """The first `count` integers of noise of a chunk."""
        words = stream.words(0, -(-count // 4))
        halves = words.astype("<u8", copy=False).view("<u2")[:count]  # low half first
        noise = self.cells.take(halves)
        marked = np.flatnonzero(noise == self.mark)
        # The i-th marked element of the chunk takes the i-th word of the second stage.
        rest = stream.words(1, len(marked)) >> np.uint64(16)
        exact = (halves[marked].astype(np.uint64) << REST) | rest
        noise[marked] = _search(self.law, exact)
        return noise

    def noisy(self, clean: Levels, stream: Stream, samples: int) -> Rows:
        """Noisy copies [samples, features] of levels [features], as floats."""
        noise = self.noise(stream, samples * clean.size).reshape(samples, clean.size)
        noise += (clean - self.first).astype(noise.dtype)
        return self.floats.take(noise)


def lattice_sampler(law: LatticeLaw, grid: Grid) -> LatticeSampler:
    """Build the tables of a law on a grid."""
    starts = np.arange(CELLS, dtype=np.uint64) << REST
    first = _search(law, starts)
    last = _search(law, starts | ((np.uint64(1) << REST) - np.uint64(1)))
    reach = np.arange(grid.low + law.least, grid.high + law.greatest + 1, dtype=np.int64)
    widest = len(reach) + law.greatest - law.least + 1
    dtype = np.int16 if widest < 2**15 else np.int32
    mark = law.greatest + 1
    return LatticeSampler(
        law=law,
        cells=np.where(first == last, first, mark).astype(dtype),
        mark=mark,
        floats=grid.values(reach),
        first=int(reach[0]),
    )


def _search(law: LatticeLaw, words: Words) -> Levels:
    found: Levels = np.searchsorted(law.thresholds, words, side="right") - law.offset
    return found
