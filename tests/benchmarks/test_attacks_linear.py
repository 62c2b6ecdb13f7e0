"""The benchmark on half-spaces, in few dimensions: that it measures what it says."""

import importlib.util
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

from certiball.spaces import Reals

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "attacks_linear.py"


@pytest.fixture(scope="module")
def linear():
    spec = importlib.util.spec_from_file_location("attacks_linear", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["attacks_linear"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["attacks_linear"]


def test_it_runs_and_says_what_holds(linear, monkeypatch, capsys):
    few = ["--classifiers", "2", "--inputs", "1", "--queries", "60", "--dimension", "27"]
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *few])
    monkeypatch.setattr(linear, "VOTES", (10,))
    linear.main()
    *lines, rows = capsys.readouterr().out.splitlines()
    found = json.loads(rows)
    assert [row["part"] for row in found] == [
        "plain", "published", "adaptive", "grid", "others", "others", "others", "others"
    ]  # fmt: skip
    assert all("HOLD" in line for line in lines[1:5])  # in so few dimensions some do not
    assert all("no claim" in line for line in lines[5:])
    for row in found:
        assert row["figures"]["inputs"] == 2
        assert 0 < row["figures"]["most queries"] <= 60


def test_inputs_lie_at_the_distance_stated(linear):
    subject = linear.Subject(classifiers=1, inputs=3, queries=1, dimension=3072, seed=1)
    half = linear.half_space(subject, 0, Reals(low=0.0, high=1.0))
    np.testing.assert_allclose(linear.margins(half, half.inputs), linear.DISTANCE, atol=1e-3)
    assert np.linalg.norm(half.weights) == pytest.approx(1)
    np.testing.assert_allclose(half.oracle(0, 1).distance(half.inputs), 1, atol=1e-3)


def test_rays_are_followed_to_the_boundary(linear):
    found = linear.to_boundary(
        np.array([2.0, 2.0, 2.0, 2.0]), np.ones(4), np.array([0.0, 0.5, -1.0, 1.0])
    )
    np.testing.assert_allclose(found, [2, 4, 1, math.inf])


def test_a_dimension_that_is_no_picture_is_refused(linear):
    with pytest.raises(SystemExit, match="3 · side², such as 3072 or 768, not 100"):
        linear.picture(100)
