"""Commit and reveal: a run is fixed and published as a hash, then a later public number enters.

A seed from the operating system can be drawn again until it pleases. A run that was published
before its public number was known cannot: what its key will be nobody knew when it was fixed.
"""

import sqlite3
from dataclasses import replace
from pathlib import Path

from certiball.claim import Draw
from certiball.errors import InputError, SpecMismatchError
from certiball.runs.shards import Shard
from certiball.runs.tables import write_beacon


def announced(draw: Draw, commit: str | None, beacon: str | None) -> Draw:
    """The draw of a run that is being fixed, with what is announced.

    Raises:
        InputError: for a beacon that comes with it: what is known already excludes nothing.
    """
    if beacon is not None:
        raise InputError(
            "--beacon is for a run that was fixed before the number was known: begin it with "
            "--commit, publish the commitment, and give --beacon later"
        )
    return replace(draw, announced=commit)


def revealed(
    folder: Path,
    held: tuple[sqlite3.Connection, Shard, Draw],
    commit: str | None,
    beacon: str | None,
) -> Draw:
    """The draw of a begun run, with its public number once that is given.

    Args:
        folder: of the run, for messages.
        held: the open store, the shard and its draw as stored.
        commit: what is announced now; None to go on.
        beacon: the public number; None where it is not known yet, or is stored.

    Raises:
        SpecMismatchError: if it was begun with another announcement or number.
        InputError: if it waits for its number and none is given, or the number is none.
    """
    connection, shard, draw = held
    if commit is not None and commit != draw.announced:
        begun = "without --commit" if draw.announced is None else f"to wait for {draw.announced}"
        raise SpecMismatchError(f"{folder} was begun {begun}: choose another folder")
    if beacon is None:
        if draw.waiting and commit is None:
            raise InputError(
                f"{folder} waits for its public number ({draw.announced}): repeat the command "
                "with --beacon once it is published"
            )
        return draw
    if draw.announced is None:
        raise SpecMismatchError(f"{folder} was begun without --commit: choose another folder")
    if draw.beacon not in (None, beacon):
        raise SpecMismatchError(
            f"{folder} was begun with the beacon {draw.beacon}, not {beacon}: leave --beacon out"
        )
    settled = replace(draw, beacon=beacon)  # refuses what is no such number
    write_beacon(connection, shard, beacon)
    return settled
