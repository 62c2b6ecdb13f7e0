"""Bundles of work, and what comes of them. What is drawn depends on nothing but these values."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from certiball.classifiers import Classifier
from certiball.classifiers.machine import machine_failed
from certiball.errors import BackendError, MissingExtraError, ModelError
from certiball.execution import Block, Execution
from certiball.sampling import clean_labels, count_votes
from certiball.shapes import Array
from certiball.smoothed import Smoothed

NARROW = (np.uint8, np.int16, np.int32)  # levels travel in the first of these that holds them


def accept_any(classifier: Classifier) -> None:
    """Refuse no classifier."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """What all bundles of a run share: each worker gets it once.

    Args:
        g: the smoothed classifier.
        key: the run's 128-bit key.
        execution: batch shape, layout, threads, chunk.
        facts: tells what a worker computes with; asked once, in its process.
        check: raises a CertiballError if a worker's classifier is not the one that is meant, for
            its code may be another version there; asked once, in its process.
    """

    g: Smoothed
    key: int
    execution: Execution
    facts: Callable[[], dict[str, str]] = dict
    check: Callable[[Classifier], None] = accept_any


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """Blocks to draw, or inputs to label without noise, with all that is needed for it.

    Args:
        number: tells bundles apart.
        inputs: encoded inputs, by number, as `narrow` leaves them.
        blocks: what to draw; none, and the inputs are labelled without noise.
        avoid: a worker that failed on it, where another can be asked.
    """

    number: int
    inputs: Mapping[int, Array]
    blocks: tuple[Block, ...] = ()
    avoid: int | None = None

    @property
    def samples(self) -> int:
        """How many samples its blocks have."""
        return sum(block.samples for block in self.blocks)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What came of a bundle.

    Args:
        bundle: its number.
        votes: each block with its votes [chunks, classes], without the inputs that failed.
        labels: by input, where labels were asked for.
        failed: why the model gave no vote, by input.
        error: what it said to all of them together; None if that went well.
        seconds: how long it took.
        facts: what it was computed with; empty in the process that asked.
        worker: tells workers apart; None where there is no other.
    """

    bundle: int
    votes: tuple[tuple[Block, Array], ...] = ()
    labels: Mapping[int, int] = field(default_factory=dict)
    failed: Mapping[int, str] = field(default_factory=dict)
    error: str | None = None
    seconds: float = 0.0
    facts: Mapping[str, str] = field(default_factory=dict)
    worker: int | None = None

    @property
    def answered(self) -> bool:
        """Whether the model answered for any input."""
        return bool(self.votes or self.labels)


def draw(work: Work, bundle: Bundle, facts: Mapping[str, str] | None = None) -> Drawn:
    """Draw a bundle: all inputs together, or, where that fails, one by one.

    Args:
        work: what all bundles share.
        bundle: the one to draw.
        facts: what is computed with.

    Raises:
        ModelError: if the machine failed, by its memory or its accelerator, and no input did.
        BackendError: if the model cannot be run on this machine.
        MissingExtraError: if something is not installed on it.
    """
    begin = time.perf_counter()
    wide = {number: _wide(x) for number, x in bundle.inputs.items()}
    failed: dict[int, str] = {}
    error = None
    try:
        votes, labels = _ask(work, wide, bundle.blocks)
    except Exception as first:  # a user's model may raise anything
        error = _reason(first)
        votes, labels = (), {}
        for number, x in wide.items():
            mine = tuple(block for block in bundle.blocks if block.input == number)
            try:
                some, label = _ask(work, {number: x}, mine)
            except Exception as reason:
                failed[number] = _reason(reason)
            else:
                votes, labels = votes + some, labels | label
    return Drawn(
        bundle=bundle.number,
        votes=votes,
        labels=labels,
        failed=failed,
        error=error,
        seconds=time.perf_counter() - begin,
        facts=facts or {},
    )


def narrow(x: Array) -> Array:
    """An encoded input in the smallest type that holds it, for it may travel far.

    Example:
        >>> narrow(np.array([0, 255])).dtype
        dtype('uint8')
    """
    if x.dtype != np.int64:
        return x
    low, high = int(x.min()), int(x.max())
    for kind in NARROW:
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return x.astype(kind)
    return x


def _wide(x: Array) -> Array:
    return x.astype(np.int64) if x.dtype.kind in "iu" else x


def _ask(
    work: Work, inputs: Mapping[int, Array], blocks: Sequence[Block]
) -> tuple[tuple[tuple[Block, Array], ...], dict[int, int]]:
    if not blocks:
        return (), clean_labels(work.g, inputs, work.execution)
    counts = count_votes(work.g, inputs, blocks, work.key, work.execution)
    return tuple(zip(blocks, counts, strict=True)), {}


def _reason(error: Exception) -> str:
    """Why a model gave no vote, in one line.

    Raises:
        ModelError: if it was not the model's fault, nor the input's.
        BackendError, MissingExtraError: likewise, as they are.
    """
    for cause in (error, error.__cause__):
        if isinstance(cause, BackendError | MissingExtraError):
            raise cause
        if cause is not None and machine_failed(cause):
            raise ModelError(
                f"the machine failed while the model ran ({_line(cause)}): what is stored is "
                "safe; make room, or take fewer workers, and start the same command again"
            ) from error
    return str(error) if isinstance(error, ModelError) else f"the model raised {_line(error)}"


def _line(error: BaseException) -> str:
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
