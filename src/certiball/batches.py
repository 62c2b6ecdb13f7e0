"""The batches that a model sees: chunks of noise, packed into one shape.

Chunks of many inputs are packed into batches of one fixed shape (the last is padded), because
networks give other bits at other batch shapes. Noise for a lattice is made on the GPU where the
network is on one, with the same bits.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from certiball.classifiers.device import device_of
from certiball.errors import BatchError
from certiball.execution import Block, Execution
from certiball.samplers import Sampler
from certiball.samplers.chunk import Chunk
from certiball.samplers.host import Draw, packed_on_host
from certiball.samplers.on_device import noise_on
from certiball.samplers.packed import ALIGNED, Packing, packed
from certiball.samplers.streams import Stream
from certiball.samplers.together import fits, noisy_together
from certiball.shapes import Array
from certiball.smoothed import Smoothed

Batches: TypeAlias = Iterator[tuple[Tensor, Tensor]]  # inputs, and the slot of each

FEW = 8  # chunks in a batch, at least, that are worth drawing together
TOO_LARGE = (
    "the classifier runs out of memory with a batch of these inputs: give a smaller batch (--batch)"
)


def chunks_of(
    inputs: Mapping[int, Array], blocks: Sequence[Block], key: int, size: int
) -> Iterator[Chunk]:
    """The chunks of all blocks, each with its place in the table of counts."""
    slot = 0
    for block in blocks:
        clean = inputs[block.input].reshape(-1)
        left = block.samples
        for number in range(block.first, block.first + block.chunks(size)):
            stream = Stream(
                key=key, phase=block.phase, input=block.input, chunk=number, first=number * size
            )
            yield Chunk(slot=slot, stream=stream, clean=clean, samples=min(left, size))
            left -= size
            slot += 1


def noisy_batches(
    g: Smoothed,
    chunks: Iterator[Chunk],
    shape: tuple[int, ...],
    execution: Execution,
    device: torch.device | None = None,
    dense: bool = False,
) -> Batches:
    """Batches of noisy inputs [batch, *seen] with the slot of each; −1 is padding.

    Each is written over as soon as the next is asked for.

    Args:
        g: the law, the space, and the classifier whose GPU makes the noise.
        chunks: what to draw.
        shape: of an input.
        execution: batch shape and layout.
        device: where torch makes the noise; by default on the classifier's GPU, or, where it is
            on none, by NumPy. The noise is the same.
        dense: whether each chunk follows the last without a gap, for chunks of few samples.
    """
    packing = replace(_packing(execution), unit=1) if dense else _packing(execution)
    where, features = device or _gpu(g), math.prod(g.law.seen(shape))
    few = dense and where is None and execution.chunk * FEW <= execution.batch
    if few and fits(g.sampler(shape), execution.chunk, features):
        rows = _rows_together(g.sampler(shape), chunks, features, packing)
    else:
        rows = _noisy_rows(g, chunks, shape, packing, where)
    return _laid_out(rows, g.law.seen(shape), execution.layout)


def clean_batches(g: Smoothed, inputs: Mapping[int, Array], execution: Execution) -> Batches:
    """The same for inputs without noise, all of one shape; their slots count from 0."""
    seen = g.law.seen(next(iter(inputs.values())).shape)
    draws = (_clean(g, x) for x in inputs.values())
    pieces = ((slot, 1, draw) for slot, draw in enumerate(draws))
    rows = packed_on_host(pieces, math.prod(seen), _packing(execution))
    return _laid_out(rows, seen, execution.layout)


def _noisy_rows(
    g: Smoothed,
    chunks: Iterator[Chunk],
    shape: tuple[int, ...],
    packing: Packing,
    device: torch.device | None,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of noisy rows with each one's slot, made on the device if one is given."""
    sampler, features = g.sampler(shape), math.prod(g.law.seen(shape))
    noise = noise_on(device, sampler) if device else None
    if noise is None:
        pieces = ((c.slot, c.samples, _noisy(sampler, c)) for c in chunks)
        yield from packed_on_host(pieces, features, packing)
        return
    try:
        yield from packed(noise, chunks, features, packing)
    except torch.OutOfMemoryError as error:  # of the noise
        raise BatchError(TOO_LARGE) from error


def _rows_together(
    sampler: Any, chunks: Iterator[Chunk], features: int, packing: Packing
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of chunks of as many samples each, drawn together; the rest of a batch is padding."""
    rows = np.zeros((packing.batch, features), dtype=np.float32)
    while group := list(islice(chunks, packing.batch // packing.chunk)):
        filled = len(group) * packing.chunk
        noisy_together(sampler, group, rows[:filled])
        rows[filled:] = rows[0]  # padding is real rows, for a model may raise for black ones
        slots = np.full(packing.batch, -1, dtype=np.int64)
        slots[:filled] = np.repeat([chunk.slot for chunk in group], packing.chunk)
        yield torch.from_numpy(rows), torch.from_numpy(slots)


def _noisy(sampler: Sampler, chunk: Chunk) -> Draw:
    return lambda out: sampler.noisy(chunk.clean, chunk.stream, chunk.samples, out)


def _gpu(g: Smoothed) -> torch.device | None:
    device = device_of(g.classifier)
    return device if device.type == "cuda" else None


def _packing(execution: Execution) -> Packing:
    """Chunks start at multiples of 32 rows, or at a new batch where batches are no such multiple.

    So what precedes a chunk, which interruptions decide, does not shift its rows.
    """
    unit = ALIGNED if execution.batch % ALIGNED == 0 else execution.batch
    return Packing(batch=execution.batch, unit=unit, chunk=execution.chunk)


def _laid_out(
    batches: Iterator[tuple[Tensor, Tensor]], shape: tuple[int, ...], layout: str
) -> Iterator[tuple[Tensor, Tensor]]:
    """Rows as inputs [batch, *shape] in the memory layout, in one place that is used again."""
    place: Tensor | None = None
    for rows, slots in batches:
        images = rows.view(len(rows), *shape)
        memory = torch.channels_last if layout == "channels_last" else torch.contiguous_format
        if not images.is_contiguous(memory_format=memory):  # one channel lies both ways
            if place is None:
                place = torch.empty_like(images, memory_format=memory)
            images = place.copy_(images)
        yield images, slots


def _clean(g: Smoothed, levels: Array) -> Draw:
    seen = g.sampler(levels.shape).clean(levels.reshape(-1))
    return lambda _: seen
