"""A folder's campaigns, read without the model."""

from dataclasses import dataclass
from pathlib import Path

from certiball.campaigns.rows import Outcome, Verdict
from certiball.campaigns.spec import CampaignSpec
from certiball.campaigns.store import FORM
from certiball.campaigns.tables import read_campaigns, read_inputs, read_outcomes, read_verdicts
from certiball.runs.store import open_for_reading
from certiball.shapes import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Stored:
    """A campaign as it is stored.

    Args:
        spec: what it is going to do.
        planned: how many inputs it is to attack.
        outcomes: what the attack came to, by input, for those that it has attacked.
        verdicts: what fresh noise confirmed, by input, for those that have been judged.
        inputs: the clean inputs, encoded, of all campaigns of the folder.
    """

    spec: CampaignSpec
    planned: int
    outcomes: dict[int, Outcome]
    verdicts: dict[int, Verdict]
    inputs: dict[int, Array]

    @property
    def complete(self) -> bool:
        """Whether every input has its verdict."""
        return len(self.verdicts) == self.planned


def read_stored(folder: Path) -> list[Stored]:
    """All campaigns of a folder, oldest first; it may be at work.

    Raises:
        StoreError: if there are none, or their store is damaged, foreign or newer.
    """
    with open_for_reading(folder, FORM) as connection:
        found = []
        for row in read_campaigns(connection):
            place = (connection, row.id, row.spec.subject.data.shape)
            levels = row.spec.subject.space.startswith("Grid")
            found.append(
                Stored(
                    spec=row.spec,
                    planned=row.planned,
                    outcomes={o.input: o for o in read_outcomes(*place, levels=levels)},
                    inputs=read_inputs(connection, row.spec.subject.data.shape, levels=levels),
                    verdicts={v.input: v for v in read_verdicts(*place, levels=levels)},
                )
            )
        return found
