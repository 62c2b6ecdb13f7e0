"""Whole processes of the command line, on exact networks and small data."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

PROGRAM = "import sys; from certiball.cli import main; sys.exit(main())"

# It waits a moment at each batch, so that there is time to be interrupted.
NETWORK = """
import time

import torch
from torch import nn


class Bright(nn.Module):
    def forward(self, x):
        time.sleep(0.001)
        total = torch.round(255 * x.double()).sum((1, 2, 3)) - 510.5
        return torch.stack([-total, total], 1)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A working directory with a network to name, and data."""
    (tmp_path / "nets.py").write_text(NETWORK)
    levels = np.array([0, 50, 110, 140, 200, 255], dtype=np.uint8)
    pixels = np.tile(levels[:, None, None, None], (1, 1, 2, 2))
    np.savez(tmp_path / "greys.npz", x=pixels, y=(levels > 127).astype(np.int64))
    return tmp_path


@pytest.fixture
def start(home: Path) -> Callable[..., "subprocess.Popen[str]"]:
    """Start certify in a process of its own."""

    def begin(out: str, *more: str) -> "subprocess.Popen[str]":
        options = (
            "certify --model nets:Bright --data greys.npz --sigma 0.25 --n0 100 --n 60000 "
            "--batch 256 --threads 1 --seed 7 --quiet"
        )
        return subprocess.Popen(
            [sys.executable, "-W", "error", "-c", PROGRAM, *options.split(), "--out", out, *more],
            cwd=home,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(home)},
        )

    return begin
