"""Carrying a campaign out: the search of each input, stored as it goes, and then its verdict.

Inputs go in waves, so that results come in and memory is bounded. Whatever stops a search, the
answers that it had are stored, and the next attempt tells it the same before it asks for more.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from certiball.attacks.attacked import Attacked, shown
from certiball.attacks.criterion import Criterion, Misclassification
from certiball.attacks.judging.verify import verify_attacked
from certiball.attacks.oracle import Oracle
from certiball.attacks.search.hunt import UNLIMITED
from certiball.attacks.search.scheduler import advance, gather, hunts_of, key_of, tasks_of
from certiball.campaigns.begin import Campaign
from certiball.campaigns.keep import Keeper
from certiball.campaigns.outcomes import found_by, outcomes_of, verdicts_of
from certiball.campaigns.rows import Outcome
from certiball.campaigns.tables import (
    read_answers,
    read_outcomes,
    read_verdicts,
    write_inputs,
    write_outcomes,
    write_verdicts,
)
from certiball.datasets import Dataset
from certiball.errors import StoreError
from certiball.runs.environment import Facts, changes, environment
from certiball.runs.items import Item
from certiball.runs.store import transaction
from certiball.shapes import Array, Batch, Labels
from certiball.smoothed import encode
from certiball.spaces import Grid

WAYS = ("certiball", "numpy")  # whose versions the ways of a search hang on
WAVE = 128  # inputs that are attacked at once: enough for full batches


@dataclass(frozen=True, kw_only=True, eq=False)
class Means:
    """What a campaign is carried out with; its specification says the same in words.

    Args:
        attack: of any kind: a search by queries, or one that computes gradients.
        asked: what the attack asks, with noise of the campaign's seed.
        deployed: what points are judged on: the same, or the smoothed classifier where gradients
            are of the base classifier.
        dataset: where inputs come from.
        items: the inputs, in order.
    """

    attack: Any
    asked: Oracle
    deployed: Oracle
    dataset: Dataset
    items: Sequence[Item]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a campaign is.

    Args:
        done: inputs that have their verdict.
        total: inputs that are to be attacked.
        underway: questions that this attempt has asked about inputs that have none yet.
        rate: questions per second.
    """

    done: int
    total: int
    underway: int
    rate: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Wave:
    """Some inputs that are attacked together.

    Args:
        numbers: in the data set.
        clean: encoded [n, ...].
        labels: of them [n].
    """

    numbers: tuple[int, ...]
    clean: Batch
    labels: Labels

    @property
    def criterion(self) -> Criterion:
        """What is adversarial: any other class."""
        return Misclassification(self.labels)

    @property
    def inputs(self) -> dict[int, tuple[int, Array]]:
        """Label and encoded input, by number."""
        pairs = zip(self.labels.tolist(), self.clean, strict=True)
        return dict(zip(self.numbers, pairs, strict=True))


def carry_out(
    campaign: Campaign, means: Means, tell: Callable[[Progress], None] = lambda progress: None
) -> None:
    """Attack every input that has no verdict yet.

    Args:
        campaign: begun.
        means: the attack, the oracles and the data.
        tell: is told how far it is, every second or so.

    Raises:
        EndpointError: if an endpoint fails; the same campaign goes on later.
        ModelError: if the classifier's answers are not votes, or it raises.
        StoreError: if what is stored does not fit, or cannot be written.
    """
    shape, levels = campaign.spec.subject.data.shape, isinstance(means.dataset.space, Grid)
    place = (campaign.connection, campaign.row.id, shape)
    verdicts = {each.input for each in read_verdicts(*place, levels=levels)}
    todo = [item for item in means.items[: campaign.row.planned] if item.input not in verdicts]
    clock = Clock(total=campaign.row.planned, done=campaign.row.planned - len(todo), tell=tell)
    for start in range(0, len(todo), WAVE):
        items = todo[start : start + WAVE]
        found = {each.input: each for each in read_outcomes(*place, levels=levels)}
        wave = _wave(means, items)
        if any(number not in found for number in wave.numbers):
            with transaction(campaign.connection):
                write_inputs(campaign.connection, wave.inputs)
            _attack(campaign, means, wave, clock)
            found = {each.input: each for each in read_outcomes(*place, levels=levels)}
        _judge(campaign, means, wave, [found[number] for number in wave.numbers])
        clock.finished(len(items))


