"""From what a user wants to a campaign's specification, and to the means of carrying it out."""

import math
from dataclasses import dataclass, replace
from typing import Any

from certiball.attacks.epsilons import check_epsilons
from certiball.attacks.judging.judgement import Level
from certiball.attacks.oracle import BaseOracle, Oracle, SmoothedOracle
from certiball.campaigns.execute import Means
from certiball.campaigns.spec import CampaignSpec, Subject, Target
from certiball.claim import Draw
from certiball.datasets import Dataset
from certiball.errors import InputError
from certiball.runs.identity import data_id, model_id
from certiball.runs.items import list_items
from certiball.runs.spec import ModelId


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """What is to be attacked, and how.

    Args:
        attack: of any kind; its fields are part of the specification.
        name: of it, for people.
        oracle: what is deployed; points are judged on it.
        asked: what the attack asks, where that is another: the base classifier for gradients.
        max_queries: questions about one input, at most; None for the attack's own end.
        epsilon: the largest distance of interest; None for the least.
        level: how points are judged afterwards.
    """

    attack: Any
    name: str
    oracle: Oracle
    asked: Oracle | None = None
    max_queries: int | None = None
    epsilon: float | None = None
    level: Level = Level()  # noqa: RUF009 (frozen)


def subject_of(
    oracle: Oracle, dataset: Dataset, name: str, *, every: int = 1, first: int | None = None
) -> Subject:
    """What is attacked: the model by its digest, the inputs by theirs.

    Args:
        oracle: of the model.
        dataset: of the inputs.
        name: of the model, for people; an endpoint is known by nothing else.
        every: take every so-manieth input.
        first: of these, the first so many.

    Raises:
        InputError: if the data lives elsewhere than the oracle's inputs, or nothing is selected.
    """
    if dataset.space != oracle.space:
        raise InputError(
            f"{dataset.name} lives on {dataset.space}, and the model on {oracle.space}: give both "
            "the same units, with --space if need be"
        )
    data = data_id(dataset, every=every, first=first)
    if isinstance(oracle, SmoothedOracle):
        oracle.g.law.seen(data.shape)  # refuses a law that is for other inputs
        model = model_id(oracle.g.classifier, name, oracle.space, oracle.g.law.seen(data.shape))
    elif isinstance(oracle, BaseOracle):
        model = model_id(oracle.classifier, name, oracle.space, data.shape)
    else:
        model = ModelId(name=name, digest=None, classes=oracle.num_classes, backend="endpoint")
    return Subject(model=model, data=data, space=repr(dataset.space))


def specify(job: Job, subject: Subject) -> CampaignSpec:
    """What the campaign is going to do.

    Raises:
        InputError: if a number is out of range, or ε in other units than the inputs'.
    """
    dimension = math.prod(subject.data.shape)
    epsilon = getattr(job.attack, "epsilon", job.epsilon)  # some have it as a parameter
    check_epsilons(epsilon, job.attack.norm, job.oracle.space, dimension)
    return CampaignSpec(
        subject=subject,
        target=_target(job.oracle),
        name=job.name,
        attack=repr(job.attack),
        norm=job.attack.norm,
        max_queries=job.max_queries,
        epsilon=job.epsilon,
        level=job.level,
    )


def means_of(job: Job, dataset: Dataset, subject: Subject, draw: Draw) -> Means:
    """The attack, and oracles whose noise is that of the campaign's seed.

    Raises:
        InputError: if a label is none of the model's classes.
    """
    data = subject.data
    deployed = _seeded(job.oracle, draw)
    return Means(
        attack=job.attack,
        asked=deployed if job.asked is None else _seeded(job.asked, draw),
        deployed=deployed,
        dataset=dataset,
        items=list_items(
            dataset, classes=subject.model.classes, every=data.every, first=data.first
        ),
    )


def _target(oracle: Oracle) -> Target:
    if isinstance(oracle, SmoothedOracle):
        return Target(law=repr(oracle.g.law), n=oracle.n, frozen=oracle.frozen)
    # One answer about a point proves all where it is always the same, and nothing where it is not.
    return Target(frozen=not isinstance(oracle, BaseOracle) and not oracle.random)


def _seeded(oracle: Oracle, draw: Draw) -> Oracle:
    if isinstance(oracle, SmoothedOracle):
        return replace(oracle, seed=draw.seed)
    return oracle
