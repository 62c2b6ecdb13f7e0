"""certiball doctor."""

import json

import pytest


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setattr("certiball.tuning.SECONDS", 0.001)
    monkeypatch.setattr("certiball.tuning.BATCHES", (16,))


def test_a_healthy_model(call):
    said = call("doctor", "nets:Bright", "--data", "greys.npz", "--n", 1000)
    assert said.code == 0, said.out
    assert said.out.startswith("ok    eval mode ")
    assert "(h:mm:ss) for 6 inputs" in said.out


def test_a_sick_model(call):
    said = call("doctor", "nets:Fickle", "--data", "greys.npz")
    assert said.code == 1
    assert "fail  repeated calls" in said.out
    assert "→ make the model a function of its single input" in said.out
    found = json.loads(call("doctor", "nets:Fickle", "--data", "greys.npz", "--json").out)
    assert found["healthy"] is False


def test_mistakes_are_one_line(call):
    assert "no data at" in call("doctor", "nets:Bright", "--data", "absent").err
