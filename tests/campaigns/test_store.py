"""The file that holds campaigns: whatever happens to it is one line, and nothing is lost."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace

import pytest

from certiball.campaigns.read import read_stored
from certiball.campaigns.store import FILE, LOCK
from certiball.errors import StoreError
from certiball.runs.lock import this_process


@pytest.fixture
def plain(plain):
    """A few questions are enough to store."""
    return replace(plain, max_queries=12)


def _changed(folder, statement, *values):
    with closing(sqlite3.connect(folder / FILE)) as connection, connection:
        assert connection.execute(statement, values).rowcount


def test_one_plain_file_is_left(tmp_path, plain, carry):
    carry(tmp_path, plain, inputs=1)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("kind", ["text", "songs", "run", "nothing"])
def test_a_file_that_is_none_is_refused_and_left_alone(tmp_path, plain, carry, kind):
    path = tmp_path / FILE
    if kind == "text":
        path.write_text("not a database at all, but long enough to be taken for one" * 99)
    elif kind != "nothing":
        with closing(sqlite3.connect(path)) as foreign:
            foreign.execute("CREATE TABLE songs (title)")
            if kind == "run":  # a store of a run under this name
                foreign.execute(f"PRAGMA application_id = {int.from_bytes(b'cert')}")
    before = path.read_bytes() if path.exists() else None
    complaint = "holds no attacks" if kind == "nothing" else "is not a certiball store"
    with pytest.raises(StoreError, match=complaint):
        read_stored(tmp_path)
    if kind == "nothing":
        return
    with pytest.raises(StoreError, match="is not a certiball store: choose another folder"):
        carry(tmp_path, plain)
    assert path.read_bytes() == before


@pytest.mark.parametrize("where", [0.2, 0.5, 0.9])
def test_damage_is_one_line(tmp_path, plain, carry, where):
    carry(tmp_path, plain, inputs=1)
    path = tmp_path / FILE
    content = bytearray(path.read_bytes())
    start = int(where * len(content)) // 4096 * 4096
    content[start : start + 4096] = b"\xff" * len(content[start : start + 4096])
    path.write_bytes(content)
    with pytest.raises(StoreError) as refusal:
        carry(tmp_path, plain)
    assert "\n" not in str(refusal.value)
    assert "damaged" in str(refusal.value)


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("UPDATE campaigns SET seed = 'x'", "has no seed"),
        ("UPDATE campaigns SET planned = 7", "or 7 inputs"),
        ("UPDATE campaigns SET digest = 'x'", "it was edited"),
        ("UPDATE campaigns SET spec = replace(spec, ':12,', ':13,')", "it was edited"),
        ("UPDATE campaigns SET spec = '[]'", "is no JSON object"),
        ("UPDATE campaigns SET spec = '{}'", "cannot be read"),
        ("UPDATE results SET status = 'won'", "came to 'won'"),
        ("UPDATE results SET history = '[1]'", "the history of input 0 cannot be read"),
        ("UPDATE results SET history = '[['", "the history of input 0 cannot be read"),
        ("UPDATE results SET point = x'00'", "stored answers are damaged"),
        ("UPDATE results SET queries = -1", "results.queries holds a integer"),
        ("UPDATE results SET distance = 'far'", "results.distance holds a text"),
        ("UPDATE verdicts SET point = zeroblob(9)", "stored answers are damaged"),
        ("UPDATE verdicts SET campaign = 9", "a row names another that is not there"),
        ("UPDATE inputs SET point = zeroblob(9)", "stored answers are damaged"),
    ],
    ids=range(15),
)
def test_what_certiball_never_writes_is_one_line(tmp_path, plain, carry, statement, complaint):
    carry(tmp_path, plain, inputs=1)
    _changed(tmp_path, statement)
    with pytest.raises(StoreError, match=complaint) as refusal:
        read_stored(tmp_path)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("UPDATE answers SET first = first + 1", "have a gap at question 0"),
        ("UPDATE answers SET questions = questions + 1", "stored answers are damaged"),
        ("UPDATE answers SET questions = 99999999999", "have a gap"),
        ("UPDATE answers SET packed = x'00'", "stored answers are damaged"),
    ],
    ids=range(4),
)
def test_answers_that_are_none_are_not_told(tmp_path, plain, carry, statement, complaint):
    carry(tmp_path, plain, inputs=1)
    _changed(tmp_path, "DELETE FROM results")
    _changed(tmp_path, "DELETE FROM verdicts")
    _changed(tmp_path, statement)
    with pytest.raises(StoreError, match=complaint):
        carry(tmp_path, plain, inputs=1)


def test_a_newer_store_and_a_strange_schema_are_refused(tmp_path, plain, carry):
    carry(tmp_path, plain, inputs=1)
    shutil.copytree(tmp_path, tmp_path / "strange")
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with closing(sqlite3.connect(tmp_path / "strange" / FILE)) as connection:
        connection.execute("CREATE TRIGGER t AFTER INSERT ON results BEGIN SELECT 1; END")
    for folder, complaint in ((tmp_path, "schema 99"), (tmp_path / "strange", "not as certiball")):
        with pytest.raises(StoreError, match=complaint):
            read_stored(folder)
        with pytest.raises(StoreError, match=complaint):
            carry(folder, plain)


def test_a_second_process_is_told_of_the_first(tmp_path, plain, carry):
    """The lock is another than the run's: a run may go on while what it has is attacked."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        held = replace(this_process(), pid=child.pid, started="")
        started = _started(child.pid)
        holder = {"host": held.host, "pid": child.pid, "started": started}
        (tmp_path / LOCK).write_text(json.dumps(holder))
        with pytest.raises(StoreError, match=f"is in use by process {child.pid}"):
            carry(tmp_path, plain)
    finally:
        child.communicate(b"\n")
    carry(tmp_path, plain, inputs=1)  # it is gone
    assert len(read_stored(tmp_path)) == 1


def _started(pid):
    from certiball.runs import lock

    return lock._start_time(pid)


def test_links_are_not_followed(tmp_path, plain, carry):
    carry(tmp_path / "real", plain, inputs=1)
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / FILE).symlink_to(tmp_path / "real" / FILE)
    with pytest.raises(StoreError, match="is no plain file"):
        carry(tmp_path / "link", plain)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path, plain, carry):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made .*: choose another"):
        carry(tmp_path / "file" / "folder", plain)
