"""The ledger of attempts: each start of a run, and how it ended. Rows are never removed."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from certiball.runs.lock import Holder

UNKNOWN = "killed, or still at work"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One start of a run.

    Args:
        started: when, ISO 8601, UTC.
        host: on which machine.
        pid: in which process.
        environment: its number in the store.
        ended: when; None if it was killed or is still at work.
        outcome: how it ended, in words; None likewise, but "killed" where that is known.
    """

    started: str
    host: str
    pid: int
    environment: int
    ended: str | None
    outcome: str | None

    def __str__(self) -> str:
        end = f"{self.outcome} {self.ended}" if self.ended else self.outcome or UNKNOWN
        return f"{self.started} by process {self.pid} on {self.host}: {end}"


def begin_attempt(connection: sqlite3.Connection, holder: Holder, environment: int) -> int:
    """Enter a start; its number."""
    found = connection.execute(
        "INSERT INTO attempts (started, host, pid, environment) VALUES (?, ?, ?, ?) RETURNING id",
        (_now(), holder.host, holder.pid, environment),
    )
    return int(found.fetchone()[0])


def end_attempt(connection: sqlite3.Connection, number: int, outcome: str) -> None:
    """Enter how an attempt ended."""
    connection.execute(
        "UPDATE attempts SET ended = ?, outcome = ? WHERE id = ?", (_now(), outcome, number)
    )


def read_attempts(connection: sqlite3.Connection) -> list[Attempt]:
    """All attempts, oldest first."""
    rows = connection.execute(
        "SELECT started, host, pid, environment, ended, outcome FROM attempts ORDER BY started, id"
    )
    names = ("started", "host", "pid", "environment", "ended", "outcome")
    return [Attempt(**dict(zip(names, row, strict=True))) for row in rows]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
