"""The store's schema, as the steps that lead to it. A step once published is never edited.

A new store walks all the steps; an old one walks those that it lacks, in one transaction.
"""

import sqlite3
from contextlib import closing
from typing import TypeAlias

from certiball.errors import StoreError
from certiball.runs.columns import damaged

# Evidence of every kind in one table: counts are zlib-compressed triples of little-endian
# uint32, (chunk after the block's first, class, count), and zero counts are left out.
_FIRST = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE draws (
    shard INTEGER NOT NULL, of INTEGER NOT NULL, seed TEXT NOT NULL, chosen INTEGER NOT NULL,
    PRIMARY KEY (shard, of)) WITHOUT ROWID;
CREATE TABLE inputs (
    position INTEGER PRIMARY KEY, input INTEGER NOT NULL UNIQUE, label INTEGER);
CREATE TABLE environments (id INTEGER PRIMARY KEY, facts TEXT NOT NULL UNIQUE);
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
    environment INTEGER NOT NULL REFERENCES environments (id));
CREATE TABLE blocks (
    kind TEXT NOT NULL, input INTEGER NOT NULL, phase INTEGER NOT NULL, first INTEGER NOT NULL,
    samples INTEGER NOT NULL, counts BLOB NOT NULL, seconds REAL NOT NULL,
    environment INTEGER NOT NULL REFERENCES environments (id),
    PRIMARY KEY (kind, input, phase, first)) WITHOUT ROWID;
"""

# An attempt that has begun and not ended was killed, or is still at work.
_HOW_ATTEMPTS_END = """
ALTER TABLE attempts ADD COLUMN ended TEXT;
ALTER TABLE attempts ADD COLUMN outcome TEXT;
"""

# Inputs for which the model gave no vote: they stay in the run, as not certified.
_FAILURES = """
CREATE TABLE failures (
    input INTEGER PRIMARY KEY, reason TEXT NOT NULL,
    environment INTEGER NOT NULL REFERENCES environments (id));
"""

# What each input was when the run was fixed; unknown in older stores.
_CONTENT = """
ALTER TABLE inputs ADD COLUMN content TEXT;
"""

# A public number that is mixed into the seed, and what was said of it before it was known.
_BEACONS = """
ALTER TABLE draws ADD COLUMN announced TEXT;
ALTER TABLE draws ADD COLUMN beacon TEXT;
"""

MIGRATIONS = (_FIRST, _HOW_ATTEMPTS_END, _FAILURES, _CONTENT, _BEACONS)
Steps: TypeAlias = tuple[str, ...] | None  # None for a run's


def migrate(connection: sqlite3.Connection, steps: Steps = None) -> None:
    """Walk the steps that a store lacks. The caller holds the transaction.

    Args:
        connection: to the store.
        steps: of its kind of store, all there are.

    Raises:
        StoreError: if the store was written by a newer certiball.
    """
    version = schema_version(connection)
    if version > newest(steps):
        raise StoreError(
            f"the store has schema {version}, this certiball knows up to {newest(steps)}: "
            "install the version that wrote it, or a newer one"
        )
    for step in _all(steps)[version:]:
        for statement in filter(None, map(str.strip, step.split(";"))):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {newest(steps)}")


def newest(steps: Steps = None) -> int:
    """How many steps there are."""
    return len(_all(steps))


def _all(steps: Steps) -> tuple[str, ...]:
    return MIGRATIONS if steps is None else steps


def check_schema(connection: sqlite3.Connection, steps: Steps = None) -> None:
    """Refuse a store whose tables are not exactly those that its steps make.

    A view or a trigger in a stranger's store would answer, and act, in the place of a table.

    Raises:
        StoreError: naming the first thing that differs.
    """
    version = schema_version(connection)
    with closing(sqlite3.connect(":memory:")) as ours:
        for statement in filter(None, map(str.strip, "".join(_all(steps)[:version]).split(";"))):
            ours.execute(statement)
        expected = _schema(ours)
    found = _schema(connection)
    if version <= newest(steps) and found != expected:
        name = min(
            name for name in found.keys() | expected if found.get(name) != expected.get(name)
        )
        damaged(f"{name} is not as certiball makes it")


def _schema(connection: sqlite3.Connection) -> dict[str, str]:
    """What is there, by name; spaces aside, for they follow from how a table came about."""
    rows = connection.execute(
        "SELECT name, type || ' ' || tbl_name || ' ' || sql FROM sqlite_master"
    )
    return {str(name): "".join(str(text).split()) for name, text in rows}


def schema_version(connection: sqlite3.Connection) -> int:
    """How many steps a store has walked."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
