"""Run folders from strangers: other schemas, impossible values, links that lead outside."""

import json
import os
import socket
import sqlite3
import zlib
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certiball.errors import CertiballError, StoreError
from certiball.report.from_run import study_of_run
from certiball.report.html import render
from certiball.runs import lock
from certiball.runs.attempt import copy_spec
from certiball.runs.merge import merge
from certiball.runs.migrations import migrate
from certiball.runs.read import read_run
from certiball.runs.spec import canonical, from_json, to_json
from certiball.runs.status import read_status
from certiball.runs.store import FILE, open_for_writing
from fuzz.survival import DEEP, QUICK, damaged, survives, tree

VALUES = (
    None, -1, 0, 1, 7, 2**31, 2**53, 2**63 - 1, -(2**63), 0.5, 1e308, float("inf"), float("-inf"),
    "", "x", "-1", "[" * 5000, '{"a": NaN}', '{"a": "\\ud800"}', "9" * 5000, "{}", "[]", "null",
    b"", b"\xff\x00", zlib.compress(bytes(2**22)), "a\x1b[2J\n\u202e",
)  # fmt: skip


def _columns():
    with closing(sqlite3.connect(":memory:")) as connection:
        migrate(connection)
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return [
            (table, row[1])
            for (table,) in tables.fetchall()
            for row in connection.execute(f"PRAGMA table_info({table})")
        ]


COLUMNS = _columns()


def _read(folder):
    return read_status(folder), read_run(folder)


def _everything(folder):
    status, results = _read(folder)
    return status, results, render([study_of_run(results, dataset=None)])


def _rewritten(folder, *statements):
    with closing(sqlite3.connect(folder / FILE)) as connection, connection:
        for statement in statements:
            words = statement if isinstance(statement, tuple) else (statement,)
            connection.execute(*words)


def test_what_is_going_to_be_damaged_can_be_read(copied):
    status, results, page = _everything(copied())
    assert status.progress.complete
    assert results.complete
    assert "<html" in page


@pytest.mark.parametrize("profile", [QUICK, pytest.param(DEEP, marks=pytest.mark.slow)])
def test_damaged_stores_are_read_or_refused(copied, tmp_path, profile):
    folder = copied()
    real = (folder / FILE).read_bytes()

    @settings(profile)
    @given(damaged(real))
    def holds(content):
        (folder / FILE).write_bytes(content)
        survives(_read, folder)
        (folder / FILE).write_bytes(content)
        survives(_opened_for_writing, folder)
        assert set(tree(tmp_path)) <= {"run", "run/run.sqlite", "run/spec.json"}

    holds()


def test_a_schema_that_is_no_text_is_damage(copied):
    """SQLite quotes the name in its own message, which Python then cannot read."""
    folder = copied()
    real = (folder / FILE).read_bytes()
    (folder / FILE).write_bytes(real.replace(b"tableblocks", b"table\x80locks"))
    with pytest.raises(StoreError, match="is damaged"):
        _read(folder)


def _opened_for_writing(folder):
    with open_for_writing(folder):
        pass


def _changed(copied, table, column, value):
    folder = copied()
    if table == "failures":
        _rewritten(folder, "INSERT INTO failures VALUES (0, 'no', 1)")
    _rewritten_or_not(folder, f"UPDATE OR REPLACE {table} SET {column} = ?", value)
    return folder


@settings(QUICK)
@given(place=st.sampled_from(COLUMNS), value=st.sampled_from(VALUES))
def test_some_value_in_some_column_is_read_or_refused(copied, place, value):
    survives(_read, _changed(copied, *place, value))


@pytest.mark.slow
@settings(DEEP)
@given(place=st.sampled_from(COLUMNS), value=st.sampled_from(VALUES))
def test_any_value_in_any_column_is_read_merged_or_refused(copied, tmp_path, place, value):
    folder = _changed(copied, *place, value)
    survives(_everything, folder)
    survives(merge, [folder], tmp_path / f"merged {len(list(tmp_path.iterdir()))}")


def _rewritten_or_not(folder, change, value):
    try:
        _rewritten(folder, (change, (value,)))
    except sqlite3.Error:  # such a value cannot be stored there at all
        return


