import fcntl
import subprocess
import sys

import pytest

from certiball.errors import StoreError
from certiball.train.lock import FILE, held

HOLD = """
import sys
from pathlib import Path
from certiball.train.lock import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(StoreError) as caught, held(tmp_path):
            pass
    finally:
        process.kill()
        process.communicate()
    said = str(caught.value)
    assert said.startswith(f"{tmp_path} is in use by another training: wait for it or stop it")
    assert "\n" not in said
    with held(tmp_path):
        pass


def test_an_error_lets_go(tmp_path):
    with pytest.raises(ZeroDivisionError), held(tmp_path):
        raise ZeroDivisionError
    with held(tmp_path):
        assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_no_folder_needs_no_lock():
    with held(None), held(None):
        pass


def test_a_lock_that_cannot_be_made(tmp_path):
    (tmp_path / FILE).mkdir()
    with (
        pytest.raises(StoreError, match=r"training\.lock cannot be written \(Is a dir"),
        held(tmp_path),
    ):
        pass


def test_a_file_system_without_locks(tmp_path, monkeypatch):
    def flock(file, how):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(StoreError, match="is on a file system without locks .Op"), held(tmp_path):
        pass
