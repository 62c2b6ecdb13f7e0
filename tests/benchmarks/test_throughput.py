"""The benchmark of throughput, for an instant: that it runs and compares, not how fast."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from certiball.execution import Execution
from certiball.tuning import Tuned, run_on

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "throughput.py"


@pytest.fixture(scope="module")
def throughput():
    spec = importlib.util.spec_from_file_location("throughput", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["throughput"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["throughput"]


@pytest.fixture
def alone():
    """One thread: on a busy machine two wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def found(throughput, monkeypatch, alone):
    """Tuning is left out."""
    monkeypatch.setattr(throughput, "BATCHES", (16, 32))
    monkeypatch.setattr(throughput, "SHORT", 0.001)
    monkeypatch.setattr(throughput, "NUMBERS", (1000,))

    def tuned(dtype):
        g = throughput.smoothed(throughput.network("digits CNN")[0], dtype)
        return Tuned(g=run_on(g, "eager"), execution=Execution(batch=32, chunk=1024), rate=1.0)

    return {dtype: tuned(dtype) for dtype in ("float32", "bfloat16")}


def test_rows_compare_neighbouring_measurements(throughput, found, monkeypatch):
    monkeypatch.setattr(throughput, "certify_rate", lambda *_: 6.0)
    monkeypatch.setattr(throughput, "raw_rate", lambda *_: 8.0)
    monkeypatch.setattr(throughput, "published_rate", lambda *_: 2.0)
    rows = throughput.measure("digits CNN", found, 3, 0.001)
    assert [row.backend for row in rows] == ["torch cpu float32", "torch cpu bfloat16"]
    for row in rows:
        assert (row.certify, row.raw, row.published) == (6.0, 8.0, 2.0)
        assert row.of_raw == (0.75, 0.75, 0.75)
        assert row.of_published == (3.0, 3.0, 3.0)
        assert row.holds is None


def test_everything_runs(throughput, found, capsys):
    for row in throughput.measure("digits CNN", found, 1, 0.001):
        throughput.show(row)
        assert min(row.certify, row.raw, row.published) > 0
    said = capsys.readouterr().out
    assert "digits CNN  torch cpu float32" in said
    table = throughput.one_input("digits CNN", found["float32"], longest=0.0)
    assert table == dict.fromkeys(throughput.NUMBERS)
    table = throughput.one_input("digits CNN", found["float32"], longest=100.0)
    assert min(table[1000]) > 0


def test_a_claim_holds_or_not(throughput):
    row = throughput.Row(
        network="ResNet-20",
        backend="onnxruntime cpu float32",
        shape="128 contiguous",
        threads=2,
        certify=1.0,
        raw=1.0,
        published=1.0,
        of_raw=(0.9, 0.8, 1.0),
        of_published=(3.5, 3.0, 4.0),
        claimed=throughput.CLAIMED["ResNet-20", "float32"],
    )
    assert row.holds
    assert not replace(row, of_raw=(0.89, 0.8, 1.0)).holds
    assert not replace(row, of_published=(3.4, 3.0, 4.0)).holds
    low = replace(row, claimed=throughput.CLAIMED["ResNet-20", "bfloat16"])
    assert not low.holds
    assert replace(low, of_raw=(0.1, 0.1, 0.1), of_published=(7.0, 6.0, 8.0)).holds


def test_spread_is_median_least_and_greatest(throughput):
    assert throughput.spread(np.array([3.0, 1.0, 2.0])) == (2.0, 1.0, 3.0)
