"""A short look at a model before a run: how fast it is, and how its votes fall.

The votes are for forecasts and nothing else: their noise is fresh, and no certificate sees them.
"""

import time
from dataclasses import dataclass, replace

import numpy as np

from certiball.errors import InputError
from certiball.samplers.streams import Phase, fresh_seed
from certiball.sampling import CHUNK, Block, Execution, count_votes
from certiball.shapes import Batch
from certiball.smoothed import Smoothed
from certiball.tuning import samples_per_second, tune

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
    """

    execution: Execution
    rate: float
    stepwise_rate: float
    votes: tuple[tuple[int, int], ...]

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
        ModelError: if the classifier's answers are not votes.
    """
    if not seconds > 0:
        raise InputError(f"seconds must be > 0, not {seconds}")
    begin = time.perf_counter()
    execution = tune(g, inputs[0])
    rate = samples_per_second(g, inputs[0], execution)
    budget = int(rate * max(0.0, seconds - (time.perf_counter() - begin)))
    count = int(np.clip(budget // (CHOOSING + 8 * LEAST), min(4, len(inputs)), len(inputs)))
    each = int(np.clip(budget // count - CHOOSING, LEAST, MOST))
    numbers = np.linspace(0, len(inputs) - 1, count).astype(int).tolist()
    chosen = {number: inputs[number] for number in numbers}
    phases = ((Phase.SELECTION, CHOOSING), (Phase.ESTIMATION, each))
    blocks = [
        Block(input=number, phase=phase, first=0, samples=samples)
        for number in numbers
        for phase, samples in phases
    ]
    begin = time.perf_counter()
    stepwise = replace(execution, chunk=CHUNK)
    tables = count_votes(g, chosen, blocks, fresh_seed(), stepwise)
    drawn = sum(block.samples for block in blocks)
    took = time.perf_counter() - begin
    counts = [table.sum(0) for table in tables]
    pairs = zip(counts[::2], counts[1::2], strict=True)
    return Pilot(
        execution=execution,
        rate=rate,
        stepwise_rate=drawn / took,
        votes=tuple((int(votes[first.argmax()]), each) for first, votes in pairs),
    )
