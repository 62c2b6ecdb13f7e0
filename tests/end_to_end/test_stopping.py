"""Processes that are killed, interrupted or in each other's way: no vote is lost or changed."""

import random
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from certiball.runs.read import read_run
from certiball.runs.store import FILE, open_for_reading


def _votes(folder: Path) -> dict[tuple[object, ...], bytes]:
    with open_for_reading(folder) as connection:
        rows = connection.execute("SELECT kind, input, phase, first, samples, counts FROM blocks")
        return {row[:5]: row[5] for row in rows}


def _wait_for_votes(folder: Path, process) -> None:
    """Until something is stored, or the process has ended."""
    while process.poll() is None:
        try:
            with closing(sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)) as connection:
                if connection.execute("SELECT count(*) FROM blocks").fetchone()[0]:
                    return
        except sqlite3.Error:
            pass
        time.sleep(0.02)


def _kill_and_go_on(start, home, moments, seed=0):
    """Kill a run at so many random moments, finish it, and compare it with a quiet one."""
    chance = random.Random(seed)
    for moment in range(moments):
        with start("killed") as process:
            if moment % 3 != 2:  # every third dies while it starts
                _wait_for_votes(home / "killed", process)
            time.sleep(chance.uniform(0, 0.5))
            process.send_signal(signal.SIGKILL)
    with start("killed") as process:
        _, errors = process.communicate()
    assert process.returncode == 0, errors
    with start("quiet") as process:
        _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert _votes(home / "killed") == _votes(home / "quiet")
    killed, quiet = read_run(home / "killed"), read_run(home / "quiet")
    for one, other in zip(killed.outcomes, quiet.outcomes, strict=True):
        assert one.result == other.result
        assert one.clean == other.clean
    return killed


def test_a_killed_run_goes_on_to_the_same_votes(start, home):
    killed = _kill_and_go_on(start, home, moments=2)
    outcomes = [attempt.outcome for attempt in killed.attempts]
    assert outcomes[-1] == "done"
    assert None in outcomes  # killed: nobody was there to say so


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_run_killed_many_times_goes_on_to_the_same_votes(start, home, seed):
    _kill_and_go_on(start, home, moments=12, seed=seed)


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_an_interrupted_run_says_how_to_go_on_and_does(start, home, number):
    with start("run") as process:
        _wait_for_votes(home / "run", process)
        process.send_signal(number)
        output, errors = process.communicate()
    assert process.returncode == 130, errors
    assert output == ""
    assert errors.startswith("interrupted; ")
    assert errors.endswith("are safe in run: repeat the same command to go on\n")
    assert {path.name for path in (home / "run").iterdir()} == {FILE, "spec.json"}
    assert read_run(home / "run").attempts[0].outcome == "interrupted"
    with start("run") as process:
        _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert read_run(home / "run").complete


def test_two_processes_on_one_run_are_told_apart(start, home):
    with start("run") as first:
        _wait_for_votes(home / "run", first)
        first.send_signal(signal.SIGSTOP)  # so that it is still there when the second looks
        try:
            with start("run") as second:
                _, errors = second.communicate()
        finally:
            first.send_signal(signal.SIGCONT)
        assert second.returncode == 2
        assert errors == errors.splitlines()[0] + "\n"
        assert f"is in use by process {first.pid} on " in errors
        _, errors = first.communicate()
    assert first.returncode == 0, errors
    assert read_run(home / "run").complete
