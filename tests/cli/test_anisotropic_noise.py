"""Noise of several deviations on the command line, in the store, in a record and on a page."""

import json


def test_a_run_of_several_deviations(call, home):
    """One for each of the four pixels of the greys, and one for each of two rows."""
    base = ("certify", "--model", "nets:Bright", "--data", "greys.npz", "--n0", 40, "--n", 500)
    for name, deviations in (("four", ".1:.2:.3:1/4"), ("rows", ".25:.5")):
        noise = f"anisotropic-gaussian:deviations={deviations}"
        said = call(*base, "--noise", noise, "--batch", 64, "--out", name)
        assert said.code == 0, said.err
    spec = json.loads(call("status", "four", "--json").out)["spec"]
    assert spec["claim"]["law"] == {
        "kind": "anisotropic-gaussian",
        "deviations": [0.1, 0.2, 0.3, 0.25],
    }
    assert "AnisotropicGaussian(deviations=(0.1, 0.2, 0.3, 0.25))" in call("status", "four").out
    assert call("record", "rows", "-o", "rows.json").code == 0
    assert call("verify", "rows.json").code == 0
    assert call("report", "rows", "--out", "page.html").code == 0
    assert "(0.25, 0.5)" in (home / "page.html").read_text()
    again = call(*base, "--noise", "anisotropic-gaussian:deviations=.1:.2:.3", "--out", "three")
    assert again.code == 2
    assert "no equal parts" in again.err


def test_deviations_that_are_none(call):
    base = ("certify", "--model", "nets:Bright", "--data", "greys.npz", "--out", "run")
    for deviations in (".1:x", ".1::.2", "0:.1"):
        said = call(*base, "--noise", f"anisotropic-gaussian:deviations={deviations}")
        assert said.code == 2
