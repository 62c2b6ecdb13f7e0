"""The examples that users read, run as they stand."""

import doctest
import importlib
import importlib.util
import pkgutil
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import certiball

ROOT = Path(__file__).resolve().parent.parent
NEEDS = {"certiball.samplers.triton_lattice": "triton"}  # comes with torch for CUDA alone
MODULES = [
    m.name
    for m in pkgutil.walk_packages(certiball.__path__, "certiball.")
    if m.name not in NEEDS or importlib.util.find_spec(NEEDS[m.name])
]


@pytest.mark.parametrize("module", MODULES)
def test_docstring_examples(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0


def test_there_are_examples_to_run():
    finder = doctest.DocTestFinder()
    tests = [t for m in MODULES for t in finder.find(importlib.import_module(m)) if t.examples]
    assert len(tests) >= 25


def test_the_readme_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert blocks
    for block in blocks:
        (tmp_path / "example.py").write_text(block)
        runpy.run_path(str(tmp_path / "example.py"))


def test_the_page_on_floating_point_prints_what_it_says(tmp_path):
    """Its blocks are one script, and a comment behind each `print` says what that prints."""
    page = (ROOT / "docs/floating-point.md").read_text()
    script = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    (tmp_path / "page.py").write_text(script)
    command = [sys.executable, "page.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said = re.findall(r"^print\(.*\)  # (.*)$", script, re.MULTILINE)
    assert len(said) == script.count("print(") >= 4
    assert done.stdout.splitlines() == said


@pytest.mark.slow
def test_the_script_with_workers_runs(tmp_path):
    [block] = re.findall(r"```python\n(.*?)```", (ROOT / "docs/scaling.md").read_text(), re.DOTALL)
    (tmp_path / "script.py").write_text(block)
    command = [sys.executable, "script.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("class 9 for every perturbation")
