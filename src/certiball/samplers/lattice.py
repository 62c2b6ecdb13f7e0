"""Exact integer noise, as fast as floating-point noise.

A 16-bit half word picks a cell of a 65,536-entry table. Where no threshold of the law falls into
the cell, the table holds the noise; the other cells are marked, and only their elements get 48
more bits from a second stream and a binary search. The result has exactly the 64-bit law.

The model sees one float per lattice point, a function of the integer s + z alone, so that no bit
of the sum tells s from z (the attack of arXiv 2207.07209).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from certiball.laws.lattice import LatticeLaw
from certiball.samplers.streams import Stream
from certiball.shapes import Array, HalfWords, Levels, Rows, Words
from certiball.spaces import Grid

CELLS = 2**16
PIECE = 2**17  # elements drawn at a time
REST = np.uint64(48)  # bits of the word that the cell leaves open


@dataclass(frozen=True, kw_only=True, eq=False)
class LatticeSampler:
    """The table of a lattice law, for inputs on a grid.

    Args:
        law: thresholds of the noise.
        grid: where inputs live.
        cells: noise for each cell, or `mark` where thresholds fall into it.
        mark: an integer that is no noise.
        below: how many thresholds lie below each cell.
        crowded: cells that hold more than one threshold.
        counts: how many thresholds lie below the start of each cell and the end of the last,
            and the part of the way to the next.
    """

    law: LatticeLaw
    grid: Grid
    cells: Array
    mark: int
    below: Array
    crowded: Array
    counts: Array

    def noisy(self, clean: Levels, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """Noisy copies [samples, features] of levels [features], as floats, in `out` if given."""
        seen = np.empty((samples, clean.size), dtype=np.float32) if out is None else out
        farthest = int(np.abs(clean).max()) + max(self.law.offset, self.law.greatest)
        shift = clean.astype(_narrowest(farthest))
        for rows, noise in self._pieces(stream, samples, clean.size):
            # In place where the type of noise holds the sum: fresh memory costs more than sums.
            levels = np.add(noise, shift, out=noise if noise.dtype == shift.dtype else None)
            self.grid.values(levels, out=seen[rows])
        return seen

    def clean(self, clean: Levels) -> Rows:
        """Levels [features] without noise, as floats [1, features]."""
        return self.grid.values(clean.reshape(1, -1))

    def noise(self, stream: Stream, samples: int, features: int) -> Levels:
        """Integer noise of a chunk [samples, features]; fewer samples are a prefix of more."""
        return np.concatenate([noise for _, noise in self._pieces(stream, samples, features)])

    def _pieces(
        self, stream: Stream, samples: int, features: int
    ) -> Iterator[tuple[slice, Levels]]:
        """Noise of a few samples at a time, so that the work stays in the processor's cache."""
        rows = max(1, PIECE // features)
        if rows * features % 4:
            rows = -(-rows // 4) * 4  # a piece starts with a whole word
        marked_before = 0
        for start in range(0, samples, rows):
            end = min(start + rows, samples)
            count = (end - start) * features
            words = stream.words(0, start * features // 4, -(-count // 4))
            halves = words.astype("<u8", copy=False).view("<u2")[:count]  # low half first
            noise = self.cells.take(halves)
            marked = np.flatnonzero(noise == self.mark)
            # The i-th marked element of the chunk takes the i-th word of the second stage.
            rest = stream.words(1, marked_before, len(marked)) >> np.uint64(16)
            noise[marked] = self.refine(halves[marked], rest)
            marked_before += len(marked)
            yield slice(start, end), noise.reshape(end - start, features)

    def refine(self, halves: HalfWords, rest: Words) -> Levels:
        """Noise of marked elements: their cell's half word followed by 48 bits more."""
        words = (halves.astype(np.uint64) << REST) | rest
        below = self.below.take(halves)
        reached = below + (self.law.thresholds.take(below) <= words)
        crowded = np.flatnonzero(self.crowded.take(halves))
        if len(crowded):
            reached[crowded] = self._in_crowds(halves[crowded], rest[crowded], words[crowded])
        noise: Levels = reached - self.law.offset
        return noise

    def _in_crowds(self, halves: HalfWords, rest: Words, words: Words) -> Levels:
        """How many thresholds are ≤ words in cells of several, where counts are nearly linear.

        A guess that two thresholds show to be right; what they do not is searched for.
        """
        start = self.counts.take(halves)
        slope = self.counts.take(halves + np.int64(1)) - start
        guess = np.rint(start + slope * (rest * 2.0**-48)).astype(np.int64) - 1
        above = self.law.thresholds.take(guess, mode="clip") <= words
        reached: Levels = guess + above
        beyond = self.law.thresholds.take(reached + above - 1, mode="clip") <= words
        open_ = np.flatnonzero(above == beyond)  # else one is ≤ the word and its neighbour is not
        reached[open_] = _reached(self.law, words[open_])
        return reached


def lattice_sampler(law: LatticeLaw, grid: Grid) -> LatticeSampler:
    """Build the tables of a law on a grid."""
    starts = np.arange(CELLS, dtype=np.uint64) << REST
    below = _reached(law, starts)
    through = _reached(law, starts | ((np.uint64(1) << REST) - np.uint64(1)))
    mark = law.greatest + 1
    return LatticeSampler(
        law=law,
        grid=grid,
        cells=np.where(below == through, below - law.offset, mark).astype(
            _narrowest(max(law.offset, mark))
        ),
        mark=mark,
        below=below,
        crowded=through > below + 1,
        counts=_counts(law, starts, below),
    )


def _reached(law: LatticeLaw, words: Words) -> Levels:
    """How many thresholds are ≤ each word."""
    found: Levels = np.searchsorted(law.thresholds, words, side="right")
    return found


def _counts(law: LatticeLaw, starts: Words, below: Levels) -> Array:
    """Thresholds below the start of each cell and the end of the last, in part where between two.

    Args:
        law: the thresholds.
        starts: of the cells.
        below: how many thresholds are ≤ each start.
    """
    edges = np.concatenate([[np.uint64(0)], law.thresholds, [np.uint64(2**64 - 1)]])
    left, right = edges[below], edges[below + 1]
    parts = (starts - left).astype(np.float64) / (right - left).astype(np.float64)
    return np.append(below + parts, float(len(edges) - 1))


def _narrowest(magnitude: int) -> type[np.int16 | np.int32 | np.int64]:
    """The smallest type that holds sums of levels and noise: narrow integers are fast."""
    if magnitude < 2**15:
        return np.int16
    return np.int32 if magnitude < 2**31 else np.int64
