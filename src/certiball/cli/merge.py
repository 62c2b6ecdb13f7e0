"""certiball merge: join shards."""

from pathlib import Path
from typing import Annotated

import typer

from certiball.cli import options
from certiball.cli.output import Voice, counted


def merge(
    runs: Annotated[list[Path], typer.Argument(help="The folders of the shards.")],
    out: Annotated[Path, typer.Option("--out", help="A new folder for the joined run.")],
    as_json: options.AsJson = False,
    quiet: options.Quiet = False,
) -> None:
    """Join the shards of one run into a new run folder. Exit code 3 if some are missing."""
    from certiball.runs.merge import merge as join

    voice = Voice(as_json=as_json, quiet=quiet)
    merged = join(runs, out)
    voice.give(
        {
            "run": str(out),
            "complete": merged.complete,
            "shards": [str(shard) for shard in merged.shards],
            "absent": [str(shard) for shard in merged.absent],
            "unfinished": [str(shard) for shard in merged.unfinished],
        }
    )
    voice.say(f"{counted(len(merged.shards), 'shard')} joined in {out}")
    if merged.absent:
        voice.note(f"missing: shards {', '.join(map(str, merged.absent))}")
    if merged.unfinished:
        voice.note(f"not finished: shards {', '.join(map(str, merged.unfinished))}")
    if not merged.complete:
        raise typer.Exit(3)
