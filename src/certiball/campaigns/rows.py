"""What a store of campaigns holds, as values: campaigns, what they came to, and verdicts."""

from dataclasses import dataclass

from certiball.attacks.attacked import History, Status
from certiball.campaigns.spec import CampaignSpec
from certiball.claim import Draw
from certiball.runs.environment import Facts
from certiball.shapes import Array


@dataclass(frozen=True, kw_only=True)
class Row:
    """A campaign as the store knows it.

    Args:
        id: its number in the store.
        spec: what it is going to do.
        draw: the seed of the attack and of the noise.
        planned: how many of the subject's inputs are to be attacked, from the first.
        environment: what it was begun with.
    """

    id: int
    spec: CampaignSpec
    draw: Draw
    planned: int
    environment: Facts


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcome:
    """What the attack came to for one input.

    Args:
        input: its number in the data set.
        status: what became of it.
        queries: questions asked.
        forwards: calls of the base classifier.
        backwards: gradients computed.
        distance: of the point; ∞ where none was found.
        history: (queries, distance) whenever the best point changed.
        point: encoded; the clean input where none was found.
    """

    input: int
    status: Status
    queries: int
    forwards: int
    backwards: int
    distance: float
    history: History
    point: Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Verdict:
    """What fresh noise confirmed for one input.

    Args:
        input: its number in the data set.
        level: a lower bound on how often the attack's own point is answered adversarially.
        distance: of the closest point that was verified, in the attack's norm; ∞ for none.
        forwards: calls of the base classifier that this took.
        point: that point, encoded; the clean input where there is none.
    """

    input: int
    level: float
    distance: float
    forwards: int
    point: Array
