"""Options that name a plan, and those that contradict each other."""

import json
import re

import pytest

from certiball.certificate import Verdict
from certiball.certification.plan import FixedSamples
from certiball.certification.precision import Precision
from certiball.certification.target_radius import TargetRadius
from certiball.claim import Bound
from certiball.cli.chosen_plan import PlanOptions, plan_of
from certiball.errors import InputError
from certiball.runs.read import read_run


@pytest.mark.parametrize(
    ("options", "plan"),
    [
        ({}, FixedSamples(n0=100, n=100_000)),
        ({"n": 500, "n0": 7}, FixedSamples(n0=7, n=500)),
        ({"randomized": True}, FixedSamples(n0=100, n=100_000, bound=Bound.RANDOMIZED)),
        ({"target_radius": ".5"}, TargetRadius(radii=0.5, max_n=100_000)),
        (
            {"target_radius": ".5, 1", "max_n": 900, "n0": 32, "beta": 0.01},
            TargetRadius(radii=(0.5, 1.0), max_n=900, n0=32, beta=0.01),
        ),
        ({"precision": 0.05}, Precision(rel=0.05, max_n=100_000)),
        (
            {"precision": 0.1, "radius_cap": 1.0, "max_n": 900},
            Precision(rel=0.1, max_n=900, radius_cap=1.0),
        ),
    ],
)
def test_plans(options, plan):
    assert plan_of(PlanOptions(**options)) == plan


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"target_radius": ".5", "precision": 0.1}, "--target-radius and --precision are two"),
        ({"target_radius": ".5", "n": 9}, "--target-radius stops by the votes: give --max-n"),
        ({"precision": 0.5, "n": 9}, "--precision stops by the votes: give --max-n"),
        ({"precision": 0.5, "randomized": True}, "--randomized is for a fixed number"),
        ({"max_n": 9}, "--max-n belongs to --target-radius and --precision"),
        ({"beta": 0.1, "n": 9}, "--beta belongs to --target-radius and --precision"),
        ({"target_radius": ".5", "radius_cap": 1.0}, "--radius-cap belongs to --precision"),
        ({"target_radius": "a,b"}, "neither a radius nor a list of radii: write .25 or .25,.5"),
        ({"target_radius": "-1"}, "a radius to aim at must be > 0"),
        ({"precision": 0.0}, "rel must be > 0"),
    ],
)
def test_contradictions(options, words):
    with pytest.raises(InputError, match=re.escape(words)):
        plan_of(PlanOptions(**options))


@pytest.fixture
def ask(call):
    """certify on the grey images with a plan of one's own."""

    def run(*words, out="run"):
        fixed = ("--model", "nets:Bright", "--data", "greys.npz", "--sigma", 0.25, "--batch", 64)
        return call("certify", *fixed, "--out", out, *words)

    return run


def test_a_target_radius_from_the_command_line_to_the_report(ask, call, home):
    said = ask("--target-radius", "0.25,0.5", "--max-n", 5000)
    assert said.code == 0, said.err
    assert "which of the radii 0.25 and 0.5 (L2) are certified? Votes stop when" in said.out
    assert "radius 0.25: 4 certified (4 with the right class)" in said.out
    assert "not certified (confidence 99.9\u202f%)" in said.out
    assert re.search(
        r"samples per input on average, of at most 5064: [\d.]+ times fewer\n", said.out
    )
    assert "100\u202f000" not in said.out
    assert "smoothed accuracy at the stop" in said.out
    assert "no certificate at the stop" in said.out
    results = read_run(home / "run")
    assert results.complete
    assert results.spec.execution.chunk == 32
    darkest = results.outcomes[0].result
    assert [t.verdict for t in darkest.targets] == [Verdict.CERTIFIED] * 2
    assert darkest.radius >= 0.5
    assert "settled" in call("status", "run").out
    assert call("report", "run", "--out", "page.html").code == 0
    page = (home / "page.html").read_text()
    assert "Radii that were asked for" in page
    assert "not the radius that a fixed number of votes would give" in page
    again = ask("--target-radius", "0.25,0.5", "--max-n", 5000)
    assert (again.code, len(read_run(home / "run").attempts)) == (0, 2)


def test_one_radius_is_asked_for_as_one(ask):
    said = ask("--target-radius", 0.25, "--max-n", 2000, "--first", 1)
    assert ": is radius 0.25 (L2) certified? Votes stop when" in said.out


def test_programs_get_verdicts_and_samples(ask):
    found = json.loads(ask("--target-radius", "0.25", "--max-n", 2000, "--json").out)
    [row] = found["targets"]
    assert row["radius"] == 0.25
    assert row["certified"] + row["not_certified"] + row["undecided"] == 6
    assert 0 < found["mean_samples"] < 2064
    assert list(found["certified_accuracy"]) == ["0.25"]


def test_a_precision_with_a_cap(ask, home):
    said = ask("--precision", 0.1, "--radius-cap", 0.3, "--max-n", 3000)
    assert said.code == 0, said.err
    assert "samples per input on average" in said.out
    spec = read_run(home / "run").spec
    assert spec.plan == Precision(rel=0.1, max_n=3000, radius_cap=0.3)


def test_a_randomized_bound(ask, call, home):
    assert ask("--randomized", "--n", 500).code == 0
    results = read_run(home / "run")
    assert results.spec.plan.bound is Bound.RANDOMIZED
    assert all(o.result.classical is not None for o in results.outcomes)
    certified = results.outcomes[0].result
    assert certified.radius > certified.classical.radius > 0.5
    said = ask("--n", 500)
    assert said.code == 2
    assert "plan.bound: randomized → absent" in said.err
    rows = json.loads(call("export", "run", "--format", "json").out)["rows"]
    assert rows[0]["radius_classical"] == certified.classical.radius


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--target-radius", 0.5, "--n", 100), "give --max-n instead of --n"),
        (("--target-radius", 3), "cannot certify radius 3.0 at alpha"),
        (("--target-radius", 0.9, "--max-n", 1000), "max_n must be at least "),
        (("--max-n", 100), "--max-n belongs to"),
    ],
)
def test_mistakes_are_one_line(ask, words, message):
    said = ask(*words)
    assert said.code == 2
    assert message in said.err


def test_doctor_takes_the_same_plans(call):
    common = ("doctor", "nets:Bright", "--data", "greys.npz", "--first", 2)
    said = call(*common, "--target-radius", 0.9, "--max-n", 300)
    assert said.code == 1
    assert "max_n = 300 cannot certify radius 0.9" in said.out
    assert "max_n must be at least" in said.out
