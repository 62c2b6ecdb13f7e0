"""What is printed, and bars where there is a terminal to draw them on."""

import json
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import typer

# Control and format characters, halves of surrogate pairs, ends of lines and paragraphs.
HIDDEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


@dataclass(frozen=True, kw_only=True)
class Voice:
    """How a command speaks.

    Args:
        as_json: one JSON object on standard output at the end, and nothing else there.
        quiet: nothing but errors and, with `as_json`, the object.
    """

    as_json: bool = False
    quiet: bool = False

    def say(self, text: str) -> None:
        """A line for people."""
        if not (self.quiet or self.as_json):
            typer.echo(printable(text))

    def note(self, text: str) -> None:
        """A line beside the results, on standard error."""
        if not self.quiet:
            typer.echo(printable(text), err=True)

    def blame(self, text: str) -> None:
        """What failed, on standard error, where nothing else is said."""
        if self.quiet:
            typer.echo(printable(text), err=True)

    def give(self, value: dict[str, Any]) -> None:
        """The result for programs."""
        if self.as_json:
            typer.echo(printable(json.dumps(value, ensure_ascii=False, allow_nan=False)))

    @contextmanager
    def bar(self, what: str, unit: str) -> Iterator[Callable[[float, float, float], None]]:
        """A progress bar, told (done, total, rate per second); silent without a terminal."""
        if self.quiet or not sys.stderr.isatty():
            yield lambda done, total, rate: None
            return
        with _rich_bar(what, unit) as tell:
            yield tell


def printable(text: str) -> str:
    r"""A line with its control characters written out, as JSON writes them.

    Names and reasons may come from strangers' files: in a terminal such characters move the
    cursor, hide what stands there, or turn a line around.

    Example:
        >>> print(printable("cat\x1b[2J\n"))
        cat\u001b[2J\n
    """
    if text.isprintable():
        return text
    return "".join(
        json.dumps(each)[1:-1] if unicodedata.category(each) in HIDDEN else each for each in text
    )


@contextmanager
def _rich_bar(what: str, unit: str) -> Iterator[Callable[[float, float, float], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=None, pace="")

        def tell(done: float, total: float, rate: float) -> None:
            pace = f"{rate:,.0f} {unit}/s, {duration((total - done) / rate)} left" if rate else ""
            progress.update(task, completed=done, total=total, pace=pace)

        yield tell


def counted(count: int, noun: str) -> str:
    """A number of things, as people write it.

    Example:
        >>> counted(1, "input"), counted(20, "input")
        ('1 input', '20 inputs')
    """
    from certiball.report.texts import number

    return f"{number(count)} {noun}" if count == 1 else f"{number(count)} {noun}s"


def duration(seconds: float) -> str:
    """Hours, minutes and seconds.

    Example:
        >>> duration(3671.2)
        '1:01:11'
    """
    return str(timedelta(seconds=int(seconds)))
