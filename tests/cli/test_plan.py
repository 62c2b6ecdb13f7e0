"""certiball plan."""

import json

import pytest


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setattr("certiball.tuning.SECONDS", 0.001)
    monkeypatch.setattr("certiball.tuning.BATCHES", (32,))
    monkeypatch.setattr("certiball.certification.forecast.RUNS", 6)
    # So that every input is looked at however slow the machine is.
    monkeypatch.setattr("certiball.certification.pilot.LEAST", 4)


@pytest.fixture
def ask(call):
    def run(*more):
        arguments = ("nets:Bright", "--data", "greys.npz", "--sigma", 0.25, "--seconds", 0.4)
        return call("plan", *arguments, *more)

    return run


def test_every_plan_has_its_price(ask):
    said = ask("--price", 2, "--devices", 4)
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert " samples/s in batches of 32 (" in lines[0]
    assert lines[1].startswith("6 inputs, 6 looked at with ")
    assert [line.split("  ")[0] for line in lines[3:8]] == [
        "plan",
        "fixed",
        "precision 5\u202f%",
        "precision 5\u202f%, cap 0.25",
        "target radius 0.25",
    ]
    assert lines[8].startswith("± twice the standard error")
    assert lines[10] == (
        "radius 0.25 takes 40 votes, all for one class (47 for plans that stop), "
        "at alpha = 0.001, one-sided"
    )
    assert max(map(len, lines)) <= 110


def test_the_numbers_agree(ask):
    found = json.loads(ask("--price", 2, "--devices", 4, "--json").out)
    assert len(found["votes"]) == found["inputs"] == 6
    fixed, *_, target = found["plans"]
    assert fixed["samples"] == 100_100
    assert target["samples"] < fixed["samples"] / 20
    for each in found["plans"]:
        assert each["price"] == pytest.approx(2 * each["device_hours"])
        assert each["seconds"] == pytest.approx(900 * each["device_hours"])
    hours = 6 * 100_100 / found["samples_per_second"] / 3600
    assert fixed["device_hours"] == pytest.approx(hours)


def test_a_radius_out_of_reach(ask):
    said = ask("--radius", 1)
    assert said.code == 0
    assert "target radius" not in said.out
    assert "cap" not in said.out
    assert "plans for radius 1 are left out: not even unanimous votes reach it" in said.out
    assert "radius 1 takes 218\u202f105 votes, all for one class" in said.out
    assert "up to 10⁹ gives radius 9" in ask("--radius", 9).out


def test_mistakes_are_one_line(ask):
    assert "--devices must be at least 1, not 0" in ask("--devices", 0).err
    assert "--price must be ≥ 0, not -1" in ask("--price", -1).err
    assert "--seconds must be > 0, not 0.0" in ask("--seconds", 0).err
    assert "--radius must be > 0, not -1" in ask("--radius", -1).err
    assert "n must be at least" in ask("--n", 9).err