@dataclass(kw_only=True, eq=False)
class Clock:
    """Counts what this attempt does, and tells of it.

    Args:
        total: inputs.
        done: those with a verdict.
        tell: whom.
    """

    total: int
    done: int
    tell: Callable[[Progress], None]
    queries: int = 0
    underway: int = 0

    def __post_init__(self) -> None:
        self._begun = time.monotonic()

    def asked(self, queries: int) -> None:
        """So many more questions were answered."""
        self.queries += queries
        self.underway += queries
        self._say()

    def finished(self, inputs: int) -> None:
        """So many more inputs have their verdict."""
        self.done += inputs
        self.underway = 0
        self._say()

    def _say(self) -> None:
        rate = self.queries / max(time.monotonic() - self._begun, 1e-9)
        self.tell(Progress(done=self.done, total=self.total, underway=self.underway, rate=rate))


def _wave(means: Means, items: Sequence[Item]) -> Wave:
    clean = encode(means.dataset.space, np.stack([means.dataset[item.input][0] for item in items]))
    labels = np.array([item.label for item in items])
    return Wave(numbers=tuple(item.input for item in items), clean=clean, labels=labels)


def _attack(campaign: Campaign, means: Means, wave: Wave, clock: Clock) -> None:
    space = means.dataset.space
    if hasattr(means.attack, "search"):
        found = _searched(campaign, means, wave, clock)
    else:  # by gradients: it is done as a whole, or again
        found = means.attack(
            means.asked,
            shown(space, wave.clean),
            wave.criterion,
            epsilons=campaign.spec.epsilon,
            seed=campaign.draw.seed,
            numbers=wave.numbers,
        )
    with transaction(campaign.connection):
        write_outcomes(
            campaign.connection, campaign.row.id, outcomes_of(space, wave.numbers, found)
        )


def _searched(campaign: Campaign, means: Means, wave: Wave, clock: Clock) -> Attacked:
    spec, attack = campaign.spec, means.attack
    classes = spec.subject.model.classes if attack.answers == "shares" else None
    pieces = {
        number: read_answers(campaign.connection, campaign.row.id, number, classes)
        for number in wave.numbers
    }
    told = {number: np.concatenate(each) for number, each in pieces.items() if each}
    if told:
        _check_versions(campaign.row.environment)
    budget = UNLIMITED if spec.max_queries is None else spec.max_queries
    key = key_of(attack, campaign.draw.seed)
    space = means.dataset.space
    tasks = tasks_of(space, wave.clean, wave.criterion, key, budget, numbers=wave.numbers)
    hunts = hunts_of(attack, means.asked, tasks, wave.numbers, told)
    keeper = Keeper(campaign=campaign, told=told)
    try:
        for _ in advance(means.asked, hunts, wave.criterion):
            if keeper.due():
                clock.asked(keeper.keep(hunts))
    finally:  # an interruption, an endpoint that failed: nothing that was answered is lost
        clock.asked(keeper.keep(hunts))
    return gather(attack, means.asked, wave.clean, hunts)


def _check_versions(begun: Facts) -> None:
    """Refuse to tell answers to a search that may go other ways: it would ask other questions.

    Raises:
        StoreError: if certiball or NumPy is another version than the campaign was begun with.
    """
    now = environment()
    found = changes(
        *({name: facts.get(name, "unknown") for name in WAYS} for facts in (begun, now))
    )
    if found:
        raise StoreError(
            f"this attack was interrupted under other versions ({'; '.join(found)}), and its "
            "answers may be those to other questions: go on with the versions that began it, or "
            "attack in a new folder"
        )


def _judge(campaign: Campaign, means: Means, wave: Wave, outcomes: Sequence[Outcome]) -> None:
    space, spec = means.dataset.space, campaign.spec
    verified = verify_attacked(
        means.deployed,
        shown(space, wave.clean),
        wave.criterion,
        found_by(space, spec.norm, outcomes),
        level=spec.level,
        numbers=wave.numbers,
    )
    with transaction(campaign.connection):
        verdicts = verdicts_of(space, wave.numbers, verified)
        write_verdicts(campaign.connection, campaign.row.id, verdicts)
