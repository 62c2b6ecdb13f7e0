"""Pages on laws whose views are all asked: scripts print what they say, tables are the proofs'."""

import re
import runpy
from pathlib import Path

import pytest

from certiball.laws.bands import Bands
from certiball.laws.blocks import Blocks
from certiball.theorems import bands_patch, blocks_patch

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = ("bands", "blocks", "deterministic-splitting")


def page(name):
    return (DOCS / f"noises/{name}.md").read_text()


@pytest.mark.parametrize("name", PAGES)
def test_the_script_prints_what_it_says(name, tmp_path, capsys):
    [script] = re.findall(r"```python\n(.*?)```", page(name), re.DOTALL)
    said = re.findall(r"print\(.*\)  # ([^:\n]*)", script)
    (tmp_path / "page.py").write_text(script)
    runpy.run_path(str(tmp_path / "page.py"))
    assert len(said) == script.count("print(") > 1
    assert capsys.readouterr().out.splitlines() == said


@pytest.mark.parametrize("name", PAGES)
def test_links_and_pictures_are_there(name):
    for link in re.findall(r"\]\(([^)]+)\)", page(name)):
        assert (DOCS / "noises" / link).is_file(), link
    assert max(map(len, page(name).splitlines())) <= 115


def table(name):
    head, _, *lines = [line for line in page(name).splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in (head, *lines)]
    votes = [int(re.findall(r"\d+", cell)[0]) for cell in cells[0][1:]]
    return votes, {int(row[0]): [float(cell) for cell in row[1:]] for row in cells[1:]}


def test_sides_of_the_tables():
    votes, rows = table("bands")
    for width, sides in rows.items():
        law = Bands(width=width, columns=28)
        assert sides == [bands_patch.radius(law, (28 - k, k), 1) for k in votes]
    votes, rows = table("blocks")
    for side, sides in rows.items():
        law = Blocks(side=side, rows=28, columns=28)
        assert sides == [blocks_patch.radius(law, (784 - k, k), 1) for k in votes]


@pytest.mark.slow
def test_pictures_are_those_of_the_script(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS / "pictures"))
    views = runpy.run_path(str(DOCS / "pictures/views.py"))
    assert set(views["PICTURES"]) == set(PAGES)
    for name, picture in views["PICTURES"].items():
        assert views["svg"](picture) == (DOCS / f"pictures/{name}.svg").read_text(encoding="utf-8")
