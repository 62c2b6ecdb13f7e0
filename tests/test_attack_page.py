"""docs/attacks.md prints what it says, and names attacks that there are."""

import re
import subprocess
import sys
from pathlib import Path

import certiball
from certiball.cli.attacks import NAMES

PAGE = (Path(__file__).resolve().parent.parent / "docs/attacks.md").read_text(encoding="utf-8")


def test_the_page_prints_what_it_says(tmp_path):
    script = "\n".join(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL))
    (tmp_path / "page.py").write_text(script)
    command = [sys.executable, "page.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said = re.findall(r"^ *print\(.*\)  # (.*)$", script, re.MULTILINE)
    assert len(said) >= 2
    assert done.stdout.splitlines() == said


def test_its_attacks_exist():
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    names = [name for row in rows for name in re.findall(r"`([A-Za-z]+)", row)]
    assert len(names) > 15
    for name in names:
        assert hasattr(certiball, name)
    for name in re.findall(r"--attack ([a-z-]+)", PAGE):
        assert name in NAMES or name == "nonsense"
