"""Plan − stored = pending: sample what is pending, and store it bundle by bundle."""

import itertools
import time
from collections.abc import Iterator, Sequence

from certiball.datasets import Dataset
from certiball.errors import InputError
from certiball.runs.attempt import Run
from certiball.runs.evidence import Evidence, Kind, clean_evidence
from certiball.runs.pending import missing_blocks
from certiball.runs.progress import Progress, samples_of_shard, samples_wanted
from certiball.runs.store import transaction
from certiball.runs.tables import inputs_with, read_evidence, write_evidence
from certiball.samplers.streams import run_key
from certiball.sampling import Block, clean_labels, count_votes
from certiball.shapes import Array
from certiball.smoothed import Smoothed, encode

BUNDLE_SECONDS = 2.0  # of work that a crash may lose; much less would cost time in storing
FIRST_BUNDLE = 8  # batches in the first bundle, before the rate is known
LARGEST_BUNDLE = 2**19  # samples; bounds the memory for counts


def execute(
    run: Run, g: Smoothed, dataset: Dataset, *, max_seconds: float | None = None
) -> Iterator[Progress]:
    """Sample what is pending, in the order of the inputs, and report after each bundle.

    Everything reported is stored. The caller may stop at any report, or anything may stop it in
    between: the next attempt goes on from what is stored, and the votes will be the same.

    Args:
        run: an attempt that this process holds.
        g: the smoothed classifier that the run's specification names.
        dataset: the data that it names.
        max_seconds: stop when so much time has passed; None for no limit.

    Raises:
        ModelError: naming the input for which the classifier's answer is not a vote.
        InputError: if max_seconds is not positive.
    """
    if max_seconds is not None and not max_seconds > 0:
        raise InputError(f"max-seconds must be > 0, not {max_seconds}")
    begin = time.monotonic()
    at_start = done = samples_of_shard(run.connection, run.shard)
    total = samples_wanted(run.spec, run.shard)
    yield Progress(done=done, total=total)
    _label_clean(run, g, dataset)
    sampling = time.monotonic()
    size = FIRST_BUNDLE * run.spec.execution.batch
    for blocks in _passes(run):
        while bundle := _take(blocks, size):
            seconds = _sample(run, g, dataset, bundle)
            drawn = sum(block.samples for block in bundle)
            done += drawn
            now = time.monotonic()
            rate = (done - at_start) / max(now - sampling, 1e-9)
            yield Progress(done=done, total=total, rate=rate)
            rest = BUNDLE_SECONDS
            if max_seconds is not None:
                rest = min(rest, max_seconds - (now - begin))
                if rest <= 0:
                    return
            size = max(run.spec.execution.batch, int(rest * drawn / max(seconds, 1e-9)))
            size = min(size, LARGEST_BUNDLE)


def _passes(run: Run) -> Iterator[Iterator[Block]]:
    """The pending blocks of all inputs, again and again until a pass finds none.

    A plan may want more once it has seen votes, so a pass ends before the next one looks.
    """
    while True:
        blocks = _pending(run)
        first = next(blocks, None)
        if first is None:
            return
        yield itertools.chain([first], blocks)


def _pending(run: Run) -> Iterator[Block]:
    for number in run.inputs:
        stored = list(read_evidence(run.connection, Kind.VOTES, number, run.spec))
        yield from missing_blocks(run.spec, number, stored)


def _take(blocks: Iterator[Block], samples: int) -> list[Block]:
    """The next blocks, of at least so many samples together where there are so many."""
    bundle: list[Block] = []
    taken = 0
    while taken < samples and (block := next(blocks, None)) is not None:
        bundle.append(block)
        taken += block.samples
    return bundle


def _sample(run: Run, g: Smoothed, dataset: Dataset, bundle: Sequence[Block]) -> float:
    """Draw and store a bundle in one transaction; the seconds that the drawing took."""
    inputs = _inputs(g, dataset, {block.input for block in bundle})
    key = run_key(run.draw.seed, run.spec.digest)
    begin = time.perf_counter()
    counts = count_votes(g, inputs, bundle, key, run.spec.execution)
    seconds = time.perf_counter() - begin
    each = seconds / sum(block.samples for block in bundle)
    evidence = [
        Evidence(kind=Kind.VOTES, block=block, counts=votes, seconds=each * block.samples)
        for block, votes in zip(bundle, counts, strict=True)
    ]
    with transaction(run.connection):
        write_evidence(run.connection, evidence, run.environment)
    return seconds


def _label_clean(run: Run, g: Smoothed, dataset: Dataset) -> None:
    """The base classifier's labels of the clean inputs, for those that have none yet."""
    there = inputs_with(run.connection, Kind.CLEAN)
    todo = [number for number in run.inputs if number not in there]
    for start in range(0, len(todo), run.spec.execution.batch):
        inputs = _inputs(g, dataset, todo[start : start + run.spec.execution.batch])
        labels = clean_labels(g, inputs, run.spec.execution)
        classes = run.spec.model.classes
        evidence = [clean_evidence(n, label, classes) for n, label in labels.items()]
        with transaction(run.connection):
            write_evidence(run.connection, evidence, run.environment)


def _inputs(g: Smoothed, dataset: Dataset, numbers: Sequence[int] | set[int]) -> dict[int, Array]:
    return {number: encode(g.space, dataset[number][0][None])[0] for number in numbers}
