"""The pages on independent noise: scripts print what they say, and tables are the theorems'."""

import math
import re
import runpy
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import certiball as cb
from certiball.laws.names import NAMES
from certiball.statistics.rounding import format_down
from certiball.theorems import TABLE, theorem
from certiball.theorems.bounds import Bounds

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = ["gaussian", "uniform", "laplace", "pareto", "exponential-power"]
DEVIATION = 0.25
each = pytest.mark.parametrize("page", PAGES)


def of_deviation(name):
    """The law that a row of a table names, at the deviation that all of them have."""
    kind, _, number = name.partition(" ")
    law = {
        "Gaussian": lambda: cb.Gaussian(sigma=1.0),
        "uniform": lambda: cb.Uniform(scale=1.0),
        "Laplace": lambda: cb.Laplace(scale=1.0),
        "Pareto,": lambda: cb.Pareto(scale=1.0, tail=float(number.removeprefix("tail "))),
        "power": lambda: cb.ExponentialPower(scale=1.0, power=float(number)),
    }[kind]()
    scale = DEVIATION / law.deviation(1)
    if isinstance(law, cb.Gaussian):
        return cb.Gaussian(sigma=scale)
    others = {k: getattr(law, k) for k in law.__dataclass_fields__ if k != "scale"}
    return type(law)(scale=scale, **others)


def radius(law, norm, p, dimension=784):
    return theorem(law, norm).radius(law, Bounds(p_lower=p), Fraction(0), dimension)


@each
def test_a_page_prints_what_it_says(page, tmp_path, capsys):
    text = (DOCS / f"noises/{page}.md").read_text()
    script = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    (tmp_path / "page.py").write_text(script)
    runpy.run_path(str(tmp_path / "page.py"))
    said = re.findall(r"^print\(.*\)  # (.*)$", script, re.MULTILINE)
    assert len(said) == script.count("print(") >= 1
    assert capsys.readouterr().out.splitlines() == said
    assert page in NAMES
    command = "--sigma " if page == "gaussian" else f"--noise {page}:scale="
    assert command in text
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (DOCS / "noises" / link).is_file()


@each
def test_tables_are_the_theorems(page):
    lines = (DOCS / f"noises/{page}.md").read_text().splitlines()
    head, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line[:1] == "|"
    ]
    assert len(rows) >= 3
    norms = {str(norm): norm for norm in cb.Norm}
    for name, norm, dimension, *cells in rows:
        numbers = 784 if dimension == "any" else int(dimension.replace(",", ""))
        for p, cell in zip(head[3:], cells, strict=True):
            digits = len(cell.partition(".")[2])
            found = radius(of_deviation(name), norms[norm], float(p), numbers)
            # A table may say less than is true by a unit, and never more.
            assert (
                0
                <= Fraction(format_down(found, digits)) - Fraction(cell)
                <= Fraction(1, 10**digits)
            )


def test_what_the_pages_say_of_pareto_noise():
    laplace = cb.Laplace(scale=2**-0.5)
    for tail in (2.1, 3.0, 5.0, 30.0):
        law = cb.Pareto(scale=math.sqrt((tail - 1) * (tail - 2) / 2), tail=tail)
        assert law.deviation(1) == pytest.approx(1)
        for p in (0.5 + np.geomspace(1e-6, 0.4999999, 60)).tolist():
            assert radius(law, cb.Norm.L1, p) < radius(laplace, cb.Norm.L1, p)


def test_every_picture_is_drawn(monkeypatch):
    monkeypatch.syspath_prepend(DOCS / "pictures")
    drawn = runpy.run_path(str(DOCS / "pictures/laws.py"))
    for page in PAGES:
        example = drawn["EXAMPLES"][page]
        assert isinstance(example.law, NAMES[page])
        made, stored = drawn["picture"](example), DOCS / f"pictures/{page}.svg"
        panels = [e for e in ET.fromstring(made) if e.tag.endswith("}g")]
        assert len(panels) == 1 + sum(kind is NAMES[page] for kind, _ in TABLE)
        # Draws may differ between versions of NumPy, and nothing else.
        numbers = re.compile(r'points="[^"]*"')
        assert numbers.sub("", stored.read_text()) == numbers.sub("", made)
