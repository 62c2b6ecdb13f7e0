"""What attacks found, as a study holds it: one breach for each input that was attacked."""

import math
from dataclasses import dataclass

from certiball.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Breach:
    """How close an adversarial point of one input is, as far as attacks have shown.

    Args:
        index: the input's place in the data set.
        verified: distance of the closest adversarial point that fresh noise confirmed, in the
            norm of the certificates, rounded up; 0 where the input itself is misclassified, ∞
            where nothing was confirmed.
        claimed: of the closest that an attack took for adversarial; ∞ where none did.
        attack: the one that found the confirmed point; None where there is none.

    Raises:
        InputError: if a distance is negative or not a number.
    """

    index: int
    verified: float
    claimed: float
    attack: str | None = None

    def __post_init__(self) -> None:
        for distance in (self.verified, self.claimed):
            if math.isnan(distance) or distance < 0:
                raise InputError(f"input {self.index}: a distance must be ≥ 0, not {distance}")


@dataclass(frozen=True, kw_only=True)
class AttackRow:
    """What one attack did to all of its inputs.

    Args:
        name: of the attack.
        norm: in which it measures: distances here are in that norm.
        budget: queries that it might spend on an input; None for an attack that asks none.
        votes: of which an answer of the attacked model is the majority; 1 without noise.
        level: how often a confirmed point is answered adversarially, at least.
        alpha: how often one confirmation may be false, at most.
        planned: inputs that it is to attack.
        distances: claimed and confirmed for each input that it has attacked; ∞ for none, 0 for
            an input that was misclassified to begin with.
        misclassified: how many of them were.
        queries: spent on each of them.
    """

    name: str
    norm: str
    budget: int | None
    votes: int
    level: float
    alpha: float
    planned: int
    distances: tuple[tuple[float, float], ...]
    misclassified: int
    queries: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Attacks:
    """All attacks on a study's model.

    Args:
        rows: one for each attack.
        breaches: one for each input that was attacked, of all attacks the best.
        planned: how many inputs are to be attacked.
    """

    rows: tuple[AttackRow, ...]
    breaches: tuple[Breach, ...]
    planned: int
