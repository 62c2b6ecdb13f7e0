"""certiball compare-noise."""

import json

import pytest

ARGUMENTS = ("compare-noise", "nets:Bright", "--data", "greys.npz", "--n", 400, "--first", 3)


def test_laws_stand_side_by_side(call, home):
    said = call(*ARGUMENTS, "--sigma", 0.25, "--figure", "laws.svg")
    assert said.code == 0, said.err
    lines = said.out.splitlines()
    assert lines[0].startswith("3 inputs of greys.npz")
    assert lines[1].split()[3:] == ["L1", "L2", "L∞", "right", "arithmetic"]
    assert lines[2].split()[0] == "Gaussian(sigma=0.25)"
    assert len(lines) == 2 + 8 + 2 + 1
    assert "a comparison, no certificate" in said.err
    assert "<svg" in (home / "laws.svg").read_text()


def test_json_has_every_input_and_what_is_left_out(call):
    more = ("--noise", "laplace:scale=.2", "--noise", "ablation:keep=1,pixels=9", "--json")
    found = json.loads(call(*ARGUMENTS, *more).out)
    assert [each["law"] for each in found["laws"]] == ["Laplace(scale=0.2)"]
    assert len(found["laws"][0]["radii"]["l1"]) == 3
    assert list(found["refused"]) == ["Ablation(keep=1, pixels=9)"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ((), "name the noise: --sigma .25 for all additive laws, or --noise, or both"),
        (("--sigma", 0), "sigma must be > 0"),
        (("--sigma", 0.25, "--figure", "a.doc"), "must end in .png, .pdf or .svg"),
        (("--noise", "laplace:scale=.2", "--n", 5), "none of the laws fits: Laplace"),
    ],
)
def test_mistakes_are_one_line(call, more, said):
    found = call(*ARGUMENTS, *more)
    assert found.code == 2
    assert said in found.err
    assert "Traceback" not in found.err
