"""certiball report: runs and logs as one page."""

from pathlib import Path
from typing import Annotated

import typer

from certiball.cli import options
from certiball.cli.headline import lines, numbers
from certiball.cli.output import Voice
from certiball.cli.studies import read_studies


def report(
    runs: Annotated[list[Path], typer.Argument(help="Run folders and published logs.")],
    out: Annotated[Path, typer.Option("--out", help="The page.")] = Path("report.html"),
    title: Annotated[str | None, typer.Option(help="Heading of the page.")] = None,
    threat: Annotated[
        list[str] | None,
        typer.Option(help="A threat to be judged, such as linf:8/255 or l2:.5; repeat for more."),
    ] = None,
    simultaneous: options.Simultaneous = False,
    holm: options.Holm = None,
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Write one self-contained HTML page about runs and published logs."""
    from certiball.report.family import with_family
    from certiball.report.html import TITLE, write_report
    from certiball.threats.threat import parse_threat

    voice = Voice(as_json=as_json, quiet=quiet)
    studies = [
        with_family(study, simultaneous=simultaneous, holm=holm)
        for study in read_studies(runs, voice, pictures=True)
    ]
    threats = None if threat is None else [parse_threat(text) for text in threat]
    write_report(out, studies, title or TITLE, threats=threats)
    voice.give({"report": str(out), "studies": [{"title": s.title, **numbers(s)} for s in studies]})
    for study in studies:
        for line in lines(study):
            voice.say(line)
    voice.say(f"report: {out}")
