"""top-k: another claim read from a run's votes, and said to be one."""

import json
from pathlib import Path

import pytest

from certiball.certification.top_k import TopKCertificate, top_k_result
from certiball.runs.read import read_run


@pytest.fixture
def run(certify):
    assert certify("--seed", 7, model="nets:Three", classes=3).code == 0
    return "run"


def test_it_reads_the_votes_and_says_that_it_is_exploratory(call, run):
    said = call("top-k", run, "--k", 1)
    assert said.code == 0
    lines = said.out.splitlines()
    assert lines[0].startswith("run: the selected class stays among the 1 likeliest under Gaussian")
    assert lines[1].startswith("certified at any radius: ")
    assert lines[2].startswith("radius 0.")
    assert lines[-1].startswith("exploratory: ")
    found = json.loads(call("top-k", run, "--k", 2, "--json").out)
    assert found["exploratory"] is True
    one = json.loads(call("top-k", run, "--k", 1, "--json").out)
    assert [row["input"] for row in found["inputs"]] == list(range(6))
    for wide, narrow in zip(found["inputs"], one["inputs"], strict=True):
        assert wide["radius"] >= narrow["radius"]
    results = read_run(Path(run))
    outcome, question = results.outcomes[0], results.spec.question
    votes = (outcome.result.selection, outcome.result.estimation)
    expected = top_k_result(question, outcome.result.draw, 2, votes)
    assert isinstance(expected, TopKCertificate)
    assert found["inputs"][0]["radius"] == expected.radius


def test_the_true_class_may_be_asked_for(call, run):
    found = json.loads(call("top-k", run, "--k", 1, "--true-class", "--json").out)
    assert [row["class"] for row in found["inputs"]] == [0, 0, 0, 1, 1, 1]


def test_refusals(call, run):
    said = call("top-k", run, "--k", 3)
    assert said.code == 2
    assert "--k must be from 1 to 2, fewer than there are classes, not 3" in said.err
    said = call("top-k", "absent", "--k", 1)
    assert said.code == 2


def test_other_laws_norms_and_stopped_votes_are_refused(call, home):
    base = ["--model", "nets:Bright", "--data", "greys.npz", "--batch", 64]
    few = ["--n0", 40, "--n", 500]
    assert call("certify", *base, *few, "--noise", "laplace:scale=.2", "--out", "l").code == 0
    said = call("top-k", "l", "--k", 1).err
    assert "Gaussian noise in L2 alone, and this run's is Laplace(scale=0.2): another run" in said
    assert call("certify", *base, *few, "--sigma", 0.25, "--norm", "l1", "--out", "n").code == 0
    assert "this run is about L1" in call("top-k", "n", "--k", 1).err
    target = ["--target-radius", 0.1, "--max-n", 500]
    assert call("certify", *base, *target, "--sigma", 0.25, "--out", "t").code == 0
    assert "stopped by a rule" in call("top-k", "t", "--k", 1).err
