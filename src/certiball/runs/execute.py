"""Plan − stored = pending: sample what is pending, and store it bundle by bundle."""

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from certiball.datasets import Dataset
from certiball.errors import InputError, StoreError
from certiball.runs.ask import ask, spread
from certiball.runs.attempt import Run
from certiball.runs.evidence import Evidence, Kind, clean_evidence
from certiball.runs.items import content_of
from certiball.runs.pending import missing_blocks
from certiball.runs.progress import Progress, samples_of_shard, samples_wanted
from certiball.runs.store import transaction
from certiball.runs.tables import (
    has_failed,
    inputs_with,
    read_evidence,
    read_failures,
    write_evidence,
    write_failures,
)
from certiball.samplers.streams import Phase, run_key
from certiball.sampling import Block, clean_labels, count_votes
from certiball.shapes import Array, Counts
from certiball.smoothed import Smoothed, encode

BUNDLE_SECONDS = 2.0  # of work that a crash may lose; much less would cost time in storing
FIRST_BUNDLE = 8  # batches in the first bundle, before the rate is known
LARGEST_BUNDLE = 2**19  # samples; bounds the memory for counts

Drawn: TypeAlias = tuple[Block, Counts]


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
        ModelError: if the classifier's answer is a vote for no input at all. Where that is so for
            some inputs alone, those are stored as failed, with the reason, and the rest goes on.
        StoreError: if an input is no longer the one that the run was fixed with.
        InputError: if max_seconds is not positive.
    """
    if max_seconds is not None and not max_seconds > 0:
        raise InputError(f"max-seconds must be > 0, not {max_seconds}")
    begin = time.monotonic()
    progress = _progress(run)
    yield progress
    if _label_clean(run, g, dataset):
        progress = _progress(run)
        yield progress
    sampling, all_drawn = time.monotonic(), 0
    size = FIRST_BUNDLE * run.spec.execution.batch
    for blocks in _passes(run):
        while bundle := _take(blocks, size):
            seconds, failed = _sample(run, g, dataset, bundle)
            drawn = sum(block.samples for block in bundle)
            all_drawn += drawn
            now = time.monotonic()
            before = _progress(run) if failed else replace(progress, done=progress.done + drawn)
            progress = replace(before, rate=all_drawn / max(now - sampling, 1e-9))
            yield progress
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
        for block in missing_blocks(run.spec, number, stored):
            if has_failed(run.connection, number):  # before, or in a bundle of this pass
                break
            yield block


def _take(blocks: Iterator[Block], samples: int) -> list[Block]:
    """The next blocks, of at least so many samples together where there are so many."""
    bundle: list[Block] = []
    taken = 0
    while taken < samples and (block := next(blocks, None)) is not None:
        bundle.append(block)
        taken += block.samples
    return bundle


def _sample(run: Run, g: Smoothed, dataset: Dataset, bundle: Sequence[Block]) -> tuple[float, bool]:
    """Draw and store a bundle in one transaction.

    Returns:
        The seconds that the drawing took, and whether an input failed.
    """
    numbers = list(dict.fromkeys(block.input for block in bundle))
    inputs = _inputs(run, g, dataset, numbers)

    def draw(asked: Sequence[int]) -> dict[int, list[Drawn]]:
        blocks = [block for block in bundle if block.input in set(asked)]
        return _draw(run, g, inputs, blocks)

    def works(other: int) -> None:
        block = Block(input=other, phase=Phase.PREDICTION, first=0, samples=1)
        _draw(run, g, _inputs(run, g, dataset, [other]), [block])

    begin = time.perf_counter()
    answers = ask(draw, numbers, _others(run, numbers), works)
    seconds = time.perf_counter() - begin
    each = seconds / sum(block.samples for block in bundle)
    evidence = [
        Evidence(kind=Kind.VOTES, block=block, counts=votes, seconds=each * block.samples)
        for drawn in answers.given.values()
        for block, votes in drawn
    ]
    _store(run, evidence, answers.failed)
    return seconds, bool(answers.failed)


def _draw(
    run: Run, g: Smoothed, inputs: Mapping[int, Array], blocks: Sequence[Block]
) -> dict[int, list[Drawn]]:
    key = run_key(run.draw.seed, run.spec.digest)
    counts = count_votes(g, inputs, blocks, key, run.spec.execution)
    drawn: dict[int, list[Drawn]] = {}
    for block, votes in zip(blocks, counts, strict=True):
        drawn.setdefault(block.input, []).append((block, votes))
    return drawn


def _label_clean(run: Run, g: Smoothed, dataset: Dataset) -> bool:
    """The base classifier's labels of the clean inputs, for those that have none yet.

    Returns:
        Whether an input failed.
    """

    def label(asked: Sequence[int]) -> dict[int, int]:
        return clean_labels(g, _inputs(run, g, dataset, asked), run.spec.execution)

    settled = inputs_with(run.connection, Kind.CLEAN) | set(read_failures(run.connection))
    todo = [number for number in run.inputs if number not in settled]
    any_failed = False
    for start in range(0, len(todo), run.spec.execution.batch):
        numbers = todo[start : start + run.spec.execution.batch]
        answers = ask(label, numbers, _others(run, numbers), lambda other: label([other]))
        classes = run.spec.model.classes
        evidence = [clean_evidence(n, found, classes) for n, found in answers.given.items()]
        _store(run, evidence, answers.failed)
        any_failed |= bool(answers.failed)
    return any_failed


def _store(run: Run, evidence: Sequence[Evidence], failed: Mapping[int, str]) -> None:
    with transaction(run.connection):
        write_evidence(run.connection, evidence, run.environment)
        write_failures(run.connection, failed, run.environment)


def _others(run: Run, numbers: Sequence[int]) -> Iterator[int]:
    """Inputs that can tell whether a model works; looked for only once it is in doubt."""
    taken = {*numbers, *read_failures(run.connection)}
    yield from spread([number for number in run.inputs if number not in taken])


def _progress(run: Run) -> Progress:
    return Progress(
        done=samples_of_shard(run.connection, run.shard),
        total=samples_wanted(run.connection, run.spec, run.shard),
    )


def _inputs(run: Run, g: Smoothed, dataset: Dataset, numbers: Sequence[int]) -> dict[int, Array]:
    inputs = {number: encode(g.space, dataset[number][0][None])[0] for number in numbers}
    for number, x in inputs.items():
        if run.contents.get(number) not in (None, content_of(x)):
            raise StoreError(
                f"input {number} of {dataset.name} is no longer what it was when the run was "
                "fixed: its files have changed; bring them back, or begin another run"
            )
    return inputs
