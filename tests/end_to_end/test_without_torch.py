"""A record made here is verified where neither torch nor the model is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from certiball.cli import main

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("numpy", "scipy", "typer", "rich")
HEAVY = (
    *("torch", "mpmath", "jaxtyping", "beartype", "sklearn", "matplotlib", "jinja2", "PIL"),
    *("safetensors", "platformdirs", "cloudpickle", "cryptography", "pyarrow"),
)
BLOCKED = f"""
import importlib.abc
import sys

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in {HEAVY}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
from certiball.cli import main
code = main()
assert not set({HEAVY}) & set(sys.modules), sorted(set({HEAVY}) & set(sys.modules))
sys.exit(code)
"""
PRESENT = BLOCKED.replace("sys.meta_path.insert(0, Absent())\n", "")


def _said(
    python: Path | str, script: str, folder: Path, *more: str
) -> subprocess.CompletedProcess[str]:
    command = [str(python), "-c", script, "verify", "certificate.json", *more]
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True)


@pytest.fixture
def record(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a record, which the command line made."""
    monkeypatch.chdir(home)
    monkeypatch.setattr(sys, "path", [str(home), *sys.path])
    words = ("--model", "nets:Bright", "--data", "greys.npz", "--sigma", ".25", "--batch", "64")
    plan = ("--target-radius", ".1,.2", "--max-n", "300", "--threads", "1")
    assert main(["certify", *words, *plan, "--out", "run", "--quiet"]) == 0
    assert main(["record", "run", "--threat", "linf:1/255", "--quiet"]) == 0
    return home


def test_verifying_imports_none_of_what_may_be_absent(record):
    done = _said(sys.executable, BLOCKED, record)
    assert done.returncode == 0, done.stderr
    table = record / "certificate.table.tsv"
    table.write_text(table.read_text().replace("certified", "abstained", 1))
    assert _said(sys.executable, BLOCKED, record).returncode == 1


@pytest.mark.slow
def test_a_record_is_verified_with_four_packages(record, tmp_path_factory):
    place = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    python = place / "bin" / "python"
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    pinned = [*pip, "-c", str(REPOSITORY / "constraints.txt")]
    found = subprocess.run([*pinned, *PACKAGES], capture_output=True, text=True)
    if found.returncode:
        pytest.skip(f"the package index does not answer: {found.stderr[-200:]}")
    subprocess.run([*pip, "--no-deps", str(REPOSITORY)], check=True)
    absent = "import importlib.util as u; assert u.find_spec('torch') is None"
    subprocess.run([str(python), "-c", absent], check=True)
    done = _said(python, PRESENT, record)
    assert done.returncode == 0, done.stderr
    assert "checks passed" in done.stdout
    assert _said(python, PRESENT, record, "--expect", f"sha256:{'0' * 64}").returncode == 1
