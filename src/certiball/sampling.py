"""The only code that runs a model under noise.

Chunks of many inputs are packed into batches of one fixed shape (the last is padded), because
networks give other bits at other batch shapes. Noise for a lattice is made on the GPU where the
network is on one, with the same bits. Votes are counted where the model's output lies and fetched
once, so memory does not depend on the number of samples.

Where a backend can answer several threads at once, each takes an equal part of every batch and
makes its own noise: threads that share every layer wait for each other at every layer.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from certiball.classifiers.backend import lanes_of
from certiball.classifiers.device import device_of
from certiball.classifiers.machine import lacks_memory, machine_failed
from certiball.errors import BatchError, CertiballError, InputError, ModelError
from certiball.execution import Block, Execution
from certiball.samplers import Sampler
from certiball.samplers.chunk import Chunk
from certiball.samplers.dealt import dealt
from certiball.samplers.host import Draw, packed_on_host
from certiball.samplers.on_device import noise_on
from certiball.samplers.packed import ALIGNED, Packing, packed
from certiball.samplers.streams import Stream
from certiball.shapes import Array, Counts
from certiball.smoothed import Smoothed

Batches: TypeAlias = Iterator[tuple[Tensor, Tensor]]  # inputs, and the slot of each

TOO_LARGE = (
    "the classifier runs out of memory with a batch of these inputs: give a smaller batch (--batch)"
)


def count_votes(
    g: Smoothed,
    inputs: Mapping[int, Array],
    blocks: Sequence[Block],
    key: int,
    execution: Execution,
    device: torch.device | None = None,
) -> list[Counts]:
    """Draw the blocks' samples and count the votes.

    Args:
        g: the smoothed classifier.
        inputs: encoded inputs (levels or values, all of one shape) by the number in the blocks.
        blocks: what to draw.
        key: the run's 128-bit key.
        execution: batch shape, layout, threads, chunk.
        device: where torch makes the noise; by default on the classifier's GPU, or, where it is
            on none, by NumPy. The noise is the same.

    Returns:
        For each block the votes of each chunk, int64 [chunks, classes].

    Raises:
        ModelError: naming the input for which the classifier's answer is not a vote.
    """
    if not blocks:
        raise InputError("there is nothing to sample: no blocks were given")
    sizes = [block.chunks(execution.chunk) for block in blocks]
    chunks = _chunks(inputs, blocks, key, execution.chunk)
    shape = inputs[blocks[0].input].shape
    seen = g.law.seen(shape)
    lanes = lanes_of(g.classifier, execution.batch, execution.threads)
    part = replace(execution, batch=execution.batch // lanes, threads=execution.threads // lanes)
    stop = Event()
    sources = [
        _laid_out(_noisy_rows(g, mine, shape, part, device or _gpu(g)), seen, part.layout)
        for mine in dealt(chunks, lanes, max(1, part.batch // part.chunk), stop)
    ]
    counts = _tally_all(g, sources, sum(sizes), part, stop)
    ends = np.cumsum(sizes)[:-1]
    split: list[Counts] = np.split(counts, ends)
    for block, votes in zip(blocks, split, strict=True):
        _refuse_invalid(votes, f"input {block.input} under noise", g.classifier.num_classes)
    return [votes[:, : g.classifier.num_classes] for votes in split]


def clean_labels(g: Smoothed, inputs: Mapping[int, Array], execution: Execution) -> dict[int, int]:
    """The base classifier's label for each encoded input, without noise."""
    if not inputs:
        raise InputError("there is nothing to classify: no inputs were given")
    shape = next(iter(inputs.values())).shape
    seen = g.law.seen(shape)
    draws = (_clean(g, x) for x in inputs.values())
    pieces = ((slot, 1, draw) for slot, draw in enumerate(draws))
    rows = packed_on_host(pieces, math.prod(seen), _packing(execution))
    batches = _laid_out(rows, seen, execution.layout)
    with exact_kernels(execution.threads):
        counts = _tally(g, batches, len(inputs))
    for number, votes in zip(inputs, counts, strict=True):
        _refuse_invalid(votes[None], f"input {number} without noise", g.classifier.num_classes)
    return {n: int(votes.argmax()) for n, votes in zip(inputs, counts, strict=True)}


@contextmanager
def exact_kernels(threads: int) -> Iterator[None]:
    """Deterministic kernels, no TF32, no gradients, a stated number of threads."""
    cudnn = torch.backends.cudnn
    matmul = torch.backends.cuda.matmul
    settings: list[tuple[Any, str, bool | str]] = [
        (cudnn, "deterministic", True),
        (cudnn, "benchmark", False),
    ]
    if hasattr(cudnn, "conv"):  # torch 2.9 and later; it refuses the old names beside the new
        cpu: Any = torch.backends.mkldnn  # the same on the CPU, which a program may have loosened
        places = (matmul, cudnn.conv, cudnn.rnn, cpu.matmul, cpu.conv, cpu.rnn)
        settings += [(b, "fp32_precision", "ieee") for b in places]
    else:
        settings += [
            (torch.backends.cuda.matmul, "allow_tf32", False),
            (cudnn, "allow_tf32", False),
        ]
    before = [getattr(place, name) for place, name, _ in settings]
    threads_before = torch.get_num_threads()
    for place, name, value in settings:
        setattr(place, name, value)
    torch.set_num_threads(threads)
    try:
        with torch.inference_mode():
            yield
    finally:
        torch.set_num_threads(threads_before)
        for (place, name, _), value in zip(settings, before, strict=True):
            setattr(place, name, value)