def _leaves(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    yield path


def _put(value, path, new):
    if not path:
        return new
    return {**value, path[0]: _put(value[path[0]], path[1:], new)}


ODD = st.sampled_from(
    [
        None, True, -1, 0, 1, 2, 3, 2**31, 2**53, 10**30, 0.5, 1e308, 5e-324, "inf", "-inf",
        "1/0", "1/3", "9" * 90 + "/1", "1e999999999", "x", "", [], [1], [0, 0], [2**40] * 3,
        [1] * 99, {}, {"kind": "gaussian"}, {"kind": "fixed", "n0": 1, "n": 10**9},
        {"kind": "grid", "step": "1e99999999", "low": 0, "high": 1}, "torch cpu bfloat16",
    ]
)  # fmt: skip


@pytest.mark.parametrize("profile", [QUICK, pytest.param(DEEP, marks=pytest.mark.slow)])
def test_any_specification_is_read_or_refused(copied, profile):
    folder = copied()
    real = to_json(read_run(folder).spec)
    places = list(_leaves(real))

    @settings(profile)
    @given(st.lists(st.tuples(st.sampled_from(places), ODD), min_size=1, max_size=2))
    def holds(changes):
        value = real
        for path, odd in changes:
            value = survives(_placed, value, path, odd) or value
        spec = survives(from_json, value) if isinstance(value, dict) else None
        text = json.dumps(value) if spec is None else canonical(to_json(spec))
        digest = "" if spec is None else spec.digest
        _rewritten(
            folder,
            ("UPDATE meta SET value = ? WHERE key = 'spec'", (text,)),
            ("UPDATE meta SET value = ? WHERE key = 'digest'", (digest,)),
        )
        survives(_read, folder)

    holds()


def _placed(value, path, odd):
    try:
        return _put(value, path, odd)
    except (KeyError, TypeError):  # an earlier change has taken the place away
        return value


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON attempts BEGIN DELETE FROM blocks; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE more (x)",
        "CREATE INDEX i ON blocks (samples)",
        "ALTER TABLE blocks ADD COLUMN more GENERATED ALWAYS AS (samples * 2)",
        "ALTER TABLE meta RENAME TO atem",
        "CREATE VIRTUAL TABLE f USING fts5(x)",
        "PRAGMA user_version = 3",
        "PRAGMA user_version = -1",
    ],
)
def test_a_schema_that_is_not_ours_is_refused(copied, statement):
    folder = copied()
    _rewritten(folder, statement)
    for read in (read_run, read_status, _opened_for_writing):
        with pytest.raises(StoreError, match="is not as certiball makes it"):
            read(folder)


def test_votes_that_unpack_to_more_than_there_are_are_refused(copied):
    folder = copied()
    bomb = zlib.compress(bytes(2**24))
    _rewritten(folder, ("UPDATE blocks SET counts = ?", (bomb,)))
    with pytest.raises(StoreError, match="cut off, or more than there are"):
        read_run(folder)


@pytest.mark.parametrize("samples", [0, 2**40])
def test_a_block_longer_than_blocks_are_takes_no_memory(copied, samples):
    folder = copied()
    _rewritten(folder, ("UPDATE blocks SET samples = ?", (samples,)))
    with pytest.raises(StoreError, match=f"has {samples} samples in phase"):
        read_run(folder)


SIDES = (FILE, f"{FILE}-journal", f"{FILE}-wal", f"{FILE}-shm")


@pytest.mark.parametrize("name", SIDES)
@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "folder", "hard link"])
def test_files_that_are_elsewhere_are_neither_read_nor_written(copied, tmp_path, name, kind):
    folder = copied()
    victim = tmp_path / "victim"
    victim.write_bytes((folder / FILE).read_bytes())
    (folder / name).unlink(missing_ok=True)
    match kind:
        case "link":
            (folder / name).symlink_to(victim)
        case "dangling":
            (folder / name).symlink_to(tmp_path / "new")
        case "pipe":
            os.mkfifo(folder / name)
        case "folder":
            (folder / name).mkdir()
        case _:
            os.link(victim, folder / name)
    before = victim.read_bytes()
    for read in (read_run, read_status, _opened_for_writing):
        if (name, kind) == (FILE, "hard link"):
            continue
        with pytest.raises(StoreError):
            read(folder)
    assert victim.read_bytes() == before
    assert not (tmp_path / "new").exists()


