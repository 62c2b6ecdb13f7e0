"""Plan − stored = pending: have what is pending drawn, and store it bundle by bundle."""

import itertools
import math
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from certiball.classifiers.torch import TorchClassifier
from certiball.datasets import Dataset
from certiball.errors import InputError, StoreError
from certiball.execution import Block
from certiball.executors import Bundle, Drawn, Executor, OpenExecutor, Work
from certiball.executors.serial import serial
from certiball.executors.shipping import device_of
from certiball.executors.work import narrow
from certiball.runs.attempt import Run
from certiball.runs.environment import changes, environment
from certiball.runs.evidence import Evidence, Kind, clean_evidence
from certiball.runs.feed import Feed
from certiball.runs.flow import flow, spread
from certiball.runs.identity import check_model
from certiball.runs.items import content_of
from certiball.runs.pending import Held, held
from certiball.runs.progress import Progress, progress_of, settled_inputs
from certiball.runs.store import transaction
from certiball.runs.tables import (
    environment_id,
    inputs_with,
    read_environments,
    read_evidence,
    read_failures,
    write_evidence,
    write_failures,
)
from certiball.samplers.streams import Phase, key_of
from certiball.shapes import Array
from certiball.smoothed import Smoothed, encode

BUNDLE_SECONDS = 2.0  # of work that a crash may lose; much less would cost time in storing
FIRST_BUNDLE = 8  # batches in a bundle, before the rate is known
LARGEST_BUNDLE = 2**19  # samples; bounds the memory for counts


def execute(
    run: Run,
    g: Smoothed,
    dataset: Dataset,
    *,
    max_seconds: float | None = None,
    executor: OpenExecutor = serial,
) -> Iterator[Progress]:
    """Have what is pending drawn, and report after each bundle.

    Everything reported is stored. The caller may stop at any report, or anything may stop it in
    between: the next attempt goes on from what is stored, and the votes will be the same, under
    any executor.

    Args:
        run: an attempt that this process holds.
        g: the smoothed classifier that the run's specification names.
        dataset: the data that it names.
        max_seconds: take no more work when so much time has passed; None for no limit.
        executor: where to draw: `serial`, or `processes` or `ray_workers` with their options.

    Raises:
        ModelError: if the classifier's answer is a vote for no input at all. Where that is so for
            some inputs alone, those are stored as failed, with the reason, and the rest goes on.
        StoreError: if an input is no longer the one that the run was fixed with, or a worker
            computes with other versions or hardware than the run.
        InputError: if max_seconds is not positive.
    """
    if max_seconds is not None and not max_seconds > 0:
        raise InputError(f"max-seconds must be > 0, not {max_seconds}")
    end = time.monotonic() + (math.inf if max_seconds is None else max_seconds)
    settled = settled_inputs(run.connection, run.spec)
    progress = progress_of(run.connection, run.spec, run.shard, settled)
    yield progress
    if progress.complete and not _unlabelled(run):
        return
    work = Work(
        g=g,
        key=key_of(run.draw, run.spec.digest),
        execution=run.spec.execution,
        facts=partial(environment, run.spec.model.backend),
        check=partial(
            check_model,
            expected=run.spec.model,
            space=g.space,
            shape=g.law.seen(run.spec.data.shape),
        ),
    )
    with executor(work) as workers:
        drive = _Drive(run=run, g=g, dataset=dataset, workers=workers, progress=progress, end=end)
        yield from drive.label()
        yield from drive.sample(settled | set(read_failures(run.connection)))


