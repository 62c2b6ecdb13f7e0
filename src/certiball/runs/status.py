"""How far a run is, from its folder alone."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from certiball.claim import Draw
from certiball.errors import StoreError
from certiball.runs.ledger import Attempt, read_attempts
from certiball.runs.lock import has_died
from certiball.runs.progress import Progress, progress_of, sampling_rate, settled_inputs
from certiball.runs.shards import WHOLE, Shard
from certiball.runs.spec import RunSpec
from certiball.runs.store import open_for_reading
from certiball.runs.tables import read_draws, read_failures, read_spec


@dataclass(frozen=True, kw_only=True)
class Part:
    """One shard: how far it is, and its seed."""

    shard: Shard
    draw: Draw
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class Status:
    """A run's state.

    Args:
        spec: what is being done.
        progress: over the shards that are here; the rate is that of one worker, over all attempts.
        parts: the shards that are here.
        attempts: the ledger.
        failures: why inputs failed, by input.
    """

    spec: RunSpec
    progress: Progress
    parts: tuple[Part, ...]
    attempts: tuple[Attempt, ...]
    failures: dict[int, str] = field(default_factory=dict)


def read_status(folder: Path) -> Status:
    """The state of a run folder, which may be at work.

    Raises:
        StoreError: if it is no run folder, or its store is damaged, foreign or newer.
    """
    with open_for_reading(folder) as connection:
        spec = read_spec(connection)
        if spec is None:
            raise StoreError(f"{folder} holds no run yet: certify stopped before it began")
        settled = settled_inputs(connection, spec)
        draws = read_draws(connection)
        # One shard is a run of its own; of more than one, the whole is what was asked for.
        scope = WHOLE if len(draws) > 1 else next(iter(draws), WHOLE)
        parts = []
        for shard, draw in draws.items():
            part = progress_of(connection, spec, shard, settled)
            parts.append(Part(shard=shard, draw=draw, done=part.done, total=part.total))
        whole = progress_of(connection, spec, scope, settled)
        return Status(
            spec=spec,
            progress=replace(whole, rate=sampling_rate(connection) or 0.0),
            parts=tuple(parts),
            attempts=tuple(_told(folder, each) for each in read_attempts(connection)),
            failures=read_failures(connection),
        )


def _told(folder: Path, attempt: Attempt) -> Attempt:
    """With its end, where it wrote none and its process is gone."""
    killed = attempt.ended is None and has_died(folder, attempt.host, attempt.pid)
    return replace(attempt, outcome="killed") if killed else attempt
