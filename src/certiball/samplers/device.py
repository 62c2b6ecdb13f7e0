"""Lattice noise made where the network runs: the bits of `LatticeSampler`, in torch operations.

The words, the table and the order of refinement are those of samplers/lattice.py, so a run made
on a GPU can be replayed on a CPU. Many chunks are drawn in one go: a GPU is idle on one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from certiball.samplers.chunk import Chunk
from certiball.samplers.lattice import LatticeSampler
from certiball.samplers.philox import SIGN, signed, stream_words
from certiball.samplers.streams import Stream
from certiball.shapes import Array, Levels

PIECE = 2**23  # elements drawn at a time, so that intermediate results stay small
REST = 2**48 - 1  # bits of the word that the cell leaves open


@runtime_checkable
class DeviceNoise(Protocol):
    """Makes on a device the noise that a sampler makes on the host."""

    @property
    def device(self) -> torch.device:
        """Where it is made."""
        ...

    def fill(self, rows: Tensor, chunks: Sequence[tuple[int, Chunk]]) -> None:
        """Write noisy copies of each chunk's input, as the model sees them.

        Args:
            rows: float32 [rows, features] on the device.
            chunks: what to draw, all of one key, each with the row of its first sample.
        """
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class DeviceLattice:
    """A lattice sampler's tables on a device.

    Args:
        sampler: the sampler whose bits are to be made.
        device: where they are made.
        cells: noise for each cell, or the sampler's mark.
        thresholds: the law's, their sign bits flipped: signed order is then their order.
        scale: numerator and denominator of the grid's step, float32 [2].
    """

    sampler: LatticeSampler
    device: torch.device
    cells: Tensor
    thresholds: Tensor
    scale: Tensor

    def fill(self, rows: Tensor, chunks: Sequence[tuple[int, Chunk]]) -> None:
        """Write the chunks' noisy rows, those of `LatticeSampler.noisy` to the bit."""
        inputs = {chunk.stream.input: chunk.clean for _, chunk in chunks}
        clean = self.levels(list(inputs.values()))
        places = {number: place for place, number in enumerate(inputs)}
        for piece in _pieces(chunks, rows.shape[1]):
            samples = piece[0][1].samples
            noise = self._noise([c.stream for _, c in piece], samples * rows.shape[1])
            inputs_of = np.array([places[c.stream.input] for _, c in piece], dtype=np.int64)
            levels = noise.view(len(piece), samples, -1)
            levels = levels + clean[sent(inputs_of, self.device)][:, None]
            for (start, _), values in zip(piece, self._values(levels).unbind(), strict=True):
                rows[start : start + samples] = values

    def levels(self, clean: Sequence[Levels]) -> Tensor:
        """Levels of many inputs on the device, [inputs, features], wide enough for noise."""
        every = np.stack(clean)
        farthest = int(np.abs(every).max()) + max(self.sampler.law.offset, self.sampler.mark)
        return sent(every.astype(np.int32 if farthest < 2**31 else np.int64), self.device)

    def _noise(self, streams: Sequence[Stream], count: int) -> Tensor:
        """The first elements of integer noise of each stream, [streams, count]."""
        words = self._words(streams, 0, -(-count // 4))
        halves = words.view(torch.int16)[:, :count].to(torch.int32) & (2**16 - 1)  # low half first
        noise = self.cells.index_select(0, halves.reshape(-1)).view(-1, count)
        marked = noise == self.sampler.mark
        which, place = marked.nonzero().unbind(1)  # in flat order, stream by stream
        totals = marked.sum(1)
        rank = torch.arange(len(which), device=self.device) - (totals.cumsum(0) - totals)[which]
        # The i-th marked element of a stream takes the i-th word of the second stage.
        rest = self._words(streams, 1, int(totals.max()))[which, rank] >> 16 & REST
        word = (halves[which, place].long() << 48) | rest
        reached = torch.searchsorted(self.thresholds, word ^ SIGN, right=True)
        noise[which, place] = (reached - self.sampler.law.offset).to(noise.dtype)
        return noise

    def _words(self, streams: Sequence[Stream], stage: int, count: int) -> Tensor:
        counters = sent(counter_words(streams, stage), self.device)
        return stream_words(streams[0].key, counters, count)

    def _values(self, levels: Tensor) -> Tensor:
        """`Grid.values` on the device."""
        values = levels.to(torch.float32)
        if self.sampler.grid.step.numerator != 1:
            values *= self.scale[0]
        # By a tensor: CUDA divides by a number as it multiplies by a reciprocal, with other bits.
        return values.div_(self.scale[1])


def _pieces(
    chunks: Sequence[tuple[int, Chunk]], features: int
) -> Iterator[list[tuple[int, Chunk]]]:
    """Chunks of equally many samples that together are small enough."""
    for samples, alike in groupby(chunks, key=lambda chunk: chunk[1].samples):
        every = list(alike)
        step = max(1, PIECE // (samples * features))
        yield from (every[first : first + step] for first in range(0, len(every), step))


def device_lattice(sampler: LatticeSampler, device: torch.device) -> DeviceLattice:
    """Send the tables of a sampler to a device."""
    step = sampler.grid.step
    scale = np.array([step.numerator, step.denominator], dtype=np.float32)
    thresholds = sampler.law.thresholds.view(np.int64) ^ np.int64(SIGN)
    return DeviceLattice(
        sampler=sampler,
        device=device,
        cells=torch.from_numpy(sampler.cells).to(device),
        thresholds=torch.from_numpy(thresholds).to(device),
        scale=torch.from_numpy(scale).to(device),
    )


def counter_words(streams: Sequence[Stream], stage: int) -> Array:
    """The counters of many streams, int64 of the same bits, [streams, 4]."""
    return np.array([[signed(word) for word in s.counter(stage)] for s in streams], dtype=np.int64)


def sent(array: Array, device: torch.device) -> Tensor:
    """An array that is used for nothing else, on a device, without waiting for it."""
    tensor = torch.from_numpy(array)
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)
