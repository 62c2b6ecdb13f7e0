"""A real run folder to damage: six grey images, an exact classifier."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from certiball.cli import main
from fuzz.survival import LOG, call

NETWORK = """
import torch
from torch import nn


class Bright(nn.Module):
    def forward(self, x):
        total = torch.round(255 * x.double()).sum((1, 2, 3)) - 510.5
        return torch.stack([-total, total], 1)
"""


@pytest.fixture(scope="session")
def real_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run, made by the command line."""
    home = tmp_path_factory.mktemp("real")
    levels = np.array([0, 50, 110, 140, 200, 255], dtype=np.uint8)
    pixels = np.tile(levels[:, None, None, None], (1, 1, 2, 2))
    np.savez(home / "greys.npz", x=pixels, y=(levels > 127).astype(np.int64))
    (home / "brightness.py").write_text(NETWORK)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(home))
        words = f"--model brightness:Bright --data {home / 'greys.npz'} --sigma .25 --n0 40 --n 500"
        assert main(["certify", *words.split(), "--out", str(home / "run"), "--quiet"]) == 0
    return home / "run"


@pytest.fixture
def copied(real_run: Path, tmp_path: Path) -> Callable[[], Path]:
    """Makes a fresh copy of the run to damage, always in one place."""

    def copy() -> Path:
        folder = tmp_path / "run"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(real_run, folder)
        return folder

    return copy


@pytest.fixture
def home(real_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of a run, a log, a record and its table, in the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(real_run.parent))
    shutil.copytree(real_run, tmp_path / "run")
    shutil.copy(real_run.parent / "greys.npz", tmp_path / "greys.npz")
    (tmp_path / "log.tsv").write_text(LOG)
    assert call("record", "run", "--out", "record.json", "--quiet")[0] == 0
    return tmp_path
