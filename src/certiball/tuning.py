"""Which backend and batch shape run fastest here: looked at before a run, and then part of it."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from certiball.classifiers.backend import run_by
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import BackendError, BatchError, InputError, MissingExtraError, ModelError
from certiball.execution import CHUNK, Block, Execution
from certiball.samplers.lattice import PIECE
from certiball.samplers.streams import Phase
from certiball.sampling import count_votes
from certiball.shapes import Array
from certiball.smoothed import Smoothed

USUAL = 128  # inputs per batch where a job is too small for tuning to pay
SMALL = 2**17  # samples
LARGEST_CHUNK = 1024  # samples; a plan that looks often wants smaller ones
BATCHES = (16, 32, 64, 128, 256, 512, 1024)
COMPILED = ("compile", "freezing")
FEW_BATCHES = (128, 256)  # for them: each shape is compiled for itself, in seconds to minutes
SECONDS = 0.12  # per shape looked at, at least one batch
PATIENCE = 2  # larger shapes looked at without a gain before a layout is given up
ROUNDS = 3  # of looks at the best shape of each backend
GAIN = 1.02  # a larger batch has to be worth its memory
# Other backends, and how long a run must last, in seconds, for a look at each to pay.
TRIALS = {"onnxruntime": 20.0, "freezing": 300.0, "compile": 300.0}

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Tuned:
    """A smoothed classifier on some backend, the shape to execute, and samples per second."""

    g: Smoothed
    execution: Execution
    rate: float


def with_any(examples: Iterable[Array], do: Callable[[Array], T]) -> T:
    """What comes of the first example for which the classifier does not raise.

    Args:
        examples: encoded inputs; more than one is only asked for where one fails.
        do: tunes, or whatever needs an example.

    Raises:
        ModelError: that of the first, if the classifier raises for all of them.
    """
    said: ModelError | None = None
    for example in examples:
        try:
            return do(example)
        except BatchError:
            raise
        except ModelError as error:
            said = said or error
    raise said or InputError("there is no input to try: give some")


def execution_for(g: Smoothed, example: Array, samples: int) -> Execution:
    """A shape to execute: tuned where the job is large enough to gain from it."""
    return tune(g, example) if samples >= SMALL else usual_execution(example)


def usual_execution(example: Array) -> Execution:
    """A shape that is rarely bad, the same on every machine of as many cores."""
    return Execution(batch=USUAL, chunk=chunk_size(example.size))


def chunk_size(features: int) -> int:
    """Samples per chunk for inputs of so many numbers: 32 for images, up to 1,024 for small inputs.

    A chunk costs some 35 µs however little it draws; 2¹⁷ numbers are drawn in ten times that.
    """
    fitting = max(1, PIECE // features)
    return int(min(max(CHUNK, 2 ** (fitting.bit_length() - 1)), LARGEST_CHUNK))


def tune(g: Smoothed, example: Array) -> Execution:
    """The fastest of 16 to 1,024 inputs per batch, for images of both memory layouts.

    The whole loop is timed, noise and counting included. On CPUs batches of 32 to 256 often win:
    larger ones spend their time on page faults. Compiled classifiers are tried with fewer shapes.

    Args:
        g: the smoothed classifier.
        example: one encoded input.

    Raises:
        BatchError: if no batch fits into memory.
    """
    return tuned(g, example).execution


def tuned(g: Smoothed, example: Array) -> Tuned:
    """As `tune`, with the rate."""
    layouts = ("contiguous", "channels_last") if example.ndim == 3 else ("contiguous",)
    if _backend(g) in COMPILED:
        return _best_shape(g, example, layouts[-1:], FEW_BATCHES)
    best = _best_shape(g, example, layouts, BATCHES)
    # Threads wait for each other: on a busy machine, or for a tiny network, one may be faster.
    alone = replace(best.execution, threads=1)
    rate = samples_per_second(g, example, alone)
    return Tuned(g=g, execution=alone, rate=rate) if rate > best.rate * GAIN else best


def on_backend(
    g: Smoothed, example: Array, samples: int, wanted: str
) -> tuple[Smoothed, Execution | None]:
    """The smoothed classifier on the backend that is wanted, and its shape where it was tuned.

    Args:
        g: the smoothed classifier.
        example: one encoded input.
        samples: of the whole run; below 2¹⁷ nothing is tried, and "auto" is "eager".
        wanted: a backend, or "auto" for the fastest; "compile" is the faster of both ways.

    Raises:
        InputError: for backends of classifiers that have none.
        BackendError: if the backend cannot run the model here.
    """
    if wanted == "auto" and not isinstance(g.classifier, TorchClassifier):
        return g, None
    if wanted not in ("auto", "compile") or samples < SMALL:
        return run_on(g, "eager" if wanted == "auto" else wanted), None
    found = fastest(g, example, samples) if wanted == "auto" else fastest_compiled(g, example)
    return found.g, found.execution


def fastest(g: Smoothed, example: Array, samples: int) -> Tuned:
    """The fastest backend for a run of so many samples, and the shape for it.

    A backend that cannot run the model here is passed over, and so is one whose trial would take
    longer than it could save. Another backend is another classifier: see `TorchClassifier`.

    Args:
        g: the smoothed classifier; a torch module keeps its precision.
        example: one encoded input.
        samples: of the whole run.
    """
    eager = tuned(run_on(g, "eager"), example)
    finalists = [eager]
    for backend, seconds in TRIALS.items():
        rate = max(each.rate for each in finalists)
        if samples / rate < seconds or not isinstance(g.classifier, TorchClassifier):
            continue
        try:
            finalists.append(_trial(run_on(g, backend), example, eager.execution))
        except (BackendError, InputError, MissingExtraError):
            continue
    return _best_again(finalists, example)


def _best_again(finalists: Sequence[Tuned], example: Array) -> Tuned:
    """The fastest when looked at again in turn: on a busy machine a single look misleads."""
    if len(finalists) == 1:
        return finalists[0]
    looks = [
        [samples_per_second(each.g, example, each.execution) for each in finalists]
        for _ in range(ROUNDS)
    ]
    rates = [max(rates) for rates in zip(*looks, strict=True)]
    found = [replace(each, rate=rate) for each, rate in zip(finalists, rates, strict=True)]
    best = found[0]
    for each in found[1:]:
        best = each if each.rate > best.rate * GAIN else best
    return best


def fastest_compiled(g: Smoothed, example: Array) -> Tuned:
    """The faster of torch.compile with and without freezing."""
    return _best_again([tuned(run_on(g, backend), example) for backend in COMPILED], example)


def run_on(g: Smoothed, backend: str) -> Smoothed:
    """The same smoothed classifier, its base classifier on another backend."""
    return replace(g, classifier=run_by(g.classifier, backend=backend))


def _trial(g: Smoothed, example: Array, eager: Execution) -> Tuned:
    """The best shape of a backend; compiled ones keep the layout found for eager."""
    if _backend(g) in COMPILED:
        return _best_shape(g, example, (eager.layout,), sorted({eager.batch, *FEW_BATCHES[1:]}))
    return _best_shape(g, example, ("contiguous",), BATCHES)  # onnxruntime has one layout


def _backend(g: Smoothed) -> str:
    return g.classifier.backend if isinstance(g.classifier, TorchClassifier) else "eager"


def _best_shape(
    g: Smoothed, example: Array, layouts: Sequence[str], batches: Sequence[int]
) -> Tuned:
    """A shape that does not fit into memory is one without a gain.

    Raises:
        BatchError: if none fits.
    """
    best: Tuned | None = None
    short: BatchError | None = None
    for layout in layouts:
        misses = 0
        for batch in batches:
            execution = Execution(batch=batch, layout=layout, chunk=chunk_size(example.size))
            try:
                rate = samples_per_second(g, example, execution)
            except BatchError as error:
                short, rate = error, 0.0
            if rate > 0 and (best is None or rate > best.rate * GAIN):
                best, misses = Tuned(g=g, execution=execution, rate=rate), 0
                continue
            misses += 1
            if misses > PATIENCE:
                break
    if best is None:
        raise short or BatchError("no batch fits into memory: take a smaller model")
    return best


def samples_per_second(g: Smoothed, example: Array, execution: Execution) -> float:
    """Noisy inputs classified per second at one shape: the best of a few short stretches."""
    return max(_rates(g, example, execution))


def _rates(g: Smoothed, example: Array, execution: Execution) -> Iterator[float]:
    block = Block(input=0, phase=Phase.PREDICTION, first=0, samples=execution.batch)
    key = int(np.random.default_rng().integers(2**62))
    count_votes(g, {0: example}, [block], key, execution)  # the first call builds and allocates
    spent = 0.0
    while spent < SECONDS:
        start = time.perf_counter()
        count_votes(g, {0: example}, [block] * 2, key, execution)
        seconds = time.perf_counter() - start
        spent += seconds
        yield 2 * execution.batch / seconds
