"""The pages on noises: their scripts print what they say, and their tables are the theorems'."""

import re
import runpy
from fractions import Fraction
from pathlib import Path

import pytest

import certiball as cb
from certiball.theorems import ablation_l0, discrete_l0
from certiball.theorems.bounds import Bounds

PAGES = Path(__file__).resolve().parent.parent / "docs/noises"


@pytest.mark.parametrize("name", ["ablation", "discrete"])
def test_a_page_prints_what_it_says(name, tmp_path, capsys):
    """Its blocks are one script, and a comment behind each `print` says what that prints."""
    page = (PAGES / f"{name}.md").read_text()
    script = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    (tmp_path / "page.py").write_text(script)
    runpy.run_path(str(tmp_path / "page.py"))
    said = re.findall(r"^print\(.*\)  # (.*)$", script, re.MULTILINE)
    assert len(said) == script.count("print(") >= 2
    assert capsys.readouterr().out.splitlines() == said
    for picture in re.findall(r"\]\((\S+\.svg)\)", page):
        assert (PAGES / picture).is_file()


def rows(name):
    """Cells of the page's table below its head; an empty first cell repeats the one above."""
    head, _, *lines = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (PAGES / f"{name}.md").read_text().splitlines()
        if line.startswith("|")
    ]
    bounds = [
        float(cell.removeprefix("p̲ = ")) for cell in head if re.fullmatch(r"(p̲ = )?[.\d]+", cell)
    ]
    first = ""
    for cells in lines:
        first = cells[0].split(" ")[0].replace(",", "") or first
        yield int(first), [float(cell) for cell in cells[1:]], bounds


def test_the_table_of_ablation():
    for pixels, (keep, *radii), bounds in rows("ablation"):
        law = cb.Ablation(keep=int(keep), pixels=pixels)
        slack = law.slack(None, pixels)
        found = [ablation_l0.radius(law, Bounds(p_lower=p), slack, pixels) for p in bounds]
        assert found == radii


def test_the_table_of_discrete_noise():
    for levels, (keep, least, *radii), bounds in rows("discrete"):
        law = cb.Discrete(keep=keep, levels=levels)
        slack = law.slack(Fraction(1), 784)
        found = [discrete_l0.radius(law, Bounds(p_lower=p), slack, 784) for p in bounds]
        assert found == radii
        assert abs(float(discrete_l0.needed(law, 1, Fraction(1, 2))) - least) <= 5e-5
