"""The file that holds a run: whatever happens to it is one line, and nothing is lost."""

import sqlite3
from contextlib import closing

import pytest

from certiball.certification.plan import FixedSamples
from certiball.errors import StoreError
from certiball.runs import store
from certiball.runs.attempt import attempt
from certiball.runs.execute import execute
from certiball.runs.prepare import prepare
from certiball.runs.read import read_run
from certiball.runs.store import FILE, open_for_reading, open_for_writing, transaction


def _mode(connection):
    return (
        connection.execute("PRAGMA journal_mode").fetchone()[0],
        connection.execute("PRAGMA synchronous").fetchone()[0],
    )


def test_local_disks_get_a_write_ahead_log(tmp_path):
    with open_for_writing(tmp_path) as connection:
        assert _mode(connection) == ("wal", 1)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_network_file_systems_get_a_rollback_journal_and_wait_for_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "on_network", lambda folder: True)
    with open_for_writing(tmp_path) as connection:
        assert _mode(connection) == ("delete", 2)


def test_a_reader_keeps_the_log_where_it_is(tmp_path, job, carry):
    """Folding the log away needs the file alone; who reads is not disturbed."""
    with open_for_writing(tmp_path):
        reader = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM meta").fetchall()
    with closing(reader):
        assert _mode(reader)[0] == "wal"
    assert carry(tmp_path, job())[-1].complete


def test_readers_change_nothing(tmp_path, job, carry):
    carry(tmp_path, job())
    with (
        pytest.raises(StoreError, match="cannot be written"),
        open_for_reading(tmp_path) as connection,
    ):
        connection.execute("DELETE FROM blocks")
    assert read_run(tmp_path).complete


def test_a_run_at_work_can_be_read(tmp_path, job):
    wanted = job()
    with attempt(tmp_path, prepare(tmp_path, wanted)) as run:
        for progress in execute(run, wanted.g, wanted.dataset):
            finished = sum(o.result is not None for o in read_run(tmp_path).outcomes)
            assert finished == (6 if progress.complete else 0)


@pytest.mark.parametrize("kind", ["text", "sqlite", "nothing"])
def test_foreign_files_are_refused_and_left_alone(tmp_path, job, carry, kind):
    path = tmp_path / FILE
    if kind == "text":
        path.write_text("not a database at all, but long enough to be taken for one" * 99)
    if kind == "sqlite":
        with closing(sqlite3.connect(path)) as foreign:
            foreign.execute("CREATE TABLE songs (title)")
    before = path.read_bytes() if path.exists() else None
    message = "is not a run folder" if kind == "nothing" else "not a certiball store"
    with pytest.raises(StoreError, match=message):
        read_run(tmp_path)
    if kind == "nothing":
        return
    with pytest.raises(StoreError, match="not a certiball store: choose another folder"):
        carry(tmp_path, job())
    assert path.read_bytes() == before


def test_a_foreign_file_is_refused_for_writing_too(tmp_path):
    with closing(sqlite3.connect(tmp_path / FILE)) as foreign:
        foreign.execute("CREATE TABLE songs (title)")
    with pytest.raises(StoreError, match="not a certiball store"):
        open_for_writing(tmp_path).__enter__()


@pytest.mark.parametrize("where", [0.3, 0.6, 0.95])
def test_damage_is_one_line(tmp_path, job, carry, where):
    carry(tmp_path, job())
    path = tmp_path / FILE
    content = bytearray(path.read_bytes())
    start = int(where * len(content)) // 4096 * 4096
    content[start : start + 4096] = b"\xff" * len(content[start : start + 4096])
    path.write_bytes(content)
    with pytest.raises(StoreError) as refusal:
        carry(tmp_path, job())
    assert "\n" not in str(refusal.value)
    assert "damaged" in str(refusal.value)


def test_a_file_cut_short_is_one_line(tmp_path, job, carry):
    carry(tmp_path, job())
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(StoreError, match=r"run\.sqlite"):
        carry(tmp_path, job())


@pytest.mark.slow
@pytest.mark.usefixtures("small_bundles")
def test_a_full_disk_stops_the_run_and_loses_nothing(tmp_path, job, carry, stored):
    wanted = job(plan=FixedSamples(n0=40, n=30_000))
    done = 0

    def fill():
        nonlocal done
        with attempt(tmp_path, prepare(tmp_path, wanted)) as run:
            pages = run.connection.execute("PRAGMA page_count").fetchone()[0]
            run.connection.execute(f"PRAGMA max_page_count = {pages}")
            for progress in execute(run, wanted.g, wanted.dataset):
                done = progress.done

    with pytest.raises(StoreError, match=r"the disk is full; .* free some space and start"):
        fill()
    assert 0 < done < 6 * 30_040
    assert sum(row[0] for key, row in stored(tmp_path).items() if key[0] == "votes") == done
    carry(tmp_path, wanted)
    carry(tmp_path.parent / "whole", wanted)
    assert stored(tmp_path) == stored(tmp_path.parent / "whole")


def test_a_transaction_that_fails_leaves_no_trace(tmp_path):
    def fail(connection):
        with transaction(connection):
            connection.execute("INSERT INTO meta VALUES ('a', 'b')")
            raise KeyboardInterrupt

    with open_for_writing(tmp_path) as connection:
        with pytest.raises(KeyboardInterrupt):
            fail(connection)
        assert connection.execute("SELECT count(*) FROM meta").fetchone() == (0,)


def test_a_store_that_another_process_writes_is_waited_for_and_then_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "PATIENCE", 0.01)
    with (
        open_for_writing(tmp_path) as connection,
        transaction(connection),
        pytest.raises(StoreError, match="another process holds it: wait"),
        open_for_writing(tmp_path),
    ):
        pass


def test_an_error_without_a_remedy_of_ours_is_passed_on_in_its_words(tmp_path):
    with (
        pytest.raises(StoreError, match="no such table: songs"),
        open_for_writing(tmp_path) as connection,
    ):
        connection.execute("SELECT * FROM songs")
