"""The job script of docs/scaling.md, in a loop that does as Slurm would."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from certiball.cli import main
from certiball.runs.read import read_run
from end_to_end.conftest import PROGRAM

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scaling.md"
TASKS = 3


def _script(home: Path) -> Path:
    [text] = re.findall(r"```bash\n(#!/bin/bash\n.*?)```", PAGE.read_text(), re.DOTALL)
    script = home / "shards.sh"
    script.write_text(text)
    return script


def _command(home: Path) -> Path:
    """A folder with a program `certiball`, for the path."""
    folder = home / "bin"
    folder.mkdir()
    program = folder / "certiball"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{PROGRAM}" "$@"\n')
    program.chmod(0o755)
    return folder


@pytest.mark.slow
def test_the_array_job_gives_shards_that_merge_into_the_whole(home, capfd):
    script, programs = _script(home), _command(home)
    options = "--model nets:Bright --data greys.npz --sigma 0.25 --n0 100 --n 2000 --batch 64"
    for task in range(1, TASKS + 1):
        done = subprocess.run(
            ["bash", str(script), "shards", *options.split()],
            cwd=home,
            env={
                **os.environ,
                "PATH": f"{programs}:{os.environ['PATH']}",
                "PYTHONPATH": str(home),
                "SLURM_ARRAY_TASK_ID": str(task),
                "SLURM_ARRAY_TASK_COUNT": str(TASKS),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    folders = [str(home / "shards" / str(task)) for task in range(1, TASKS + 1)]
    assert main(["merge", *folders, "--out", str(home / "whole")]) == 0
    results = read_run(home / "whole")
    assert results.complete
    assert len(results.outcomes) == 6
    assert len({draw.seed for draw in results.draws.values()}) == TASKS
    assert main(["merge", *folders[:2], "--out", str(home / "part")]) == 3
    assert "missing: shards 3/3" in capfd.readouterr().err