def test_a_journal_that_names_another_deletes_nothing(copied, tmp_path):
    """SQLite deletes the "super-journal" that a journal names, wherever it is."""
    folder, victim = copied(), tmp_path / "victim"
    victim.write_bytes(b"dear to somebody")
    _rewritten(folder, "PRAGMA journal_mode = DELETE")
    pages = (folder / FILE).stat().st_size // 4096
    magic, name = bytes.fromhex("d9d505f920a163d7"), str(victim).encode()
    head = magic + b"".join(n.to_bytes(4, "big") for n in (0, 7, pages, 512, 4096))
    tail = b"".join(n.to_bytes(4, "big") for n in (len(name), sum(name)))
    journal = head.ljust(512, b"\0") + (2**30 // 4096 + 1).to_bytes(4, "big") + name + tail + magic
    (folder / f"{FILE}-journal").write_bytes(journal)
    for read in (read_run, read_status, _opened_for_writing):
        with pytest.raises(StoreError, match="names a file to delete"):
            read(folder)
    assert victim.exists()
    _rewritten(folder, "UPDATE meta SET value = value")  # plain SQLite falls for it
    assert not victim.exists()


@pytest.mark.parametrize("name", [lock.FILE, "spec.json", "spec.json.part"])
@pytest.mark.parametrize("kind", ["link", "dangling", "hard link"])
def test_going_on_writes_through_no_link(copied, tmp_path, name, kind):
    folder, victim = copied(), tmp_path / "victim"
    victim.write_text("dear to somebody")
    (folder / name).unlink(missing_ok=True)
    if kind == "hard link":
        os.link(victim, folder / name)
    else:
        (folder / name).symlink_to(victim if kind == "link" else tmp_path / "new")
    survives(_locked, folder)
    survives(copy_spec, folder, read_run(folder).spec)
    assert victim.read_text() == "dear to somebody"
    assert not (tmp_path / "new").exists()


def _locked(folder):
    with lock.locked(folder):
        pass


@settings(QUICK)
@given(
    st.binary(max_size=60)
    | st.sampled_from([b"[" * 4096, b'{"host": 1, "pid": 2, "started": 3}', b"9" * 4096])
    | st.builds(
        lambda pid, host: json.dumps({"host": host, "pid": pid, "started": ""}).encode(),
        st.integers(-5, 2**70),
        st.sampled_from(["", "elsewhere", "\x1b[2J", socket.gethostname()]),
    )
)
def test_any_lock_is_taken_over_or_respected(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("locks")
    (folder / lock.FILE).write_bytes(content)
    survives(_locked, folder)
    lock.has_died(folder, socket.gethostname(), 2**70)


def test_a_pipe_for_a_lock_is_not_waited_for(copied):
    folder = copied()
    os.mkfifo(folder / lock.FILE)
    with pytest.raises(CertiballError, match="no lock of certiball's"):
        _locked(folder)
    assert _everything(folder)


def test_texts_of_strangers_stay_texts_in_a_page(copied):
    folder = copied()
    evil = "</title><script>alert(1)</script><img src=x onerror=alert(1)>\"'`{{7*7}}"
    spec = to_json(read_run(folder).spec)
    spec["model"]["name"], spec["data"]["name"] = evil, evil
    digest = from_json(spec).digest
    _rewritten(
        folder,
        ("UPDATE meta SET value = ? WHERE key = 'spec'", (canonical(spec),)),
        ("UPDATE meta SET value = ? WHERE key = 'digest'", (digest,)),
        ("UPDATE attempts SET host = ?, outcome = ?", (evil, evil)),
        ("INSERT INTO failures VALUES (0, ?, 1)", (evil,)),
    )
    *_, page = _everything(folder)
    assert "alert(1)" in page
    assert "<script" not in page
    assert "<img src=x" not in page
    assert "49" not in page.partition("</title>")[0]


def test_a_store_of_many_inputs_is_not_believed(copied):
    folder = copied()
    spec = to_json(read_run(folder).spec)
    spec["data"]["count"] = 10**12
    _rewritten(
        folder,
        ("UPDATE meta SET value = ? WHERE key = 'spec'", (canonical(spec),)),
        ("UPDATE meta SET value = ? WHERE key = 'digest'", (from_json(spec).digest,)),
    )
    for read in (read_run, read_status):
        with pytest.raises(StoreError, match="6 inputs of 1000000000000"):
            read(folder)


def test_counts_beyond_what_is_stored_are_refused(copied):
    folder = copied()
    triples = np.array([[0, 0, 2**32 - 1]], dtype="<u4")
    _rewritten(folder, ("UPDATE blocks SET counts = ?", (zlib.compress(triples.tobytes()),)))
    with pytest.raises(StoreError, match="4294967295 votes for"):
        read_run(folder)
