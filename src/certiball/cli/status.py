"""certiball status: how far a run is, and how it came about."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from certiball.cli import options
from certiball.cli.output import Voice, counted, duration

if TYPE_CHECKING:
    from certiball.runs.progress import Progress
    from certiball.runs.status import Part


def status(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    as_json: options.AsJson = False,
) -> None:
    """Show how far a run is: samples, rate, seeds of its shards, attempts."""
    from certiball.claim import Bound
    from certiball.runs.status import read_status
    from certiball.wording import level_means

    voice = Voice(as_json=as_json)
    found = read_status(run)
    voice.give(_plain(found))
    voice.say(f"{run}: {_how_far(found.progress)}")
    spec = found.spec
    exact = spec.claim.bound is Bound.EXACT
    voice.say(
        f"{spec.model.name} on {counted(spec.data.count, 'input')} of {spec.data.name}, "
        f"{spec.claim.law}, {spec.plan}, {level_means(spec.claim)}"
    )
    if found.progress.rate and not found.progress.complete:
        most = "" if found.progress.fixed else "at most "
        voice.say(
            f"{found.progress.rate:,.0f} samples/s per worker so far, "
            f"{most}{duration(found.progress.left or 0.0)} to go at that rate with one"
        )
    for part in found.parts:
        of = "of" if found.progress.fixed else "of at most"
        drawn = "every view is asked, no random number" if exact else str(part.draw)
        voice.say(f"shard {part.shard}: {part.done:,} {of} {part.total:,} samples, {drawn}")
        if (value := _commitment(spec.digest, part)) is not None:
            voice.say(f"commitment of shard {part.shard}: {value}")
    for number, reason in found.failures.items():
        voice.say(f"input {number} failed: {reason}")
    for attempt in found.attempts:
        voice.say(f"attempt {attempt}")


def _commitment(specification: str, part: "Part") -> str | None:
    from certiball.samplers.streams import commitment

    if part.draw.announced is None:
        return None
    return commitment(part.draw, specification, str(part.shard))


def _how_far(progress: "Progress") -> str:
    """By samples where their number is fixed; by inputs where the votes decide it."""
    if progress.fixed:
        share = progress.done / max(1, progress.total)  # all inputs may have failed
        return f"{share:.1%} ({progress.done:,} of {progress.total:,} samples)"
    return (
        f"{progress.settled / progress.inputs:.1%} ({progress.settled:,} of "
        f"{counted(progress.inputs, 'input')} settled, {progress.done:,} samples, at most "
        f"{progress.total:,})"
    )


def _plain(found: Any) -> dict[str, Any]:
    """The status for programs; without a seed where nothing was drawn."""
    from certiball.claim import Bound
    from certiball.runs.spec import to_json

    drawn = found.spec.claim.bound is not Bound.EXACT
    return {
        "specification": found.spec.digest,
        "spec": to_json(found.spec),
        "done": found.progress.done,
        "total": found.progress.total,
        "settled": found.progress.settled,
        "inputs": found.progress.inputs,
        "complete": found.progress.complete,
        "rate": found.progress.rate,
        "failed": {str(number): reason for number, reason in found.failures.items()},
        "shards": [
            {
                "shard": str(part.shard),
                "done": part.done,
                "total": part.total,
                "seed": f"{part.draw.seed:#034x}" if drawn else None,
                "chosen": part.draw.chosen if drawn else None,
                "announced": part.draw.announced,
                "beacon": part.draw.beacon,
                "commitment": _commitment(found.spec.digest, part),
            }
            for part in found.parts
        ],
        "attempts": [
            {
                "started": attempt.started,
                "host": attempt.host,
                "pid": attempt.pid,
                "ended": attempt.ended,
                "outcome": attempt.outcome,
            }
            for attempt in found.attempts
        ],
    }
