"""docs/threats.md and docs/tailored.md: scripts print what they say, tables are computed."""

import re
import runpy
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from certiball.balls import Norm, longest_up
from certiball.statistics.rounding import format_up

DOCS = Path(__file__).resolve().parent.parent / "docs"


@pytest.mark.parametrize("name", ["threats", "tailored"])
def test_the_page_prints_what_it_says(name, tmp_path):
    page = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    script = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    (tmp_path / "page.py").write_text(script)
    command = [sys.executable, "page.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said = re.findall(r"^ *print\(.*\)  # (.*)$", script, re.MULTILINE)
    shown = re.findall(r"^\d+ [\d.]+ [\d.]+$", page, re.MULTILINE)
    assert len(said) >= 3
    assert done.stdout.splitlines() == [*said, *shown]


def test_the_table_of_lengths():
    page = (DOCS / "threats.md").read_text(encoding="utf-8")
    rows = re.findall(r"\| (\d+) × (\d+) × (\d+) \| (\S+) \| (\S+) \| (\S+) \|", page)
    assert len(rows) == 4
    for channels, height, width, eps, two, one in rows:
        d = int(channels) * int(height) * int(width)
        for norm, said in ((Norm.L2, two), (Norm.L1, one)):
            assert said == format_up(longest_up(Fraction(eps), Norm.LINF, norm, d))


def test_the_picture_is_that_of_the_script(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS / "pictures"))
    drawn = runpy.run_path(str(DOCS / "pictures/tailored.py"))["picture"]()
    assert drawn == (DOCS / "pictures/tailored.svg").read_text(encoding="utf-8")
