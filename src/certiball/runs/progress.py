"""How far a run is: samples stored and samples wanted, inputs settled and inputs in all."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from certiball.runs.evidence import Kind
from certiball.runs.pending import missing_blocks
from certiball.runs.shards import Shard
from certiball.runs.spec import RunSpec
from certiball.runs.tables import inputs_with, read_evidence, read_failures
from certiball.votes import Design


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an attempt is.

    Args:
        done: samples that are stored.
        total: samples that the plan wants, at most; an input that fails wants none.
        settled: inputs of which the plan wants no more, and those that failed.
        inputs: how many there are.
        fixed: whether the plan takes all of `total`, and not only at most.
        rate: samples per second of this attempt; 0 before the first are in.
    """

    done: int
    total: int
    settled: int
    inputs: int
    fixed: bool = True
    rate: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether nothing is left to sample."""
        return self.settled >= self.inputs

    @property
    def left(self) -> float | None:
        """Seconds to go, at most where the plan is not fixed; None while the rate is unknown."""
        if not self.rate > 0:
            return None
        return 0.0 if self.complete else (self.total - self.done) / self.rate


def progress_of(
    connection: sqlite3.Connection, spec: RunSpec, shard: Shard, settled: set[int] | None = None
) -> Progress:
    """How far one shard is, by its store.

    Args:
        connection: the store.
        spec: of the run.
        shard: which.
        settled: what `settled_inputs` says, where that is known.
    """
    known = settled_inputs(connection, spec) if settled is None else settled
    return Progress(
        done=samples_of_shard(connection, shard),
        total=samples_wanted(connection, spec, shard),
        settled=len(known.intersection(_inputs_of(connection, shard))),
        inputs=len(shard.of_inputs(range(spec.data.count))),
        fixed=spec.plan.design is not Design.STOPPED,
    )


def settled_inputs(connection: sqlite3.Connection, spec: RunSpec) -> set[int]:
    """The inputs of which the plan wants no more votes, and those that failed.

    For a fixed number of votes they are counted; other plans look at what each input has.
    """
    failed = set(read_failures(connection))
    if spec.plan.design is not Design.STOPPED:
        rows = connection.execute(
            "SELECT input FROM blocks WHERE kind = ? GROUP BY input HAVING sum(samples) >= ?",
            (Kind.VOTES.value, spec.plan.selection + spec.plan.most),
        )
        return failed | {number for (number,) in rows}
    return failed | {
        number
        for number in inputs_with(connection, Kind.VOTES) - failed
        if not missing_blocks(
            spec, number, list(read_evidence(connection, Kind.VOTES, number, spec))
        )
    }


def samples_of_shard(connection: sqlite3.Connection, shard: Shard) -> int:
    """How many votes are stored for the inputs of one shard that have not failed."""
    row = connection.execute(
        "SELECT coalesce(sum(samples), 0) FROM blocks JOIN inputs USING (input) "
        "WHERE kind = ? AND position % ? = ? AND input NOT IN (SELECT input FROM failures)",
        (Kind.VOTES.value, shard.of, shard.number - 1),
    ).fetchone()
    return int(row[0])


def samples_wanted(connection: sqlite3.Connection, spec: RunSpec, shard: Shard) -> int:
    """How many votes the plan may take for the inputs of one shard that have not failed."""
    inputs = len(shard.of_inputs(range(spec.data.count)))
    failed = connection.execute(
        "SELECT count(*) FROM failures JOIN inputs USING (input) WHERE position % ? = ?",
        (shard.of, shard.number - 1),
    ).fetchone()[0]
    return (inputs - int(failed)) * (spec.plan.selection + spec.plan.most)


def sampling_rate(connection: sqlite3.Connection) -> float | None:
    """Votes per second of one worker, over everything stored; None where nothing is."""
    row = connection.execute(
        "SELECT sum(samples), sum(seconds) FROM blocks WHERE kind = ?", (Kind.VOTES.value,)
    ).fetchone()
    return row[0] / row[1] if row[1] else None


def _inputs_of(connection: sqlite3.Connection, shard: Shard) -> Sequence[int]:
    rows = connection.execute(
        "SELECT input FROM inputs WHERE position % ? = ?", (shard.of, shard.number - 1)
    )
    return [number for (number,) in rows]
