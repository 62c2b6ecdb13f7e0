"""One attempt at a campaign: its folder is locked, its subject compared, its seed drawn or kept."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from certiball.campaigns.refused import leaving_nothing
from certiball.campaigns.rows import Row
from certiball.campaigns.spec import CampaignSpec, Subject, differences
from certiball.campaigns.store import FORM, LOCK
from certiball.campaigns.tables import read_campaigns, write_campaign, write_planned
from certiball.certification.smooth import draw_seed
from certiball.claim import Draw
from certiball.errors import InputError, SpecMismatchError, StoreError
from certiball.runs import lock, store
from certiball.runs.environment import environment


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """A campaign that this process holds: its store is open, its folder locked.

    Args:
        folder: where it is.
        connection: to the store.
        row: what is stored of it.
    """

    folder: Path
    connection: sqlite3.Connection
    row: Row

    @property
    def spec(self) -> CampaignSpec:
        """What it is going to do."""
        return self.row.spec

    @property
    def draw(self) -> Draw:
        """The seed of the attack and of the noise."""
        return self.row.draw


@contextmanager
def campaign(
    folder: Path, spec: CampaignSpec, *, inputs: int, seed: int | None = None
) -> Iterator[Campaign]:
    """Begin a campaign, or go on with it.

    Args:
        folder: of a run, or of its own; made where there is none.
        spec: what is to be done.
        inputs: how many of the subject's are to be attacked, from the first. More than before are
            added to those that were.
        seed: None for one from the operating system, or the one of a begun campaign.

    Raises:
        InputError: if there are not so many inputs.
        SpecMismatchError: if the folder holds attacks on another model or on other data, or the
            campaign was begun with another seed.
        StoreError: if the folder is in use, or its store is foreign, damaged or newer.
    """
    if not 1 <= inputs <= spec.subject.data.count:
        raise InputError(
            f"there are {spec.subject.data.count} inputs to attack, not {inputs}: give a number "
            "from 1 to that"
        )
    with leaving_nothing(folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"{folder} cannot be made ({error.strerror}): choose another"
            ) from error
        with lock.locked(folder, LOCK), store.open_for_writing(folder, FORM) as connection:
            with store.transaction(connection):
                row = _admitted(folder, connection, spec, inputs, seed)
            yield Campaign(folder=folder, connection=connection, row=row)


def _admitted(
    folder: Path, connection: sqlite3.Connection, spec: CampaignSpec, inputs: int, seed: int | None
) -> Row:
    rows = read_campaigns(connection)
    if rows:
        _check_subject(folder, rows[0].spec.subject, spec.subject)
    known = next((row for row in rows if row.spec.digest == spec.digest), None)
    if known is None:
        draw = draw_seed(seed)  # only now that everything is fixed
        write_campaign(connection, spec, draw, inputs, environment(spec.subject.model.backend))
    else:
        _check_seed(folder, known.draw, seed)
        write_planned(connection, known.id, inputs)
    return next(row for row in read_campaigns(connection) if row.spec.digest == spec.digest)


def _check_subject(folder: Path, stored: Subject, asked: Subject) -> None:
    found = differences(stored, asked)
    if found:
        raise SpecMismatchError(
            f"{folder} holds attacks on another model or on other data (stored → asked: "
            f"{'; '.join(found)}): give what they were on, or choose another folder"
        )


def _check_seed(folder: Path, draw: Draw, seed: int | None) -> None:
    if seed is not None and seed != draw.seed:
        raise SpecMismatchError(
            f"this campaign was begun in {folder} with {draw}, not {seed:#034x}: leave --seed out "
            "to go on, or choose another folder"
        )
