"""What a record is told, as against what follows from it and the counts."""

from dataclasses import dataclass

from certiball.claim import Draw
from certiball.records.table import TableFile
from certiball.runs.environment import Facts
from certiball.runs.shards import Shard
from certiball.runs.spec import RunSpec


@dataclass(frozen=True, kw_only=True)
class Issued:
    """By whom and when a record was made.

    Args:
        created: ISO 8601, UTC.
        issuer: a name, an address or a key's name; None where nobody said.
        previous: the digest of the record that this one replaces, "sha256:…"; None for a first.
        version: certiball's.
    """

    created: str
    issuer: str | None
    previous: str | None
    version: str


@dataclass(frozen=True, kw_only=True)
class Begun:
    """One start of the run: the ledger's attempt without the names of hosts and processes.

    Args:
        started: ISO 8601, UTC.
        ended: likewise; None if it was killed.
        outcome: how it ended, in words.
        machine: 1 for the first machine that worked on the run, 2 for the next, …
        environment: its number among the record's environments.
    """

    started: str
    ended: str | None
    outcome: str | None
    machine: int
    environment: int


@dataclass(frozen=True, kw_only=True)
class Given:
    """Everything in a record that does not follow from something else in it.

    Args:
        issued: by whom and when.
        spec: what was asked, names without folders.
        draws: the seed of each shard.
        attempts: how the run came about, oldest first.
        environments: everything that computed votes, by number.
        tried: how it was looked at whether the classifier is a function of one input.
        classes: a name for each class; empty where unknown.
        threats: as named, such as "linf:8/255".
        table: the file of the rows.
    """

    issued: Issued
    spec: RunSpec
    draws: dict[Shard, Draw]
    attempts: tuple[Begun, ...]
    environments: dict[int, Facts]
    tried: str
    classes: tuple[str, ...]
    threats: tuple[str, ...]
    table: TableFile
