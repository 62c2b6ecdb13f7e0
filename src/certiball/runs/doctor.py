"""The pre-flight: what can be wrong with a model and its data before a long run."""

from collections.abc import Iterator

import numpy as np
import torch

from certiball.certification.meaning import (
    VIEWS_RANDOMNESS,
    arithmetic_means,
    is_sound,
    seed_means,
)
from certiball.certification.plan import Plan
from certiball.claim import Bound, Claim, is_usual
from certiball.classifiers.backend import backend
from certiball.datasets import Dataset
from certiball.errors import CertiballError, ModelError
from certiball.laws.reals_only import only_in_reals
from certiball.runs.accuracy import clean_accuracy, noisy_accuracy
from certiball.runs.agreement import agreement, autocast, pictures
from certiball.runs.constancy import eval_mode, rebatched, repeats
from certiball.runs.finding import Finding, Level
from certiball.runs.fitness import feasible, input_range, labels, noise_scale, output, speed
from certiball.runs.patient import Patient
from certiball.samplers.streams import fresh_seed
from certiball.sampling import misfits_explained
from certiball.smoothed import Smoothed, clean_batch, encode

LOOKED_AT = 64  # inputs that are tried
COPIES = 64  # noisy copies of each
ANSWER_ALL = "have the model answer every input, alone and in any batch, however noisy"


def diagnose(
    g: Smoothed, dataset: Dataset, claim: Claim, plan: Plan, count: int, *, chosen: bool = False
) -> Iterator[Finding]:
    """All checks in order; after a failed one, those that build on it are left out.

    What the model raises amid a check is a failed one too.

    Args:
        g: the smoothed classifier.
        dataset: the data.
        claim: of the run that is asked for, under the law and space of g.
        plan: of the run that is asked for.
        count: how many inputs it is to have.
        chosen: whether its seed is to be chosen.
    """
    try:
        patient = admit(g, dataset)
        with misfits_explained(patient.batch.shape[1:]):
            yield from _checks(patient, claim, plan, count, chosen=chosen)
    except CertiballError as error:
        raised = isinstance(error, ModelError) and error.__cause__ is not None
        yield Finding(
            check="model and data",
            level=Level.FAIL,
            text=str(error),
            remedy=ANSWER_ALL if raised else "",
        )


def _checks(
    patient: Patient, claim: Claim, plan: Plan, count: int, *, chosen: bool
) -> Iterator[Finding]:
    found = [eval_mode(patient), output(patient), labels(patient)]
    yield from found
    yield noise_scale(patient)
    yield noise_mode(claim)
    yield seed_policy(claim, chosen)
    yield feasible(patient, claim, plan)
    if any(finding.level is Level.FAIL for finding in found):
        return
    yield (again := repeats(patient))
    constant = again.level is not Level.FAIL
    if constant:
        yield (beside := rebatched(patient))
        constant = beside.level is not Level.FAIL
    yield input_range(patient)
    yield clean_accuracy(patient)
    yield noisy_accuracy(patient, claim.rule)
    if constant:  # else another label says nothing
        yield from otherwise(patient)
    yield speed(patient, plan, count)


def admit(g: Smoothed, dataset: Dataset) -> Patient:
    """Some inputs, evenly from the whole data set.

    Raises:
        InputError: if an input does not belong to the space.
    """
    chosen = np.unique(np.linspace(0, len(dataset) - 1, LOOKED_AT).astype(int)).tolist()
    items = {number: dataset[number] for number in chosen}
    inputs = {number: encode(g.space, item[0][None])[0] for number, item in items.items()}
    stacked = np.stack(list(inputs.values()))
    return Patient(
        g=g,
        dataset=dataset,
        inputs=inputs,
        labels={number: item[1] for number, item in items.items()},
        batch=torch.from_numpy(clean_batch(g, stacked)),
        key=fresh_seed(),
        copies=COPIES,
    )


def otherwise(patient: Patient) -> Iterator[Finding]:
    """What becomes of labels where the model is deployed in another way than it is certified."""
    yield autocast(patient)
    yield pictures(patient)
    if not is_usual(backend(patient.g.classifier)):
        yield agreement(patient)


def noise_mode(claim: Claim) -> Finding:
    """Which arithmetic noise is added in, and what that means."""
    sound = is_sound(claim)
    helpless = sound or only_in_reals(claim.law)
    return Finding(
        check="arithmetic",
        level=Level.OK if sound else Level.WARN,
        text=arithmetic_means(claim),
        remedy="" if helpless else "where inputs are whole numbers of steps, say so with --space",
    )


def seed_policy(claim: Claim, chosen: bool) -> Finding:
    """Who settles the random numbers, and what that means."""
    if claim.bound is Bound.EXACT:
        return Finding(check="seed", level=Level.OK, text=VIEWS_RANDOMNESS)
    return Finding(
        check="seed",
        level=Level.WARN if chosen else Level.OK,
        text=seed_means(chosen=chosen),
        remedy="leave --seed out" if chosen else "",
    )
