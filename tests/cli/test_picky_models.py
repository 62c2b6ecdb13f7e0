"""Models that raise for some inputs, the first among them."""

import json
import re

import pytest

from certiball.runs.read import read_run


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setattr("certiball.tuning.SECONDS", 0.001)
    monkeypatch.setattr("certiball.tuning.SMALL", 1)
    monkeypatch.setattr("certiball.tuning.BATCHES", (32,))


@pytest.mark.parametrize("more", [(), ("--backend", "auto")])
def test_a_bad_first_input_fails_alone(certify, home, more):
    said = certify(*more, model="nets:Afraid", sigma=0.01)
    assert said.code == 3
    assert "1 of 6 inputs failed and count as not certified; input 0: the model raised" in said.err
    assert sum(o.failure is None for o in read_run(home / "run").outcomes) == 5


def test_a_model_that_takes_none_of_the_inputs_is_refused_for_their_shape(certify, call, home):
    said = certify(model="nets:Wide")
    assert said.code == 2
    assert "nets:Wide does not take inputs of shape (1, 2, 2) (mat1 and mat2" in said.err
    assert "trained under" not in said.err
    named = ("--model", "nets:Wide", "--data", "greys.npz", "--out", "run")
    said = call("certify", *named, "--noise", "ablation:keep=1")
    assert said.code == 2
    shown = (
        "Ablation(keep=1, pixels=4) shows the model inputs of shape (2, 2, 2) for those of shape"
    )
    assert f"; {shown} (1, 2, 2): take one that was trained under this noise" in said.err
    assert not (home / "run").exists()


def test_plan_leaves_out_what_raises_and_says_so(call, monkeypatch):
    monkeypatch.setattr("certiball.certification.forecast.RUNS", 6)
    arguments = ("--data", "greys.npz", "--sigma", 0.01, "--seconds", 0.2)
    said = call("plan", "nets:Afraid", *arguments)
    assert said.code == 0, said.err
    told = re.match(r"1 of (\d) inputs looked at is left out: the model raised KeyError", said.err)
    assert 4 <= int(told[1]) <= 6  # as many as the time allows
    assert f"6 inputs, {int(told[1]) - 1} looked at with " in said.out
    said = call("plan", "nets:Afraid", *arguments, "--json")
    assert 3 <= len(json.loads(said.out)["votes"]) <= 5


def test_plan_without_any_input_left_is_one_line(call):
    arguments = ("--data", "greys.npz", "--sigma", 0.01, "--seconds", 0.2, "--first", 1)
    said = call("plan", "nets:Afraid", *arguments)
    assert said.code == 2
    assert "the model raised KeyError: 'too dark'" in said.err


def test_doctor_says_what_a_model_raises(call):
    said = call("doctor", "nets:Afraid", "--data", "greys.npz", "--sigma", 0.01)
    assert said.code == 1
    assert "fail  output" in said.out
    assert "too dark" in said.out
