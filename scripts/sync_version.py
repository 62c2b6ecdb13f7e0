"""Fail when the version in pyproject.toml is not the newest heading of CHANGELOG.md."""

import re
import sys
import tomllib
from pathlib import Path

root = Path(__file__).resolve().parent.parent
version = tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"]
citation = re.search(r"^version: (\S+)$", (root / "CITATION.cff").read_text(), re.MULTILINE)
headings = re.findall(r"^## (\S+)", (root / "CHANGELOG.md").read_text(), re.MULTILINE)
released = [heading for heading in headings if heading != "Unreleased"]
found = {
    "CITATION.cff": citation.group(1) if citation else "nothing",
    "CHANGELOG.md": released[0] if released else "nothing",
}
wrong = {place: other for place, other in found.items() if other != version}
for place, other in wrong.items():
    sys.stderr.write(f"{place} says {other}, pyproject.toml says {version}: make them agree\n")
sys.exit(bool(wrong))
