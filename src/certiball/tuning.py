"""Which batch shape runs fastest here: looked at before a run, and then part of it."""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from certiball.samplers.lattice import PIECE
from certiball.samplers.streams import Phase
from certiball.sampling import CHUNK, Block, Execution, count_votes
from certiball.shapes import Array
from certiball.smoothed import Smoothed

USUAL = 128  # inputs per batch where a job is too small for tuning to pay
SMALL = 2**17  # samples
LARGEST_CHUNK = 1024  # samples; a plan that looks often wants smaller ones
BATCHES = (16, 32, 64, 128, 256, 512, 1024)
SECONDS = 0.12  # per shape looked at, at least one batch
PATIENCE = 2  # larger shapes looked at without a gain before a layout is given up
GAIN = 1.02  # a larger batch has to be worth its memory


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
    larger ones spend their time on page faults.

    Args:
        g: the smoothed classifier.
        example: one encoded input.
    """
    chunk = chunk_size(example.size)
    best, best_rate = Execution(batch=BATCHES[0], chunk=chunk), 0.0
    layouts = ("contiguous", "channels_last") if example.ndim == 3 else ("contiguous",)
    for layout in layouts:
        misses = 0
        for batch in BATCHES:
            execution = Execution(batch=batch, layout=layout, chunk=chunk)
            rate = samples_per_second(g, example, execution)
            if rate > best_rate * GAIN:
                best, best_rate, misses = execution, rate, 0
                continue
            misses += 1
            if misses > PATIENCE:
                break
    # Threads wait for each other: on a busy machine, or for a tiny network, one may be faster.
    alone = replace(best, threads=1)
    return alone if samples_per_second(g, example, alone) > best_rate * GAIN else best


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
