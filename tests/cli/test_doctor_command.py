"""certiball doctor."""

import json

import pytest

from certiball.cli.doctor import _lines
from certiball.runs.finding import Finding, Level


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setattr("certiball.tuning.SECONDS", 0.001)
    monkeypatch.setattr("certiball.tuning.BATCHES", (16,))
    monkeypatch.setattr("certiball.runs.constancy.SECONDS", 0.02)
    monkeypatch.setattr("certiball.runs.patient.PATIENCE", 60.0)
    monkeypatch.setattr("certiball.runs.doctor.COPIES", 8)


def test_a_healthy_model(call):
    said = call("doctor", "nets:Bright", "--data", "greys.npz", "--n", 1000)
    assert said.code == 0, said.out
    assert said.out.startswith("ok    eval mode ")
    assert "ok    arithmetic            Lattice mode: " in said.out
    assert "ok    seed                  Fresh noise: " in said.out
    assert "(h:mm:ss) for 6 inputs" in said.out


def test_a_chosen_seed_is_warned_of(call):
    said = call("doctor", "nets:Bright", "--data", "greys.npz", "--seed", 7)
    assert said.code == 0
    assert "warn  seed                  Known noise: " in said.out
    assert "→ leave --seed out" in said.out
    assert (
        "--seed 'x' is not an integer"
        in call("doctor", "nets:Bright", "--data", "greys.npz", "--seed", "x").err
    )


@pytest.mark.parametrize("columns", [40, 72, 200])
def test_rows_are_folded_to_the_terminal(columns):
    finding = Finding(check="seed", level=Level.WARN, text="word " * 50, remedy="remedy " * 20)
    lines = _lines(finding, columns)
    assert max(map(len, lines)) <= columns
    assert lines[1].startswith(" " * (28 if columns >= 72 else 6) + "word")
    assert " ".join(" ".join(lines).split()) == " ".join(" ".join(_lines(finding)).split())
    assert len(_lines(finding)) == 2


def test_a_sick_model(call):
    said = call("doctor", "nets:Fickle", "--data", "greys.npz")
    assert said.code == 1
    assert "fail  repeated calls" in said.out
    assert "→ make the model a function of its single input" in said.out
    found = json.loads(call("doctor", "nets:Fickle", "--data", "greys.npz", "--json").out)
    assert found["healthy"] is False


def test_the_plan_asked_for_is_checked(call):
    arguments = ("doctor", "nets:Bright", "--data", "greys.npz", "--n", 20)
    assert call(*arguments, "--alpha", 0.001, "--rule", "two-class").code == 0
    said = call(*arguments, "--alpha", "1e-9", "--rule", "two-class")
    assert said.code == 1
    assert "fail  plan " in said.out
    assert "→ n must be at least 3" in said.out
    assert "alpha must lie between 0 and 1" in call(*arguments, "--alpha", 2).err


def test_mistakes_are_one_line(call):
    assert "no data at" in call("doctor", "nets:Bright", "--data", "absent").err


def test_what_a_model_raises_amid_a_check_is_a_finding(call, home):
    """In a terminal its message moves no cursor."""
    late = '''

class Late(Bright):
    """Answers the first batches that it is shown, and raises for another."""

    def forward(self, x):
        if len(x) == 12:
            raise ValueError("\\x1b[31mtoo bright\\nby far")
        return super().forward(x)
'''
    (home / "late.py").write_text((home / "nets.py").read_text() + late)
    said = call("doctor", "late:Late", "--data", "greys.npz")
    assert said.code == 1
    assert (
        r"fail  model and data        the model raised ValueError: \u001b[31mtoo bright" in said.out
    )
    assert "→ have the model answer every input" in said.out
    assert "\x1b" not in said.out + said.err
