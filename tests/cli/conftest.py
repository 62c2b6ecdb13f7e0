"""The command line in this process, on six grey images and networks that add whole numbers."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from certiball.cli import main

NETWORKS = '''
import torch
from torch import nn


class Bright(nn.Module):
    """Sums of whole numbers: any batch shape gives the same answers."""

    def forward(self, x):
        total = torch.round(255 * x.double()).sum((1, 2, 3)) - 510.5
        return torch.stack([-total, total], 1)


class Broken(Bright):
    def forward(self, x):
        return super().forward(x) * torch.nan


class Picky(Bright):
    def forward(self, x):
        scores = super().forward(x)
        return torch.where((x == 0).all((1, 2, 3))[:, None], torch.nan, scores)


class Afraid(Bright):
    """Raises for dark pictures: the first of the greys, and some of certiball's own probes."""

    def forward(self, x):
        if (x.double().mean((1, 2, 3)) < 0.1).any():
            raise KeyError("too dark")
        return super().forward(x)


class Three(Bright):
    def forward(self, x):
        scores = super().forward(x)
        return torch.cat([scores, scores.min(1, keepdim=True).values], 1)


class Last(Bright):
    """Five classes, and always the last."""

    def forward(self, x):
        return torch.nn.functional.one_hot(torch.full((len(x),), 4), 5).float()


class Single(Bright):
    def forward(self, x):
        return super().forward(x)[:, 0]


class Wide(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(99, 2)

    def forward(self, x):
        return self.linear(x.flatten(1))


class Fickle(Bright):
    def forward(self, x):
        return torch.rand(len(x), 2)
'''


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run a command; errors must be a single line."""

    def run(*arguments: object) -> Said:
        capfd.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capfd.readouterr()
        if code == 2:
            assert captured.err.startswith("error: ")
            assert captured.err.count("\n") == 1
        return Said(code=code, out=captured.out, err=captured.err)

    return run


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with networks to name, and data."""
    (tmp_path / "nets.py").write_text(NETWORKS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    levels = np.array([0, 50, 110, 140, 200, 255], dtype=np.uint8)
    pixels = np.tile(levels[:, None, None, None], (1, 1, 2, 2))
    labels = (levels > 127).astype(np.int64)
    np.savez(tmp_path / "greys.npz", x=pixels, y=labels, classes=np.array(["dark", "light"]))
    return tmp_path


@pytest.fixture
def certify(call: Callable[..., Said]) -> Callable[..., Said]:
    """certify on the grey images, with changes."""

    def run(*more: object, **changes: object) -> Said:
        options = {
            "model": "nets:Bright",
            "data": "greys.npz",
            "sigma": 0.25,
            "n0": 40,
            "n": 500,
            "out": "run",
            "batch": 64,
        } | changes
        words = [w for name, value in options.items() for w in (f"--{name}", value)]
        return call("certify", *words, *more)

    return run
