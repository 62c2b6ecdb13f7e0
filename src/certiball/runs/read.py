"""A run folder, read: certificates are computed here, from the stored counts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from certiball.certificate import Result
from certiball.certification.assumptions import ASSUMED, Assumption
from certiball.certification.judge import judge
from certiball.claim import Draw
from certiball.errors import StoreError
from certiball.runs.environment import Facts
from certiball.runs.evidence import Evidence, Kind
from certiball.runs.items import Item
from certiball.runs.ledger import Attempt, read_attempts
from certiball.runs.pending import held_votes, missing_blocks
from certiball.runs.shards import Shard, shard_of_position
from certiball.runs.source import Source
from certiball.runs.spec import RunSpec
from certiball.runs.store import open_for_reading
from certiball.runs.tables import (
    read_assumptions,
    read_draws,
    read_environments,
    read_evidence,
    read_failures,
    read_items,
    read_source,
    read_spec,
)
from certiball.samplers.streams import Phase, key_of, random_word
from certiball.votes import Votes


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run says of one input.

    Args:
        item: the input and its true class.
        result: the certificate or abstention; None while samples are missing.
        clean: the base classifier's label without noise; None while unknown.
        seconds: the time that its samples took.
        failure: why the model gave no votes for it; None unless that happened. It counts as an
            input that is not certified.
    """

    item: Item
    result: Result | None
    clean: int | None
    seconds: float
    failure: str | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing more will be known of it."""
        return self.result is not None or self.failure is not None


@dataclass(frozen=True, kw_only=True)
class Results:
    """A run as it is stored.

    Args:
        folder: where it is.
        spec: what was asked.
        source: how the data was opened, if known.
        draws: the seed of each shard that is there.
        outcomes: one per input, in order; those of missing shards have no result.
        environments: everything that computed votes, by number.
        attempts: the ledger, oldest first.
        assumptions: what the run takes for granted, and how that was looked at.
    """

    folder: Path
    spec: RunSpec
    source: Source | None
    draws: dict[Shard, Draw]
    outcomes: tuple[Outcome, ...]
    environments: dict[int, Facts]
    attempts: tuple[Attempt, ...]
    assumptions: tuple[Assumption, ...] = ASSUMED

    @property
    def complete(self) -> bool:
        """Whether every input has its result, or has failed."""
        return all(outcome.finished for outcome in self.outcomes)


def read_run(folder: Path) -> Results:
    """Everything that a run folder holds, with certificates computed from the counts.

    Raises:
        StoreError: if it is no run folder, or its store is damaged, foreign or newer.
    """
    with open_for_reading(folder) as connection:
        spec = read_spec(connection)
        if spec is None:
            raise StoreError(f"{folder} holds no run yet: certify stopped before it began")
        draws = read_draws(connection)
        failures = read_failures(connection)
        outcomes = []
        for item in read_items(connection):
            votes = list(read_evidence(connection, Kind.VOTES, item.input, spec))
            clean = list(read_evidence(connection, Kind.CLEAN, item.input, spec))
            outcome = _outcome(spec, draws, item, votes, clean)
            failure = failures.get(item.input)
            outcomes.append(
                outcome if failure is None else replace(outcome, result=None, failure=failure)
            )
        return Results(
            folder=folder,
            spec=spec,
            source=read_source(connection),
            draws=draws,
            outcomes=tuple(outcomes),
            environments=read_environments(connection),
            attempts=tuple(read_attempts(connection)),
            assumptions=read_assumptions(connection),
        )


def _outcome(
    spec: RunSpec,
    draws: dict[Shard, Draw],
    item: Item,
    votes: Sequence[Evidence],
    clean: Sequence[Evidence],
) -> Outcome:
    result = None
    of = next(iter(draws)).of
    draw = draws.get(shard_of_position(item.position, of))
    if draw is not None and not missing_blocks(spec, item.input, votes):
        held = held_votes(votes, spec.execution.chunk)
        none = Votes(counts=(0,) * spec.model.classes)  # where every view votes, none select
        selection, estimation = held.get(Phase.SELECTION, none), held[Phase.ESTIMATION]
        wanted = spec.plan.wanted(spec.question, selection, estimation)
        if (selection.total, estimation.total) != wanted:
            raise StoreError(
                f"the store is damaged (input {item.input} has {selection.total} and "
                f"{estimation.total} votes, not {wanted[0]} and {wanted[1]}): restore it from a "
                "copy, or start again in a new folder"
            )
        word = random_word(key_of(draw, spec.digest), item.input)
        result = judge(spec.question, spec.plan, draw, selection, estimation, word)
    return Outcome(
        item=item,
        result=result,
        clean=int(clean[0].counts.argmax()) if clean else None,
        seconds=math.fsum(each.seconds for each in votes),
    )
