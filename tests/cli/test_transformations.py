"""Transformations at the command line: certified, reported, recorded, verified and refused."""

import json

import pytest

LAWS = {
    "brightness:sigma=.2": "every x + b, one number |b| below radius for all pixels",
    "contrast-brightness:contrast=.2,brightness=.1": "every x + b at unchanged contrast",
    "exponential-blur:scale=1": "by a variance below radius square pixels",
    "uniform-blur:scale=1": "by a variance below radius square pixels",
    "folded-normal-blur:sigma=1": "by a variance below radius square pixels",
    "translation:sigma=1": "every roll of the image by whole pixels",
}
ON_GRIDS = ("brightness:sigma=.2", "translation:sigma=1")


def run_of(call, noise, *more):
    return call(
        "certify", "--model", "nets:Bright", "--data", "greys.npz", "--noise", noise,
        "--n0", 40, "--n", 200, "--batch", 64, "--out", "run", *more,
    )  # fmt: skip


@pytest.mark.parametrize(
    "noise",
    [
        noise if noise[:3] in ("bri", "con", "uni") else pytest.param(noise, marks=pytest.mark.slow)
        for noise in LAWS
    ],
)
def test_a_run_its_report_and_its_record(call, home, noise):
    space = () if noise in ON_GRIDS else ("--space", "reals:0:1")
    said = run_of(call, noise, *space)
    assert said.code == 0, said.err
    assert ") can be certified" in said.err + said.out
    assert call("report", "run", "--out", "report.html").code == 0
    assert "Nothing is said of single pixels" in (home / "report.html").read_text("utf-8")
    assert call("record", "run", "-o", "cert.json", "--threat", "linf:8/255").code == 0
    predicate = json.loads((home / "cert.json").read_text("utf-8"))["predicate"]
    claim, means = predicate["claim"], predicate["method"]["noise"]
    assert "has no version on a grid" in means or noise in ON_GRIDS
    assert any("by clipping or rounding" in text for text in predicate["limits"]["notCovered"])
    assert claim["norm"] == "parameter"
    assert LAWS[noise] in claim["sentence"]
    subject = ("--model", "nets:Bright", "--data", "greys.npz")  # the record knows the space
    said = call("verify", "cert.json", "--level", 2, *subject)
    assert said.code == 0, said.out
    assert "Not covered" in said.out


@pytest.mark.parametrize("noise", [noise for noise in LAWS if noise not in ON_GRIDS])
def test_what_leaves_the_grid_is_refused_there(call, noise):
    said = run_of(call, noise)
    assert said.code == 2
    assert "leaves every grid" in said.err
    assert "use --space reals:LOW:HIGH" in said.err


@pytest.mark.parametrize(
    ("noise", "message"),
    [
        ("brightness:sigma=0", "sigma must be finite and > 0, not 0.0"),
        ("brightness", "lacks sigma: write brightness:sigma=…"),
        ("translation:sigma=-1", "sigma must be finite and > 0, not -1.0"),
        ("blur:sigma=1", "there is no law 'blur'; there are"),
    ],
)
def test_bad_laws(call, noise, message):
    said = run_of(call, noise)
    assert said.code == 2
    assert message in said.err


def test_other_norms_are_refused(call):
    said = run_of(call, "brightness:sigma=.2", "--norm", "l2")
    assert said.code == 2
    assert "no theorem gives a radius for Brightness(sigma=0.2) in L2" in said.err
    assert "Brightness in parameter" in said.err
