"""The only code that asks a classifier for votes under noise.

Votes are counted where the model's output lies and fetched once, so memory does not depend on the
number of samples. The batches come from `batches`.

Where a backend can answer several threads at once, each takes an equal part of every batch and
makes its own noise: threads that share every layer wait for each other at every layer.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from threading import Event
from typing import Any

import numpy as np
import torch
from torch import Tensor

from certiball.batches import TOO_LARGE, Batches, chunks_of, clean_batches, noisy_batches
from certiball.classifiers import Classifier
from certiball.classifiers.backend import lanes_of
from certiball.classifiers.machine import lacks_memory, machine_failed
from certiball.classifiers.regressor import Regressor
from certiball.errors import BatchError, CertiballError, InputError, ModelError
from certiball.execution import Block, Execution
from certiball.laws import Law
from certiball.samplers.chunk import Chunk
from certiball.samplers.dealt import dealt
from certiball.shapes import Array, Counts, Values
from certiball.smoothed import Smoothed


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
    if isinstance(g.classifier, Regressor):
        raise InputError(
            "a Regressor answers numbers, and votes are for classes: certify_median bounds numbers"
        )
    sizes = [block.chunks(execution.chunk) for block in blocks]
    chunks = chunks_of(inputs, blocks, key, execution.chunk)
    shape = inputs[blocks[0].input].shape
    make = partial(noisy_batches, g, shape=shape, device=device)
    counts = _tally_all(g, chunks, make, sum(sizes), execution)
    ends = np.cumsum(sizes)[:-1]
    split: list[Counts] = np.split(counts, ends)
    for block, votes in zip(blocks, split, strict=True):
        _refuse_invalid(votes, f"input {block.input} under noise", g.classifier.num_classes)
    return [votes[:, : g.classifier.num_classes] for votes in split]


def count_queries(
    g: Smoothed, chunks: Sequence[Chunk], shape: tuple[int, ...], execution: Execution
) -> Counts:
    """The votes of each chunk, int64 [chunks, classes]: few samples each, packed without gaps.

    Batches hold rows of many chunks at any place, so a network's bits may depend on what is
    asked together; what is drawn does not.

    Args:
        g: the smoothed classifier.
        chunks: what to draw; their slots are their places in the sequence.
        shape: of an input.
        execution: batch shape, layout, threads; `chunk` is the most samples that one has.

    Raises:
        ModelError: if the classifier's answers are not votes, or it raises.
    """
    make = partial(noisy_batches, g, shape=shape, dense=True)
    votes = _tally_all(g, iter(chunks), make, len(chunks), execution)
    _refuse_invalid(votes, "a query under noise", g.classifier.num_classes)
    return votes[:, : g.classifier.num_classes]


def answer_queries(classifier: Classifier, rows: Values, execution: Execution) -> Counts:
    """What a classifier answers each input without noise, as one vote, int64 [inputs, classes].

    Args:
        classifier: what answers.
        rows: inputs as the model sees them, float32 [inputs, ...].
        execution: the largest batch, threads.

    Raises:
        ModelError: if its answers are not votes, or it raises.
    """
    tensor, slots, size = torch.from_numpy(rows), torch.arange(len(rows)), execution.batch
    starts = range(0, len(rows), size)
    batches = ((tensor[k : k + size], slots[k : k + size]) for k in starts)
    with exact_kernels(execution.threads):
        votes = _tally(classifier, batches, len(rows))
    _refuse_invalid(votes, "a query", classifier.num_classes)
    return votes[:, : classifier.num_classes]


def each_answer(
    g: Smoothed,
    inputs: Mapping[int, Array],
    block: Block,
    key: int,
    execution: Execution,
    take: Callable[[Tensor], None],
) -> None:
    """Draw one block's samples and hand over what the model answers, for outputs that are no votes.

    Args:
        g: the law, the space, and a model that answers anything [batch, ...].
        inputs: encoded inputs by the number in the block.
        block: what to draw.
        key: the run's 128-bit key.
        execution: batch shape, layout, threads, chunk.
        take: is given the answers of a batch, without those to padding.

    Raises:
        ModelError: if the model raises, or does not give an answer for each input.
    """
    chunks = chunks_of(inputs, [block], key, execution.chunk)
    shape = inputs[block.input].shape
    with exact_kernels(execution.threads):
        for batch, slots in noisy_batches(g, chunks, shape, execution):
            answers = _answers(g, batch)
            take(answers[(slots >= 0).to(answers.device)])


def clean_answers(g: Smoothed, inputs: Mapping[int, Array], execution: Execution) -> list[Tensor]:
    """What the model answers each encoded input without noise."""
    found: list[Tensor] = []
    with exact_kernels(execution.threads):
        for batch, slots in clean_batches(g, inputs, execution):
            answers = _answers(g, batch)
            found += answers[(slots >= 0).to(answers.device)]
    return found


def clean_labels(g: Smoothed, inputs: Mapping[int, Array], execution: Execution) -> dict[int, int]:
    """The base classifier's label for each encoded input, without noise."""
    if not inputs:
        raise InputError("there is nothing to classify: no inputs were given")
    with exact_kernels(execution.threads):
        counts = _tally(g.classifier, clean_batches(g, inputs, execution), len(inputs))
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
def misfits_explained(shape: tuple[int, ...], law: Law | None = None) -> Iterator[None]:
    """What a classifier raises, as a `ModelError` of one line; torch does where shapes misfit.

    Args:
        shape: of one input: as the model sees it, or of the data if a law is given.
        law: what happens to inputs before the model sees them.

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
            seen = tuple(shape) if law is None else law.seen(tuple(shape))
            said = f"the classifier does not take inputs of shape {seen}: {first}"
            said += "" if law is None else views_explained(law, tuple(shape))
        else:
            said = f"the model raised {type(error).__name__}" + (f": {first}" if first else "")
        raise ModelError(said) from error


def views_explained(law: Law, shape: tuple[int, ...]) -> str:
    """What to add to an error about a shape, where a law shows a model another than the data's."""
    seen = law.seen(shape)
    if seen == shape:
        return ""
    return (
        f"; {law} shows the model inputs of shape {seen} for those of shape {shape}: "
        "take one that was trained under this noise"
    )


