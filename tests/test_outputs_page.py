"""docs/outputs.md: its script prints what it says, and its pictures are the script's."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = (DOCS / "outputs.md").read_text(encoding="utf-8")


def test_the_page_prints_what_it_says(tmp_path):
    script = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    (tmp_path / "page.py").write_text(script)
    command = [sys.executable, "page.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said = re.findall(r"^print\(.*\)  # (.*)$", script, re.MULTILINE)
    assert len(said) == script.count("print(") >= 6
    assert done.stdout.splitlines() == said


@pytest.mark.parametrize("name", ["top-k", "segmentation", "median"])
def test_pictures_are_those_of_the_script(name, monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS / "pictures"))
    drawn = runpy.run_path(str(DOCS / "pictures/outputs.py"))["pictures"]()[name]()
    assert drawn == (DOCS / f"pictures/{name}.svg").read_text(encoding="utf-8")
    assert f"(pictures/{name}.svg)" in PAGE
