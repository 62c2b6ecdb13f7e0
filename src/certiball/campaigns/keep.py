"""Storing the answers of searches while they go on."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from certiball.attacks.search.hunt import Hunt
from certiball.campaigns.begin import Campaign
from certiball.campaigns.tables import write_answers
from certiball.errors import StoreError
from certiball.runs.store import transaction
from certiball.shapes import Array

SECONDS = 1.0  # of answers that the machine's own end may cost


@dataclass(kw_only=True, eq=False)
class Keeper:
    """Stores the answers of a wave's searches, those that are new.

    Args:
        campaign: whose.
        told: the answers that are stored, by input.
    """

    campaign: Campaign
    told: dict[int, Array]

    def __post_init__(self) -> None:
        self._next = time.monotonic() + SECONDS

    def due(self) -> bool:
        """Whether it is time."""
        return time.monotonic() >= self._next

    def keep(self, hunts: Sequence[Hunt]) -> int:
        """Store what is new; how many answers that are.

        Raises:
            StoreError: if a search went other ways than when its answers were stored.
        """
        fresh = {hunt.number: self._fresh(hunt) for hunt in hunts}
        with transaction(self.campaign.connection):
            for number, (first, answers) in fresh.items():
                if len(answers):
                    place = (self.campaign.connection, self.campaign.row.id, number)
                    write_answers(*place, first, answers)
        self.told |= {hunt.number: hunt.transcript for hunt in hunts if len(fresh[hunt.number][1])}
        self._next = time.monotonic() + SECONDS
        return sum(len(answers) for _, answers in fresh.values())

    def _fresh(self, hunt: Hunt) -> tuple[int, Array]:
        """The number of the first answer that is not stored, and all from there on."""
        answers = hunt.transcript
        told = self.told.get(hunt.number, answers[:0])
        both = min(len(told), len(answers))  # fewer than were stored, where it is told them still
        if not np.array_equal(told[:both], answers[:both]):
            raise StoreError(
                f"the search of input {hunt.number} goes other ways than when its answers were "
                "stored: go on with the versions of certiball and NumPy that began it, or attack "
                "in a new folder"
            )
        return len(told), answers[len(told) :]
