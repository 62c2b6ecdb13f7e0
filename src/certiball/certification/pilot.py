"""A short look at a model before a run: how fast it is, and how its votes fall.

The votes are for forecasts and nothing else: their noise is fresh, and no certificate sees them.
"""

import time
from dataclasses import dataclass, replace

import numpy as np

from certiball.errors import BatchError, InputError, ModelError
from certiball.execution import CHUNK, Block, Execution
from certiball.samplers.streams import Phase, fresh_seed
from certiball.sampling import count_votes
from certiball.shapes import Array, Batch
from certiball.smoothed import Smoothed
from certiball.tuning import samples_per_second, tune, with_any

CHOOSING = 32  # votes that choose the class of an input
LEAST, MOST = 32, 1024  # votes that show its share


@dataclass(frozen=True, kw_only=True)
class Pilot:
    """What a short look showed.

    Args:
        execution: the shape that ran fastest.
        rate: samples per second at that shape, for plans of fixed numbers.
        stepwise_rate: the same for plans that look at votes, whose chunks are small.
        votes: for each input that was looked at (k, m): k of m votes were for its class, which
            other votes had chosen.
        failed: why inputs are left out, for which the model raised or gave no vote.
    """

    execution: Execution
    rate: float
    stepwise_rate: float
    votes: tuple[tuple[int, int], ...]
    failed: tuple[str, ...] = ()

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of votes for its class, of each input."""
        return tuple(k / m for k, m in self.votes)


def look(g: Smoothed, inputs: Batch, seconds: float = 10.0) -> Pilot:
    """Tune, then let some inputs vote for about so many seconds.

    Args:
        g: the smoothed classifier.
        inputs: encoded inputs [n, ...]; as many of them are looked at as the time allows, evenly.
        seconds: for everything together, unless tuning alone takes longer.

    Raises:
        InputError: if seconds is not positive.
        ModelError: if the classifier's answers are votes for no input.
    """
    if not seconds > 0:
        raise InputError(f"seconds must be > 0, not {seconds}")
    begin = time.perf_counter()

    def timed(example: Array) -> tuple[Execution, float]:
        execution = tune(g, example)
        return execution, samples_per_second(g, example, execution)

    execution, rate = with_any(inputs, timed)
    budget = int(rate * max(0.0, seconds - (time.perf_counter() - begin)))
    count = int(np.clip(budget // (CHOOSING + 8 * LEAST), min(4, len(inputs)), len(inputs)))
    each = int(np.clip(budget // count - CHOOSING, LEAST, MOST))
    numbers = np.linspace(0, len(inputs) - 1, count).astype(int).tolist()
    begin = time.perf_counter()
    stepwise = replace(execution, chunk=CHUNK)
    chosen = {number: inputs[number] for number in numbers}
    votes, failed = _votes(g, chosen, each, stepwise)
    drawn = len(votes) * (CHOOSING + each)
    return Pilot(
        execution=execution,
        rate=rate,
        stepwise_rate=drawn / (time.perf_counter() - begin),
        votes=tuple(votes),
        failed=tuple(failed),
    )


def _votes(
    g: Smoothed, inputs: dict[int, Array], each: int, execution: Execution
) -> tuple[list[tuple[int, int]], list[str]]:
    """The votes of all inputs together or, where that fails, one by one, without those that do.

    Raises:
        ModelError: if all of them do.
    """
    try:
        return _together(g, inputs, each, execution), []
    except BatchError:
        raise
    except ModelError:
        votes: list[tuple[int, int]] = []
        failed: list[ModelError] = []
    for number, x in inputs.items():
        try:
            votes += _together(g, {number: x}, each, execution)
        except ModelError as error:
            failed.append(error)
    if not votes:
        raise failed[0]
    return votes, [str(error) for error in failed]


def _together(
    g: Smoothed, inputs: dict[int, Array], each: int, execution: Execution
) -> list[tuple[int, int]]:
    phases = ((Phase.SELECTION, CHOOSING), (Phase.ESTIMATION, each))
    blocks = [
        Block(input=number, phase=phase, first=0, samples=samples)
        for number in inputs
        for phase, samples in phases
    ]
    tables = count_votes(g, inputs, blocks, fresh_seed(), execution)
    counts = [table.sum(0) for table in tables]
    pairs = zip(counts[::2], counts[1::2], strict=True)
    return [(int(votes[first.argmax()]), each) for first, votes in pairs]
