"""Whole commands with workers: interrupted or killed, they leave no process and lose no vote."""

import os
import signal
import time
from pathlib import Path

import pytest

from certiball.runs.read import read_run
from certiball.runs.status import read_status
from end_to_end.test_stopping import _votes, _wait_for_votes

WORKERS = ("--model", "nets:Held", "--executor", "processes", "--workers", "2")

# It waits at the last input for as long as there is a file, so that no run is done too early.
HELD = """

from pathlib import Path


class Held(Bright):
    def forward(self, x):
        if (x.mean((1, 2, 3)) > 0.9).float().mean() > 0.5:
            while Path(__file__).with_name("hold").exists():
                time.sleep(0.01)
        return super().forward(x)
"""

RAISING = """

class Raising(Bright):
    def forward(self, x):
        if (x.mean((1, 2, 3)) > 0.95).all():
            raise RuntimeError("too light for me")
        return super().forward(x)
"""


def _children(pid: int) -> set[int]:
    """The processes that a process has started, and theirs."""
    found: set[int] = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if parent == pid:
            child = int(path.parent.name)
            found |= {child, *_children(child)}
    return found


def _wait_until_gone(pids: set[int]) -> None:
    """Fails by the test's time limit."""
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        time.sleep(0.05)


@pytest.fixture(scope="module")
def kept():
    return {}


@pytest.fixture
def hold(home):
    """Until this file is removed, no run of `Held` ends."""
    (home / "nets.py").write_text((home / "nets.py").read_text() + HELD)
    (home / "hold").touch()
    return home / "hold"


@pytest.fixture
def quiet(start, home, kept, hold):
    """The votes of a run that nothing disturbs; the same for all, so drawn once."""
    if not kept:
        hold.unlink()
        with start("quiet", "--model", "nets:Held") as process:
            _, errors = process.communicate()
        assert process.returncode == 0, errors
        kept.update(_votes(home / "quiet"))
        hold.touch()
    return kept


@pytest.mark.parametrize("whom", ["all", pytest.param("command", marks=pytest.mark.slow)])
def test_an_interrupted_run_leaves_no_worker(start, home, quiet, hold, whom):
    """Ctrl-C at a terminal goes to all processes of the command."""
    with start("run", *WORKERS) as process:
        _wait_for_votes(home / "run", process)
        workers = _children(process.pid)
        assert len(workers) >= 2
        if whom == "all":
            for worker in workers:
                os.kill(worker, signal.SIGINT)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate()
    assert process.returncode == 130, errors
    assert output == ""
    assert errors.startswith("interrupted; ")
    assert errors.count("\n") == 1
    _wait_until_gone(workers)
    assert read_run(home / "run").attempts[0].outcome == "interrupted"
    hold.unlink()
    with start("run", *WORKERS) as process:
        _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert _votes(home / "run") == quiet


def test_a_killed_command_leaves_no_worker_and_goes_on(start, home, quiet, hold):
    with start("run", *WORKERS) as process:
        _wait_for_votes(home / "run", process)
        workers = _children(process.pid)
        process.kill()
        process.communicate()
    _wait_until_gone(workers)  # even those in the middle of a bundle
    hold.unlink()
    with start("run", "--model", "nets:Held") as process:  # in one process this time
        _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert _votes(home / "run") == quiet
    assert [a.outcome for a in read_run(home / "run").attempts] == [None, "done"]


@pytest.mark.slow
def test_a_killed_worker_is_replaced(start, home, quiet, hold):
    with start("run", *WORKERS) as process:
        _wait_for_votes(home / "run", process)
        for worker in _children(process.pid):
            if b"spawn_main" in Path(f"/proc/{worker}/cmdline").read_bytes():
                os.kill(worker, signal.SIGKILL)
                break
        hold.unlink()
        _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert _votes(home / "run") == quiet


def test_an_input_that_raises_is_reported_and_the_rest_finish(start, home):
    (home / "nets.py").write_text((home / "nets.py").read_text() + RAISING)
    options = ("--model", "nets:Raising", "--sigma", "0.01", "--batch", "32", "--n", "6000")
    with start("run", *WORKERS, *options) as process:
        _, errors = process.communicate()
    assert process.returncode == 3, errors
    assert errors == ""  # --quiet
    status = read_status(home / "run")
    assert list(status.failures) == [5]
    assert "too light for me" in status.failures[5]
    assert status.progress.complete
    assert status.progress.done == 5 * 6100
    assert status.attempts[0].outcome == "done, 1 inputs failed"
