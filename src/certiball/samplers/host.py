"""Rows packed into batches on the host, drawn where they will lie wherever they fit."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from certiball.samplers.packed import Packing
from certiball.shapes import Rows

Draw: TypeAlias = Callable[[Rows], Rows]  # rows, written where it is told if it can
Piece: TypeAlias = tuple[int, int, Draw]  # slot, how many rows, and what draws them


def packed_on_host(
    pieces: Iterable[Piece], features: int, packing: Packing
) -> Iterator[tuple[Tensor, Tensor]]:
    """Full batches of rows [batch, features] with each row's slot [batch]; −1 is padding.

    One batch is held, and one piece; both are written over as soon as the next is asked for.
    """
    size, unit = packing.batch, packing.unit
    batch = np.zeros((size, features), dtype=np.float32)
    slots = np.full(size, -1, dtype=np.int64)
    tensors = torch.from_numpy(batch), torch.from_numpy(slots)
    aside = np.empty((0, features), dtype=np.float32)  # for pieces that reach into other batches
    filled = 0
    for slot, count, draw in pieces:
        start = -(-filled // unit) * unit
        slots[filled:start] = -1
        filled = start
        if filled + count <= size:
            _draw_into(batch[filled : filled + count], draw)
            if start == 0:  # padding is real rows, for a model may raise for black ones
                batch[count:] = batch[0]
            slots[filled : filled + count] = slot
            filled += count
            continue
        if len(aside) < count:
            aside = np.empty((count, features), dtype=np.float32)
        rows = draw(aside[:count])
        while len(rows):
            if filled == size:
                yield tensors
                filled = 0
            room = rows[: size - filled]
            batch[filled : filled + len(room)] = room
            slots[filled : filled + len(room)] = slot
            filled += len(room)
            rows = rows[len(room) :]
    if filled:
        slots[filled:] = -1
        yield tensors


def _draw_into(place: Rows, draw: Draw) -> None:
    rows = draw(place)
    if rows is not place:
        place[...] = rows
