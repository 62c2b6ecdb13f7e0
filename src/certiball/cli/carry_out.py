"""Carrying out a job in a run folder, with a bar, a way to stop and a way to go on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from certiball.cli.headline import goal
from certiball.cli.output import Voice, counted
from certiball.cli.scale import warn_of_scale
from certiball.cli.subject import say_backend

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


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a job is carried out.

    Args:
        max_seconds: when to stop; None for no limit.
        executor: where samples are drawn; None for this process.
        taken: whether a begun run's backend or precision is kept that no option asks for.
    """

    max_seconds: float | None = None
    executor: "OpenExecutor | None" = None
    taken: bool = False


def carry_out(
    voice: Voice, folder: Path, job: "Job", manner: Manner = Manner(), *, what: str = ""
) -> Carried:
    """Begin or go on with a run, until it is finished or time is up.

    Ctrl-C says how to go on, and leaves with exit code 130. What refuses a run is said before
    anything else is, and a folder that was made for it is removed if no vote is in it.

    Raises:
        CertiballError: whatever is wrong with the job or the folder.
    """
    from certiball.executors.serial import serial
    from certiball.report.texts import number
    from certiball.runs.attempt import attempt
    from certiball.runs.execute import execute
    from certiball.runs.prepare import prepare
    from certiball.runs.refused import leaving_nothing

    request = prepare(folder, job)
    executor = manner.executor or serial
    done = 0
    try:
        with (
            leaving_nothing(folder),
            attempt(folder, request) as run,
            _announced(voice, what, manner, request, job) as tell,
        ):
            for progress in execute(
                run, job.g, job.dataset, max_seconds=manner.max_seconds, executor=executor
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


@contextmanager
def _announced(
    voice: Voice, what: str, manner: Manner, request: "Request", job: "Job"
) -> Iterator[Callable[[float, float, float], None]]:
    """Say what is going to be done, then draw the bar."""
    claim = request.spec.claim
    say_backend(voice, job.g.classifier, taken=manner.taken)
    voice.say(
        f"{what}{counted(len(request.items), 'input')} under {claim.law} on {claim.space}: "
        f"{goal(request.spec)}"
    )
    warn_of_scale(voice, claim.law, claim.space, request.spec.dimension)
    with voice.bar(what or "certify", "samples") as tell:
        yield tell
