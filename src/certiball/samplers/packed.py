"""Chunks of noise packed into batches on a device, row for row as the host packs them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from certiball.samplers.chunk import Chunk
from certiball.samplers.device import DeviceNoise, sent
from certiball.shapes import Array

ALIGNED = 32  # rows; kernels may give other bits at another place within a few rows
AT_ONCE = 2**22  # numbers that are drawn together where rows are small: fewer leave a GPU idle


@dataclass(frozen=True, kw_only=True)
class Packing:
    """How rows become batches.

    Args:
        batch: rows per batch.
        unit: each chunk starts at a multiple of it; it divides `batch`.
        chunk: samples of the largest chunk.
    """

    batch: int
    unit: int
    chunk: int

    def room(self, features: int) -> int:
        """Rows to hold at a time, whole batches: a chunk fits behind any that wait to be filled."""
        behind = self.batch - self.unit + self.chunk
        wanted = max(self.batch, behind, AT_ONCE // features)
        return -(-wanted // self.batch) * self.batch


def packed(
    noise: DeviceNoise, chunks: Iterable[Chunk], features: int, packing: Packing
) -> Iterator[tuple[Tensor, Tensor]]:
    """Full batches of noisy rows [batch, features] with each row's slot [batch]; −1 is padding.

    Memory is that of a few batches, however many chunks there are: rows are written over as soon
    as later ones are asked for.
    """
    batch, unit = packing.batch, packing.unit
    length = packing.room(features)
    rows = torch.zeros(length, features, device=noise.device)
    slots = np.full(length, -1, dtype=np.int64)
    group: list[tuple[int, Chunk]] = []  # with the row of each chunk's first sample
    filled = 0
    for chunk in chunks:
        start = -(-filled // unit) * unit
        if start + chunk.samples > length:
            noise.fill(rows, group)
            whole = start // batch * batch
            _pad(rows, slots[:start])
            yield from _batches(rows[:whole], slots[:whole], batch)
            start, group = _move_to_front(rows, slots, whole, start), []
        filled = start + chunk.samples
        slots[start:filled] = chunk.slot
        group.append((start, chunk))
    noise.fill(rows, group)
    whole = -(-filled // batch) * batch
    _pad(rows, slots[:whole])
    yield from _batches(rows[:whole], slots[:whole], batch)


def _pad(rows: Tensor, slots: Array) -> None:
    """Padding is real rows, for a model may raise for black ones."""
    empty = np.flatnonzero(slots < 0)
    if len(empty):
        rows[sent(empty, rows.device)] = rows[0].clone()


def _batches(rows: Tensor, slots: Array, batch: int) -> Iterator[tuple[Tensor, Tensor]]:
    places = sent(slots.copy(), rows.device)  # a copy: the next group's slots replace these
    shape = (-1, batch, rows.shape[1])
    yield from zip(rows.view(shape).unbind(), places.view(-1, batch).unbind(), strict=True)


def _move_to_front(rows: Tensor, slots: Array, whole: int, start: int) -> int:
    """Keep the rows before `start` that filled no batch; returns how many."""
    rest = start - whole
    rows[:rest] = rows[whole:start].clone()
    slots[:rest] = slots[whole:start]
    slots[rest:] = -1
    return rest
