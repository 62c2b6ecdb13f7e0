"""The benchmark for GPUs, at sizes for a processor: that it runs, not how fast."""

import importlib.util
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

CPU = torch.device("cpu")
SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "gpu.py"


@pytest.fixture(scope="module")
def gpu():
    spec = importlib.util.spec_from_file_location("gpu", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["gpu"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["gpu"]


@pytest.fixture
def small(gpu, monkeypatch):
    monkeypatch.setattr(gpu, "SHORT", 0.001)
    monkeypatch.setattr("certiball.samplers.packed.AT_ONCE", 1)
    s = gpu.subject("ResNet-20", "bfloat16", "eager", CPU)
    return replace(s, level=s.level[:, :8, :8], batches=(4, 8))


def test_without_a_gpu_it_says_so_in_one_line():
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    run = subprocess.run([sys.executable, SCRIPT], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (2, "")
    assert run.stdout == (
        "no GPU: torch sees no CUDA device here; run this on a machine with one\n"
    )


def test_networks(gpu, small, capsys):
    row = gpu.measure(small, repeats=2, seconds=0.001)
    gpu.show(row)
    assert "ResNet-20  bfloat16 eager" in capsys.readouterr().out
    assert row.certify > 0
    assert row.of_raw[1] <= row.of_raw[0] <= row.of_raw[2]


def test_a_shape_that_does_not_fit_is_none(gpu, small, monkeypatch):
    def work_of(s, size, layout):
        if size == 8:
            raise torch.OutOfMemoryError("out of memory")
        return lambda samples: max(samples, 4)

    _, shape = gpu.best(small, work_of)
    assert shape.startswith("4 ")
    with pytest.raises(SystemExit, match="no batch of ResNet-20 fits into memory"):
        gpu.best(replace(small, batches=(8,)), work_of)


def test_noise(gpu, capsys):
    row = gpu.measure_noise(48, CPU, repeats=2, seconds=0.001, elements=20_000)
    gpu.show_noise(row)
    assert "DeviceLattice" in capsys.readouterr().out
    assert min(row.lattice, row.operations, row.randn) > 0


def test_the_network_is_of_the_size_of_resnet_50(gpu):
    model = gpu.network("ResNet-50")
    assert sum(p.numel() for p in model.parameters()) == 25_557_032  # as published models have
    with torch.inference_mode():
        scores = model(torch.from_numpy(np.zeros((1, 3, 64, 64), np.float32)))
    assert scores.shape == (1, 1000)
