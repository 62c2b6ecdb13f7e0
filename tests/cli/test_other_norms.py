"""What pages and records say where a radius is no length: of pixels, of a parameter."""

import json
import re

import pytest

ABLATION = (
    "ablation:keep=1",
    "every change of at most radius pixels",
    "makes, before the noise, every change of at most its radius pixels",
    "pixels",
)
BRIGHTNESS = (
    "brightness:sigma=.25",
    "every x + b, one number |b| below radius for all pixels of the image x",
    "makes, before the noise, every x + b, one number |b| below its radius for all pixels",
    "brightness, in input units",
)


@pytest.fixture
def run(call):
    def certify(noise):
        base = ("certify", "--model", "nets:Bright", "--data", "greys.npz", "--batch", 64)
        said = call(*base, "--noise", noise, "--n0", 40, "--n", 500, "--out", "run")
        assert said.code == 0, said.err

    return certify


@pytest.mark.parametrize(("noise", "every", "does", "units"), [ABLATION, BRIGHTNESS])
def test_a_record_says_what_is_counted(call, run, home, noise, every, does, units):
    run(noise)
    threats = ("--threat", "linf:1/255", "--threat", "l0:1")
    assert call("record", "run", "-o", "made.json", *threats).code == 0
    assert call("verify", "made.json").code == 0
    told = json.loads((home / "made.json").read_text())["predicate"]
    claim, model = told["claim"], told["threatModel"]
    assert every in claim["formula"]
    assert every in claim["sentence"]
    assert "radius being the number in that column" in claim["sentence"]
    assert claim["units"] == units
    assert "which is added" not in claim["sentence"]
    assert does in model["capability"]
    verdicts = [each["verdict"] for each in model["threats"]]
    assert verdicts[0] == "not covered"
    assert (verdicts[1] != "not covered") == (units == "pixels")
    assert not any("rounded to the grid" in each for each in told["limits"]["notCovered"])


@pytest.mark.parametrize(("noise", "every", "does", "units"), [ABLATION, BRIGHTNESS])
def test_a_page_says_what_is_counted(call, run, home, noise, every, does, units):
    run(noise)
    assert call("report", "run", "--out", "page.html", "--threat", "l0:1").code == 0
    page = (home / "page.html").read_text()
    assert every.replace("radius", "R") in page
    assert f"radius ({units})" in page
    assert "off the grid" not in page
    assert bool(re.search(r"No radius above \d\.<", page)) == (units == "pixels")
    said = call("threat", "--threat", "l0:1", "--run", "run")
    assert said.code == 0
    assert ("change of at most 1 pixel" in said.out) == (units == "pixels")
    assert "whole steps" not in said.out
