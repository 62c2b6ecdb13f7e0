"""Who could have shopped for the seeds of a record, and what a verifier can do about it."""

from certiball.claim import Bound
from certiball.records.record import Record
from certiball.runs.finding import Finding, Level
from certiball.samplers.streams import commitment


def check_randomness(record: Record, level: int) -> Finding:
    """What is left to trust in a record's seeds.

    A public number excludes shopping only if the commitment is seen to be older and the only one,
    and the number to be the announced one: who makes a number up can make up many. No file can
    show either of itself.

    Args:
        record: the record.
        level: at which it is verified; fresh noise at level 3 does not depend on its seeds.
    """
    if record.spec.claim.bound is Bound.EXACT:
        text = "no random number was needed: every view was asked"
        return Finding(check="randomness", level=Level.OK, text=text)
    waiting = [f"shard {shard}" for shard, draw in record.draws.items() if draw.waiting]
    if waiting:
        return Finding(
            check="randomness",
            level=Level.FAIL,
            text=f"{', '.join(waiting)} waits for its number, so it can have no votes",
        )
    public = [
        f"{commitment(draw, record.spec.digest, str(shard))} (number {draw.beacon}, announced as "
        f"{draw.announced})"
        for shard, draw in record.draws.items()
        if draw.beacon is not None
    ]
    if len(public) == len(record.draws):
        text = (
            "nobody could shop for the seeds, if these commitments, and no others for this run, "
            "were published before their number, and if that is exactly what the announced source "
            f"published, in full: {'; '.join(public)}"
        )
    elif level >= 3:
        text = (
            "nobody could shop for fresh noise, if the author did not know the nonce; for the "
            "recorded seeds that is trusted"
        )
    else:
        chosen = sum(draw.chosen for draw in record.draws.values())
        who = f"{chosen} of {len(record.draws)} seeds were chosen; " if chosen else ""
        text = (
            f"{who}that the seeds are not the best of many is excluded by trust alone: the same "
            "seeds give the same votes, and level 3 draws others"
        )
    return Finding(check="randomness", level=Level.OPEN, text=text)
