"""Carrying out a job in a run folder, with a bar, a way to stop and a way to go on."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from certiball.cli.headline import goal
from certiball.cli.output import Voice, counted
from certiball.cli.scale import warn_of_scale

if TYPE_CHECKING:
    from certiball.executors import OpenExecutor
    from certiball.runs.attempt import Request
    from certiball.runs.prepare import Job
    from certiball.runs.progress import Progress


@dataclass(frozen=True, kw_only=True)
class Carried:
    """How far a job came."""

    request: "Request"
    progress: "Progress"


def carry_out(
    voice: Voice,
    folder: Path,
    job: "Job",
    *,
    max_seconds: float | None = None,
    what: str = "",
    executor: "OpenExecutor | None" = None,
) -> Carried:
    """Begin or go on with a run, until it is finished or time is up.

    Ctrl-C says how to go on, and leaves with exit code 130. Without an executor this process
    does the work.

    Raises:
        CertiballError: whatever is wrong with the job or the folder.
    """
    from certiball.executors.serial import serial
    from certiball.report.texts import number
    from certiball.runs.attempt import attempt
    from certiball.runs.execute import execute
    from certiball.runs.prepare import prepare

    request = prepare(folder, job)
    spec = request.spec
    voice.say(
        f"{what}{counted(len(request.items), 'input')} under {spec.claim.law} "
        f"on {spec.claim.space}: {goal(spec)}"
    )
    warn_of_scale(voice, spec.claim.law, spec.claim.space)
    done = 0
    try:
        with attempt(folder, request) as run, voice.bar(what or "certify", "samples") as tell:
            for progress in execute(
                run, job.g, job.dataset, max_seconds=max_seconds, executor=executor or serial
            ):
                done = progress.done
                if progress.fixed:
                    tell(progress.done, progress.total, progress.rate)
                else:  # how many samples there will be is not known
                    tell(progress.settled, progress.inputs, 0.0)
    except KeyboardInterrupt:
        typer.echo(
            f"interrupted; {number(done)} samples are safe in {folder}: "
            "repeat the same command to go on",
            err=True,
        )
        raise typer.Exit(130) from None
    return Carried(request=request, progress=progress)