def _answers(g: Smoothed, batch: Tensor) -> Tensor:
    with misfits_explained(batch.shape[1:]):
        output = g.classifier(batch)
    if output.shape[:1] != (len(batch),):
        raise ModelError(
            f"the model returned {output.dtype} of shape {tuple(output.shape)} for {len(batch)} "
            "inputs: its first axis must be the batch's"
        )
    return output


def _tally_all(
    g: Smoothed,
    chunks: Iterator[Chunk],
    make: Callable[..., Batches],
    slots: int,
    execution: Execution,
) -> Counts:
    """Votes per slot; where several threads may run the model, each counts a part of them."""
    lanes = lanes_of(g.classifier, execution.batch, execution.threads)
    part = replace(execution, batch=execution.batch // lanes, threads=execution.threads // lanes)
    stop = Event()
    sources = [
        make(chunks=mine, execution=part)
        for mine in dealt(chunks, lanes, max(1, part.batch // part.chunk), stop)
    ]
    with exact_kernels(part.threads):
        if len(sources) == 1:
            return _tally(g.classifier, sources[0], slots)
        with ThreadPoolExecutor(len(sources)) as pool:
            try:
                tables = list(pool.map(lambda source: _tally(g.classifier, source, slots), sources))
            finally:  # after an error or an interruption the others have nothing to go on with
                stop.set()
        total: Counts = np.sum(tables, axis=0)
        return total


@torch.inference_mode()  # which each thread has for itself
def _tally(classifier: Classifier, batches: Batches, slots: int) -> Counts:
    """Votes per slot, int64 [slots, classes + 2]; the last columns count NaN and wrong classes."""
    columns = classifier.num_classes + 2
    table = torch.zeros((slots + 1) * columns, dtype=torch.int64)  # one more row for padding
    for batch, places in batches:
        with misfits_explained(batch.shape[1:]):
            output = classifier(batch)
        votes = _votes(output, len(batch), classifier.num_classes)
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