@contextmanager
def misfits_explained(shape: tuple[int, ...]) -> Iterator[None]:
    """What a classifier raises, as a `ModelError` of one line; torch does where shapes misfit.

    Raises:
        BatchError: where memory does not suffice.
    """
    try:
        yield
    except CertiballError:
        raise
    except Exception as error:  # a user's model may raise anything
        if lacks_memory(error):
            raise BatchError(TOO_LARGE) from error
        first = next(iter(str(error).splitlines()), "")
        if isinstance(error, RuntimeError) and first and not machine_failed(error):
            said = f"the classifier does not take inputs of shape {tuple(shape)}: {first}"
        else:
            said = f"the model raised {type(error).__name__}" + (f": {first}" if first else "")
        raise ModelError(said) from error


def _clean(g: Smoothed, levels: Array) -> Draw:
    seen = g.sampler(levels.shape).clean(levels.reshape(-1))
    return lambda _: seen


def _chunks(
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


def _noisy_rows(
    g: Smoothed,
    chunks: Iterator[Chunk],
    shape: tuple[int, ...],
    execution: Execution,
    device: torch.device | None,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of noisy rows with each one's slot, made on the device if one is given."""
    sampler, features = g.sampler(shape), math.prod(g.law.seen(shape))
    noise = noise_on(device, sampler) if device else None
    packing = _packing(execution)
    if noise is None:
        pieces = ((c.slot, c.samples, _noisy(sampler, c)) for c in chunks)
        yield from packed_on_host(pieces, features, packing)
        return
    try:
        yield from packed(noise, chunks, features, packing)
    except torch.OutOfMemoryError as error:  # of the noise
        raise BatchError(TOO_LARGE) from error


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


def _tally_all(
    g: Smoothed, sources: Sequence[Batches], slots: int, execution: Execution, stop: Event
) -> Counts:
    """Votes per slot from all sources, each counted by a thread of its own."""
    with exact_kernels(execution.threads):
        if len(sources) == 1:
            return _tally(g, sources[0], slots)
        with ThreadPoolExecutor(len(sources)) as pool:
            try:
                tables = list(pool.map(lambda source: _tally(g, source, slots), sources))
            finally:  # after an error or an interruption the others have nothing to go on with
                stop.set()
        total: Counts = np.sum(tables, axis=0)
        return total


@torch.inference_mode()  # which each thread has for itself
def _tally(g: Smoothed, batches: Batches, slots: int) -> Counts:
    """Votes per slot, int64 [slots, classes + 2]; the last columns count NaN and wrong classes."""
    columns = g.classifier.num_classes + 2
    table = torch.zeros((slots + 1) * columns, dtype=torch.int64)  # one more row for padding
    for batch, places in batches:
        with misfits_explained(batch.shape[1:]):
            output = g.classifier(batch)
        votes = _votes(output, len(batch), g.classifier.num_classes)
        table = table.to(votes.device)  # where the model's output lies
        cells = (places.to(votes.device) % (slots + 1)) * columns + votes
        table.index_add_(0, cells, torch.ones_like(cells))
    counts: Counts = table.view(slots + 1, columns)[:slots].cpu().numpy()
    return counts


def _votes(output: Tensor, batch: int, classes: int) -> Tensor:
    """Labels [batch]; `classes` stands for NaN, `classes` + 1 for a class that does not exist."""
    if output.shape == (batch, classes) and output.is_floating_point():
        return output.argmax(1).masked_fill_(output.isnan().any(1), classes)
    if output.shape == (batch,) and not output.is_floating_point():
        labels = output.long()
        return labels.masked_fill((labels < 0) | (labels >= classes), classes + 1)
    raise ModelError(
        f"the classifier returned {output.dtype} of shape {tuple(output.shape)} for {batch} "
        f"inputs: it must return scores [{batch}, {classes}] or integer classes [{batch}]; "
        "check num_classes"
    )


def _refuse_invalid(votes: Array, where: str, classes: int) -> None:
    if votes[:, classes].any():
        raise ModelError(
            f"the classifier's scores for {where} have NaN: no vote can be counted; "
            "check its weights and the range of its inputs"
        )
    if votes[:, classes + 1].any():
        raise ModelError(
            f"the classifier's label for {where} is not one of 0…{classes - 1}; check num_classes"
        )