@dataclass(kw_only=True)
class _Drive:
    """One attempt's work: what is handed out, and what has come back."""

    run: Run
    g: Smoothed
    dataset: Dataset
    workers: Executor
    progress: Progress
    end: float  # when to take no more
    numbers: Iterator[int] = field(default_factory=itertools.count)  # of bundles
    pace: float | None = None  # samples per second of one worker
    environments: dict[frozenset[tuple[str, str]], int] = field(default_factory=dict)

    def label(self) -> Iterator[Progress]:
        """The base classifier's labels of the clean inputs, for those that have none yet."""
        todo = deque(_unlabelled(self.run))

        def more() -> Bundle | None:
            batch = self.run.spec.execution.batch
            numbers = [todo.popleft() for _ in range(min(batch, len(todo)))]
            return self._bundle(self._inputs(numbers)) if numbers else None

        def others(drawn: Drawn) -> Bundle | None:
            numbers = self._others(drawn)
            return self._bundle(self._inputs(numbers)) if numbers else None

        classes = self.run.spec.model.classes
        for drawn in flow(self.workers, more, others):
            self._store(drawn, [clean_evidence(n, c, classes) for n, c in drawn.labels.items()])
            if drawn.failed:
                self.progress = progress_of(self.run.connection, self.run.spec, self.run.shard)
                yield self.progress

    def sample(self, settled: set[int]) -> Iterator[Progress]:
        """The votes of all inputs but those that are settled."""
        feed = Feed(
            spec=self.run.spec,
            load=lambda number: self._inputs([number])[number],
            stored=self._stored,
            unopened=deque(number for number in self.run.inputs if number not in settled),
        )
        begun, drawn_here = time.monotonic(), 0

        def more() -> Bundle | None:
            if drawn_here and time.monotonic() >= self.end:
                return None
            blocks = feed.take(self._size(feed))
            numbers = list(dict.fromkeys(block.input for block in blocks))
            return self._bundle(feed.inputs(numbers), blocks) if blocks else None

        for drawn in flow(self.workers, more, self._witnesses):
            votes = [(b, counts) for b, counts in drawn.votes if feed.is_open(b.input)]
            samples = sum(block.samples for block, _ in votes)
            self._store(drawn, _evidence(votes, drawn.seconds))
            drawn_here += samples
            settles = sum(feed.give(block, counts) for block, counts in votes)
            lost = [feed.drop(number) for number in drawn.failed if feed.is_open(number)]
            self._advance(samples, settles, lost)
            if samples:
                self.pace = samples / max(drawn.seconds, 1e-9)
            rate = drawn_here / max(time.monotonic() - begun, 1e-9)
            self.progress = replace(self.progress, rate=rate)
            yield self.progress

    def _advance(self, samples: int, settles: int, lost: Sequence[int]) -> None:
        """Count what came back; an input that fails takes its votes with it."""
        plan, before = self.run.spec.plan, self.progress
        self.progress = replace(
            before,
            done=before.done + samples - sum(lost),
            total=before.total - len(lost) * (plan.selection + plan.most),
            settled=before.settled + settles + len(lost),
        )

    def _size(self, feed: Feed) -> int:
        """Samples for the next bundle: worth seconds, but no worker's last one much longer."""
        batch = self.run.spec.execution.batch
        if self.pace is None:
            return math.ceil(FIRST_BUNDLE * batch)
        seconds = min(BUNDLE_SECONDS, self.end - time.monotonic())
        fair = feed.waiting / self.workers.slots
        return math.ceil(min(max(batch, min(self.pace * seconds, fair)), LARGEST_BUNDLE))

    def _bundle(self, inputs: Mapping[int, Array], blocks: Sequence[Block] = ()) -> Bundle:
        return Bundle(number=next(self.numbers), inputs=inputs, blocks=tuple(blocks))

    def _witnesses(self, drawn: Drawn) -> Bundle | None:
        """One sample of each of some other inputs."""
        numbers = self._others(drawn)
        blocks = [Block(input=n, phase=Phase.PREDICTION, first=0, samples=1) for n in numbers]
        return self._bundle(self._inputs(numbers), blocks) if numbers else None

    def _others(self, drawn: Drawn) -> list[int]:
        taken = {*drawn.failed, *read_failures(self.run.connection)}
        return spread([number for number in self.run.inputs if number not in taken])

    def _stored(self, number: int) -> Held:
        evidence = read_evidence(self.run.connection, Kind.VOTES, number, self.run.spec)
        return held(evidence, self.run.spec.execution.chunk)

    def _inputs(self, numbers: Sequence[int]) -> dict[int, Array]:
        inputs = {
            number: encode(self.g.space, self.dataset[number][0][None])[0] for number in numbers
        }
        for number, x in inputs.items():
            if self.run.contents.get(number) not in (None, content_of(x)):
                raise StoreError(
                    f"input {number} of {self.dataset.name} is no longer what it was when the run "
                    "was fixed: its files have changed; bring them back, or begin another run"
                )
        return {number: narrow(x) for number, x in inputs.items()}

    def _store(self, drawn: Drawn, evidence: Sequence[Evidence]) -> None:
        """All that came of a bundle, in one transaction."""
        connection = self.run.connection
        with transaction(connection):
            number = self._environment(drawn.facts)
            write_evidence(connection, evidence, number)
            write_failures(connection, drawn.failed, number)

    def _environment(self, facts: Mapping[str, str]) -> int:
        """The number of what a bundle was computed with: this run's own, or one accepted."""
        if not facts:
            return self.run.environment
        name = frozenset(facts.items())
        if name not in self.environments:
            known = read_environments(self.run.connection)
            if _on_cpu(self.g):  # what other hardware a machine has does not matter
                facts = {**facts, "gpu": known[self.run.environment]["gpu"]}
            if dict(facts) not in known.values() and not self.run.accept_environment:
                found = "; ".join(changes(known[self.run.environment], dict(facts)))
                raise StoreError(
                    f"a worker computes with another environment than the run ({found}), and "
                    "votes may depend on it: use machines that are alike, or accept it with "
                    "--accept-environment"
                )
            self.environments[name] = environment_id(self.run.connection, dict(facts))
        return self.environments[name]


def _on_cpu(g: Smoothed) -> bool:
    """Whether a classifier is known to compute on the CPU; a function may do anything."""
    found = isinstance(g.classifier, TorchClassifier)
    return found and device_of(g.classifier) == "cpu"


def _unlabelled(run: Run) -> list[int]:
    """The inputs without a clean label that have not failed."""
    known = inputs_with(run.connection, Kind.CLEAN) | set(read_failures(run.connection))
    return [number for number in run.inputs if number not in known]


def _evidence(votes: Sequence[tuple[Block, Array]], seconds: float) -> list[Evidence]:
    """The votes of a bundle, each block with its share of the time."""
    each = seconds / max(1, sum(block.samples for block, _ in votes))
    return [
        Evidence(kind=Kind.VOTES, block=block, counts=counts, seconds=each * block.samples)
        for block, counts in votes
    ]
