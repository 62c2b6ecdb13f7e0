"""certiball demo, made short."""

import json

import pytest

from certiball.cli.demo import _recipe


def test_the_demo_ends_with_its_report_and_can_be_repeated(call, home):
    arguments = ("demo", "--out", "demo", "--n", 200, "--first", 5, "--epochs", 6)
    said = call(*arguments)
    assert said.code == 0, said.err
    assert said.out.splitlines()[-1] == "report: demo/report.html"
    assert "certified accuracy by radius" in said.out
    page = (home / "demo" / "report.html").read_text()
    assert "σ = 0.25" in page
    assert "σ = 0.5" in page
    again = json.loads(call(*arguments, "--json").out)
    assert [study["inputs"] for study in again["studies"]] == [5, 5]
    assert call(*arguments, "--quiet").out == ""


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--n", 0], "n must be from 1 to"),
        (["--n", 9], "n = 9 cannot certify"),
        (["--first", 0], "first must be at least 1, not 0"),
        (["--epochs", 0], "epochs must be at least 1, not 0"),
    ],
)
def test_mistakes_are_refused_before_training(call, home, more, words):
    said = call("demo", "--out", "demo", *more)
    assert said.code == 2
    assert words in said.err
    assert not (home / "demo").exists()


def test_a_short_training_has_a_short_warm_up():
    assert [(_recipe(epochs).epochs, _recipe(epochs).warmup) for epochs in (1, 2, 300)] == [
        (1, 0),
        (2, 1),
        (300, 5),
    ]
