"""How far a run is: samples stored and samples wanted."""

import sqlite3
from dataclasses import dataclass

from certiball.runs.evidence import Kind
from certiball.runs.shards import Shard
from certiball.runs.spec import RunSpec


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far an attempt is.

    Args:
        done: samples that are stored.
        total: samples that the plan wants, at most; an input that fails wants none.
        rate: samples per second of this attempt; 0 before the first are in.
    """

    done: int
    total: int
    rate: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether nothing is left to sample."""
        return self.done >= self.total

    @property
    def left(self) -> float | None:
        """Seconds to go; None while the rate is unknown."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None


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


def samples_to_go(connection: sqlite3.Connection, spec: RunSpec, shard: Shard) -> int:
    """How many votes of one shard are not there yet."""
    return samples_wanted(connection, spec, shard) - samples_of_shard(connection, shard)


def sampling_rate(connection: sqlite3.Connection) -> float | None:
    """Votes per second over everything that is stored; None where nothing is."""
    row = connection.execute(
        "SELECT sum(samples), sum(seconds) FROM blocks WHERE kind = ?", (Kind.VOTES.value,)
    ).fetchone()
    return row[0] / row[1] if row[1] else None
