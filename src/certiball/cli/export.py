"""certiball export: a run as a table."""

from pathlib import Path
from typing import Annotated

import typer

from certiball.cli import options
from certiball.cli.names import Format
from certiball.cli.output import Voice, counted
from certiball.cli.studies import read_study
from certiball.cli.tabulate import tabulate
from certiball.errors import InputError


def export(
    run: Annotated[Path, typer.Argument(help="A run folder, or a published log.")],
    out: Annotated[Path | None, typer.Option("--out", help="The file; else printed.")] = None,
    form: Annotated[
        Format | None, typer.Option("--format", help="By default by the name of --out, or tsv.")
    ] = None,
    simultaneous: options.Simultaneous = False,
    holm: options.Holm = None,
    quiet: options.Quiet = False,
) -> None:
    """Write a run as a table. The tsv is in the published format, radii rounded down."""
    from certiball.report.family import with_family

    voice = Voice(quiet=quiet)
    study = with_family(read_study(run, voice), simultaneous=simultaneous, holm=holm)
    content = tabulate(study, form, out)
    if out is not None:
        from certiball.atomic import write_atomically

        write_atomically(out, content)
        voice.say(f"{counted(study.size, 'input')} written to {out}")
    elif isinstance(content, bytes):
        raise InputError("parquet is not text: name a file with --out")
    else:
        typer.echo(content, nl=False)
