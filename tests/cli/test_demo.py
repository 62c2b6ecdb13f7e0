"""certiball demo, made short."""

import json


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
