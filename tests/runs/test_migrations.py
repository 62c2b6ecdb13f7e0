"""Stores of earlier versions are brought to today's schema; later ones are refused."""

import sqlite3
from contextlib import closing

import pytest

from certiball.errors import StoreError
from certiball.runs import migrations
from certiball.runs.ledger import read_attempts
from certiball.runs.migrations import MIGRATIONS, migrate, schema_version
from certiball.runs.read import read_run
from certiball.runs.store import FILE, open_for_reading


@pytest.fixture
def version_1(tmp_path, job, carry):
    """A run as the first schema held it."""
    carry(tmp_path, job(), bundles=1)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("ALTER TABLE attempts DROP COLUMN ended")
        connection.execute("ALTER TABLE attempts DROP COLUMN outcome")
        connection.execute("DROP TABLE failures")
        connection.execute("ALTER TABLE inputs DROP COLUMN content")
        connection.execute("ALTER TABLE draws DROP COLUMN announced")
        connection.execute("ALTER TABLE draws DROP COLUMN beacon")
        connection.execute("PRAGMA user_version = 1")
    return tmp_path


def _schema(connection):
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {name: connection.execute(f"PRAGMA table_info({name})").fetchall() for (name,) in tables}


def test_the_fixture_is_what_the_first_step_makes(version_1):
    with (
        closing(sqlite3.connect(version_1 / FILE)) as old,
        closing(sqlite3.connect(":memory:")) as new,
    ):
        new.executescript(MIGRATIONS[0])
        assert _schema(old) == _schema(new)


def test_reading_an_old_store_leaves_it_as_it_is(version_1):
    before = (version_1 / FILE).read_bytes()
    [attempt] = read_run(version_1).attempts
    assert (attempt.ended, attempt.outcome) == (None, None)
    assert (version_1 / FILE).read_bytes() == before


def test_going_on_migrates_an_old_store_and_keeps_its_votes(version_1, job, carry, stored):
    before = stored(version_1)
    assert before
    assert carry(version_1, job())[-1].complete
    after = stored(version_1)
    assert {key: after[key] for key in before} == before
    with open_for_reading(version_1) as connection:
        assert schema_version(connection) == len(MIGRATIONS)
        outcomes = [attempt.outcome for attempt in read_attempts(connection)]
    assert outcomes == [None, "done"]


def test_a_migration_that_is_interrupted_has_not_begun(version_1, job, carry, monkeypatch):
    broken = (MIGRATIONS[0], MIGRATIONS[1] + "INSERT INTO nowhere VALUES (1);")
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", broken)
        with pytest.raises(StoreError, match="no such table: nowhere"):
            carry(version_1, job(batch=64))
    with closing(sqlite3.connect(version_1 / FILE)) as connection:
        assert schema_version(connection) == 1
    assert carry(version_1, job())[-1].complete


def test_a_newer_store_is_refused(tmp_path, job, carry):
    carry(tmp_path, job())
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("PRAGMA user_version = 99")
    for use in (lambda: read_run(tmp_path), lambda: carry(tmp_path, job())):
        with pytest.raises(StoreError, match=r"schema 99, .* install the version that wrote it"):
            use()


def test_migrating_twice_changes_nothing():
    with closing(sqlite3.connect(":memory:")) as connection:
        migrate(connection)
        before = _schema(connection)
        migrate(connection)
        assert _schema(connection) == before
