"""certiball import-log: check a published log, and write it in another format."""

from pathlib import Path
from typing import Annotated

import typer

from certiball.cli import options
from certiball.cli.headline import lines, numbers
from certiball.cli.names import Format
from certiball.cli.output import Voice, counted
from certiball.cli.tabulate import tabulate


def import_log(
    log: Annotated[Path, typer.Argument(help="A table: idx label predict radius correct time.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write the table here.")] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="By default by the name of --out, or tsv.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Its name in reports.")] = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Check a published log and show its numbers. `certiball report` takes logs as they are."""
    from certiball.atomic import write_atomically
    from certiball.report.logs import read_log

    voice = Voice(as_json=as_json, quiet=quiet)
    study = read_log(log, title=title)
    if out is not None:
        write_atomically(out, tabulate(study, form, out))
    voice.give({"log": str(log), "notes": list(study.notes), **numbers(study)})
    for line in (*lines(study), *(f"note: {note}" for note in study.notes)):
        voice.say(line)
    if out is not None:
        voice.say(f"{counted(study.size, 'input')} written to {out}")
