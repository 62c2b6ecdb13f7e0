"""Gaussian noise of several deviations: on a grid in integers, elsewhere in floating point.

On a grid each deviation has the tables of its own lattice law. An element takes the half word of
its place, as under isotropic noise, and the i-th element of a chunk that a table leaves open takes
the i-th word of the second stage, whichever table it is: no word is read twice. With equal
deviations the noise is that of `LatticeSampler`, to the bit.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from certiball.errors import InputError
from certiball.laws.anisotropic_gaussian import AnisotropicGaussian
from certiball.laws.gaussian import Gaussian
from certiball.samplers.floats import COARSEST, FloatSampler
from certiball.samplers.lattice import LatticeSampler, lattice_sampler
from certiball.samplers.streams import Stream
from certiball.shapes import Array, Levels, Rows, Values
from certiball.spaces import Grid, Space

PIECE = 2**17  # elements drawn at a time


@dataclass(frozen=True, kw_only=True, eq=False)
class AnisotropicLattice:
    """The tables of each deviation, and which numbers have it.

    Args:
        parts: one sampler for each different deviation.
        places: for each of them the numbers of an input that have it.
        which: for each number of an input its part.
        grid: where inputs live.
    """

    parts: tuple[LatticeSampler, ...]
    places: tuple[Array, ...]
    which: Array
    grid: Grid

    def noisy(self, clean: Levels, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """Noisy copies [samples, features] of levels [features], as floats, in `out` if given."""
        seen = np.empty((samples, clean.size), dtype=np.float32) if out is None else out
        for rows, noise in self._pieces(stream, samples, clean.size):
            noise += clean
            self.grid.values(noise, out=seen[rows])
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
        rows = max(1, PIECE // features)
        rows += -rows % 4 if rows * features % 4 else 0  # a piece starts with a whole word
        marked_before = 0
        for start in range(0, samples, rows):
            end = min(start + rows, samples)
            count = (end - start) * features
            words = stream.words(0, start * features // 4, -(-count // 4))
            halves = words.astype("<u8", copy=False).view("<u2")[:count]  # low half first
            noise, marked = self._drawn(halves.reshape(-1, features))
            rest = stream.words(1, marked_before, len(marked)) >> np.uint64(16)
            flat = noise.reshape(-1)
            which = self.which[marked % features]
            for number, part in enumerate(self.parts):
                mine = np.flatnonzero(which == number)
                flat[marked[mine]] = part.refine(halves[marked[mine]], rest[mine])
            marked_before += len(marked)
            yield slice(start, end), noise

    def _drawn(self, halves: Array) -> tuple[Levels, Array]:
        """What the tables say of half words [rows, features], and where they leave it open."""
        noise = np.empty(halves.shape, dtype=np.int64)
        open_ = np.empty(halves.shape, dtype=np.bool_)
        for part, places in zip(self.parts, self.places, strict=True):
            drawn = part.cells.take(halves[:, places])
            noise[:, places] = drawn
            open_[:, places] = drawn == part.mark
        return noise, np.flatnonzero(open_)


@dataclass(frozen=True, kw_only=True, eq=False)
class AnisotropicFloat:
    """Gaussian noise of a deviation for each number, in float32.

    Args:
        deviations: float32 [features].

    Raises:
        InputError: if float32 does not hold one of them.
    """

    deviations: Values

    def __post_init__(self) -> None:
        for each in (self.deviations.min(), self.deviations.max()):
            FloatSampler(law=Gaussian(sigma=float(each)))  # refuses what float32 does not hold

    def noisy(self, clean: Values, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """Noisy copies [samples, features] of values [features], in `out` if given.

        Raises:
            InputError: if the noise is so small beside a value that their sum is rounded away.
        """
        spacing = np.abs(clean) * np.finfo(np.float32).eps
        if (self.deviations < COARSEST * spacing).any():
            raise InputError(
                f"deviations from {self.deviations.min()} are lost in float32 beside inputs as "
                f"large as {np.abs(clean).max()}: scale the inputs"
            )
        shape = (samples, clean.size)
        noise: Rows = stream.generator().standard_normal(shape, dtype=np.float32, out=out)
        noise *= self.deviations
        noise += clean
        return noise

    def clean(self, clean: Values) -> Rows:
        """Values [features] without noise, [1, features]."""
        return clean.reshape(1, -1)


def anisotropic_sampler(
    law: AnisotropicGaussian, space: Space, shape: tuple[int, ...]
) -> AnisotropicLattice | AnisotropicFloat:
    """The sampler of a law for inputs of a shape in a space.

    Raises:
        InputError: if the law does not fit the shape or the grid.
    """
    deviations = np.array(law.of_numbers(math.prod(shape)))
    if not isinstance(space, Grid):
        return AnisotropicFloat(deviations=deviations.astype(np.float32))
    law.slack(space.step, deviations.size)  # refuses too many, and too fine a grid
    different, which = np.unique(deviations, return_inverse=True)
    return AnisotropicLattice(
        parts=tuple(
            lattice_sampler(Gaussian(sigma=float(each)).on_grid(space.step), space)
            for each in different
        ),
        places=tuple(np.flatnonzero(which == number) for number in range(len(different))),
        which=which,
        grid=space,
    )
