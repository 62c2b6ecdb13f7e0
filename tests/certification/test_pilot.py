import numpy as np
import pytest

from certiball import FunctionClassifier, Gaussian, Grid, Smoothed
from certiball.certification.pilot import LEAST, MOST, look
from certiball.errors import InputError, ModelError


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setattr("certiball.tuning.SECONDS", 0.001)
    monkeypatch.setattr("certiball.tuning.BATCHES", (32,))


@pytest.fixture
def g():
    bright = FunctionClassifier(lambda x: (x.mean((1, 2)) > 0.5).astype(int), num_classes=2)
    return Smoothed(bright, Gaussian(sigma=0.25), space=Grid.uint8())


def test_shares_are_those_of_the_votes(g):
    levels = np.zeros((3, 1, 1), dtype=int) + np.array([0, 128, 255])[:, None, None]
    pilot = look(g, levels, seconds=0.5)
    assert [m for _, m in pilot.votes] == [pilot.votes[0][1]] * 3
    assert LEAST <= pilot.votes[0][1] <= MOST
    dark, grey, light = pilot.shares
    # at the threshold every class has half of the votes; two σ away, Φ(2) = .977
    assert 0.4 < grey < 0.6
    assert dark == pytest.approx(0.977, abs=0.04)
    assert light == pytest.approx(0.977, abs=0.04)


def test_a_slow_model_looks_at_fewer_inputs_but_at_some(g, monkeypatch):
    monkeypatch.setattr("certiball.certification.pilot.samples_per_second", lambda *_: 1.0)
    pilot = look(g, np.zeros((50, 1, 1), dtype=int), seconds=0.01)
    assert len(pilot.votes) == 4
    assert pilot.votes[0][1] == LEAST


def test_seconds_must_be_positive(g):
    with pytest.raises(InputError, match="seconds must be > 0, not 0"):
        look(g, np.zeros((1, 1, 1), dtype=int), seconds=0.0)


def test_inputs_that_fail_are_left_out_and_told():
    def wary(x):
        if (x.mean((1, 2)) > 0.9).any():
            raise ZeroDivisionError
        return (x.mean((1, 2)) > 0.5).astype(int)

    wary = FunctionClassifier(wary, num_classes=2)
    g = Smoothed(wary, Gaussian(sigma=0.01), space=Grid.uint8())
    levels = np.zeros((3, 4, 4), dtype=int) + np.array([255, 0, 128])[:, None, None]
    pilot = look(g, levels, seconds=0.3)
    assert len(pilot.votes) == 2
    assert pilot.failed == ("the model raised ZeroDivisionError",)
    with pytest.raises(ModelError, match="the model raised ZeroDivisionError"):
        look(g, levels[:1], seconds=0.3)
