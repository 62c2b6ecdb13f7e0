"""One process per folder, and no folder locked for ever."""

import errno
import fcntl
import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from certiball.errors import StoreError
from certiball.runs import lock
from certiball.runs.lock import FILE, has_died, locked, this_process
from certiball.runs.status import read_status
from certiball.runs.store import open_for_writing

HOLD = """
import sys
from pathlib import Path
from certiball.runs.lock import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def other(tmp_path):
    """Another process that holds the folder's lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def _write(folder: Path, **changes: object) -> None:
    (folder / FILE).write_text(json.dumps(asdict(this_process()) | changes))


def _finished_process() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_lock_names_its_holder_and_goes_with_it(tmp_path):
    with locked(tmp_path):
        assert json.loads((tmp_path / FILE).read_text())["pid"] == os.getpid()
        with pytest.raises(StoreError, match=f"in use by process {os.getpid()} on "):
            locked(tmp_path).__enter__()
    assert not (tmp_path / FILE).exists()


def test_two_processes_cannot_hold_one_folder(tmp_path, other):
    with pytest.raises(StoreError, match=f"in use by process {other.pid} on .*: wait for it"):
        locked(tmp_path).__enter__()
    other.communicate("go\n")
    with locked(tmp_path):
        pass


def test_the_lock_of_a_killed_process_is_taken_over(tmp_path, other):
    other.kill()
    other.wait()
    assert (tmp_path / FILE).exists()
    with locked(tmp_path):
        assert json.loads((tmp_path / FILE).read_text())["pid"] == os.getpid()


def test_the_lock_of_another_host_is_never_taken_over(tmp_path):
    _write(tmp_path, host="elsewhere", pid=_finished_process())
    with pytest.raises(StoreError, match=r"on elsewhere: .* if that process is gone, delete "):
        locked(tmp_path).__enter__()


def test_a_number_used_again_is_another_process(tmp_path):
    _write(tmp_path, started="another boot 1")
    with locked(tmp_path):
        pass


def test_a_process_of_somebody_else_is_alive(tmp_path, monkeypatch):
    _write(tmp_path)

    def forbidden(pid, signal):
        raise PermissionError

    monkeypatch.setattr(os, "kill", forbidden)
    with pytest.raises(StoreError, match="in use"):
        locked(tmp_path).__enter__()


@pytest.mark.parametrize("content", ["", "{", '{"pid": 1}', "[]"])
def test_a_lock_whose_writer_was_killed_half_way_is_free(tmp_path, content):
    (tmp_path / FILE).write_text(content)
    with locked(tmp_path):
        pass


def test_a_lock_that_vanishes_while_waiting_for_it_is_tried_again(tmp_path, monkeypatch):
    real, calls = fcntl.flock, []

    def vanishing(file, operation):
        if not calls:
            (tmp_path / FILE).unlink()
        calls.append(operation)
        real(file, operation)

    monkeypatch.setattr(fcntl, "flock", vanishing)
    with locked(tmp_path):
        assert (tmp_path / FILE).exists()
    assert len(calls) == 3


def test_a_lock_that_another_took_over_is_not_removed(tmp_path):
    with locked(tmp_path):
        _write(tmp_path, host="elsewhere")
    assert (tmp_path / FILE).exists()


def test_a_folder_that_is_gone_at_the_end_is_no_error(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    with locked(folder):
        (folder / FILE).unlink()
        folder.rmdir()


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    with pytest.raises(StoreError, match="cannot be written .*: choose a folder that can"):
        locked(tmp_path / "absent").__enter__()


def test_a_file_system_without_locks_is_one_line(tmp_path, monkeypatch):
    def unsupported(file, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    with pytest.raises(StoreError, match=r"without locks \(No locks available\): choose a folder"):
        locked(tmp_path).__enter__()


def test_start_times_are_empty_where_the_system_does_not_tell(monkeypatch):
    assert lock._start_time(os.getpid())
    assert lock._start_time(_finished_process()) == ""
    assert str(replace(this_process(), host="here", pid=3)) == "process 3 on here"


def test_a_process_that_died_with_the_lock_is_known_to_be_gone(tmp_path, other):
    me = this_process()
    assert not has_died(tmp_path, me.host, other.pid)
    other.kill()
    other.wait()
    assert has_died(tmp_path, me.host, other.pid)
    assert not has_died(tmp_path, "elsewhere", other.pid)
    (tmp_path / FILE).unlink()
    assert has_died(tmp_path, me.host, other.pid)
    assert not has_died(tmp_path, me.host, me.pid)
    _write(tmp_path, started="long ago")  # the number is another process's by now
    assert has_died(tmp_path, me.host, me.pid)


def test_status_says_killed_where_it_is_known(tmp_path, job, carry):
    def attempts_of(pid):
        with open_for_writing(tmp_path) as connection:
            connection.execute("UPDATE attempts SET pid = ?, ended = NULL, outcome = NULL", (pid,))
        [found] = read_status(tmp_path).attempts
        return found

    carry(tmp_path, job())
    gone = attempts_of(_finished_process())
    assert str(gone).endswith(": killed")
    assert (gone.outcome, gone.ended) == ("killed", None)
    assert str(attempts_of(os.getpid())).endswith(": killed, or still at work")
