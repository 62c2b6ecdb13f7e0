"""certiball certify --commit: fix a run, say what to publish, and draw nothing."""

from pathlib import Path
from typing import TYPE_CHECKING

from certiball.cli.output import Voice

if TYPE_CHECKING:
    from certiball.runs.prepare import Job


def commit_run(voice: Voice, folder: Path, job: "Job") -> None:
    """Fix a run that waits for a public number; said again, it says the same.

    Raises:
        CertiballError: whatever is wrong with the job or the folder.
    """
    from certiball.runs.attempt import attempt
    from certiball.runs.prepare import prepare
    from certiball.runs.refused import leaving_nothing
    from certiball.samplers.streams import commitment

    request = prepare(folder, job)
    with leaving_nothing(folder), attempt(folder, request) as run:
        value = commitment(run.draw, run.spec.digest, str(run.shard))
    voice.give(
        {
            "run": str(folder),
            "commitment": value,
            "specification": run.spec.digest,
            "shard": str(run.shard),
            "announced": run.draw.announced,
        }
    )
    voice.say(f"fixed in {folder}, with nothing drawn; commitment:")
    voice.say(value)
    voice.say(
        "publish it where its date can be checked (a signature, a timestamp, a transparency log), "
        f"while nobody can know the number: {run.draw.announced}"
    )
    voice.say("then repeat the command with --beacon NUMBER in the place of --commit")
