"""The pages on joint laws, splitting noise and older proofs say what the code computes."""

import math
import re
import runpy
from fractions import Fraction
from pathlib import Path

import pytest

import certiball as cb
from certiball.laws.names import NAMES
from certiball.statistics.rounding import format_down
from certiball.theorems import TABLE, gaussian_l2, pixeldp, renyi
from certiball.theorems.bounds import Bounds

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = ["uniform-ball", "spherical-exponential", "max-exponential", "splitting"]


@pytest.mark.parametrize("page", [*(f"noises/{name}.md" for name in PAGES), "baselines.md"])
def test_a_page_prints_what_it_says(page, tmp_path, capsys):
    """Its blocks are one script, and a comment behind each `print` says what that prints."""
    text = (DOCS / page).read_text()
    script = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    (tmp_path / "page.py").write_text(script)
    runpy.run_path(str(tmp_path / "page.py"))
    said = re.findall(r"^print\(.*\)  # (.*)$", script, re.MULTILINE)
    assert len(said) == script.count("print(") >= 2
    assert capsys.readouterr().out.splitlines() == said
    for link in re.findall(r"\]\((\S+\.(?:svg|md))\)", text):
        assert ((DOCS / page).parent / link).is_file()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_its_law_as_the_command_line_does(name):
    assert name in NAMES
    assert f"--noise {name}:scale=" in (DOCS / f"noises/{name}.md").read_text()


def cells(page):
    for line in (DOCS / page).read_text().splitlines():
        if line.startswith("|") and not line.startswith("|---"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def by_deviation(kind, norm, p, dimension, deviation=0.25):
    law = kind(scale=deviation / kind(scale=1.0).deviation(dimension))
    return TABLE[kind, norm].radius(law, Bounds(p_lower=p), Fraction(0), dimension)


def gaussian(norm, p, dimension):
    law = cb.Gaussian(sigma=0.25)
    return TABLE[cb.Gaussian, norm].radius(law, Bounds(p_lower=p), Fraction(0), dimension)


def agrees(cell, value):
    digits = len(cell.split(".")[1])
    assert math.isclose(float(cell), value, abs_tol=0.51 * 10.0**-digits)


def test_the_table_of_laws_in_l2():
    _, *lines = cells("noises/uniform-ball.md")
    assert len(lines) == 5
    for bound, ball, sphere, normal in lines:
        p = float(bound)
        agrees(ball, by_deviation(cb.UniformBall, cb.Norm.L2, p, 784))
        agrees(sphere, by_deviation(cb.SphericalExponential, cb.Norm.L2, p, 784))
        agrees(normal, gaussian(cb.Norm.L2, p, 784))
    largest = by_deviation(cb.UniformBall, cb.Norm.L2, 1.0, 784) / 0.25
    assert 1.34 < largest < 1.36


def test_the_table_of_the_maximum_norm():
    _, *lines = cells("noises/max-exponential.md")
    assert len(lines) == 4
    for numbers, bound, here, normal, ones, uniform in lines:
        p, dimension = float(bound), int(numbers.replace(",", ""))
        agrees(here, by_deviation(cb.MaxExponential, cb.Norm.LINF, p, dimension))
        agrees(normal, gaussian(cb.Norm.LINF, p, dimension))
        agrees(ones, by_deviation(cb.MaxExponential, cb.Norm.L1, p, dimension))
        agrees(uniform, 2 * math.sqrt(3) * 0.25 * (p - 0.5))


def test_the_table_of_three_proofs():
    head, *lines = cells("baselines.md")
    bounds = [float(cell.removeprefix("p̲ = ")) for cell in head[1:]]
    law = cb.Gaussian(sigma=1.0)
    for line, radius in zip(
        lines, (gaussian_l2.radius, renyi.gaussian_l2, pixeldp.gaussian_l2), strict=True
    ):
        for cell, p in zip(line[1:], bounds, strict=True):
            assert format_down(radius(law, Bounds(p_lower=p))).removeprefix("0") == cell
    assert 0.57 < pixeldp.gaussian_l2(law, Bounds(p_lower=1.0)) < 0.5705


def test_the_picture_of_three_proofs_is_what_its_script_draws(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS / "pictures"))
    drawn = runpy.run_path(str(DOCS / "pictures/baselines.py"))["picture"]()
    assert drawn == (DOCS / "pictures/baselines.svg").read_text(encoding="utf-8")
