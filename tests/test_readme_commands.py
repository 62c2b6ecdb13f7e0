"""Every command of the README and of the pages exists with the options that they give it."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from certiball.cli.app import app

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINES = [
    shlex.split(line, comments=True)
    for page in PAGES
    for block in re.findall(r"```sh\n(.*?)```", page.read_text().replace("\\\n", " "), re.DOTALL)
    for line in block.splitlines()
    if line.startswith("certiball ")
]


@pytest.mark.parametrize("words", LINES, ids=lambda words: words[1])
def test_command_and_options(words):
    command = typer.main.get_command(app).commands[words[1]]
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_there_are_commands_to_check():
    assert len(LINES) >= 4
