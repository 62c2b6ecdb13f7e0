"""White-box attacks that look for the closest adversarial point: how they are called and end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from certiball.attacks.attacked import Attacked, History, Status, shown, within
from certiball.attacks.criterion import Criterion, Wanted, criterion_of
from certiball.attacks.epsilons import Epsilons, check_epsilons
from certiball.attacks.gradient.gradients import Gradients, classifier_of
from certiball.attacks.gradient.projection import sizes
from certiball.attacks.gradient.scene import Scene
from certiball.attacks.oracle import Oracle, Questions
from certiball.attacks.search.scheduler import budget_of
from certiball.attacks.search.start import starts_of
from certiball.attacks.units import length_between, plain
from certiball.balls import Norm
from certiball.certification.smooth import draw_seed
from certiball.errors import InputError
from certiball.shapes import Array, Batch
from certiball.smoothed import Inputs, encode


class Closest:
    """The closest adversarial points of n images so far.

    Attributes:
        points: rounded, [n, d]; the images themselves where there is none.
        distances: of them [n]; ∞ where there is none.
        histories: of each image, (forwards, distance) whenever its point changed.
    """

    def __init__(self, scene: Scene, norm: Norm) -> None:
        self.scene = scene
        self.norm = norm
        everyone = torch.arange(len(scene.encoded), device=scene.gradients.device)
        self.points = scene.clean(everyone)
        self.distances = torch.full_like(self.points[:, 0], torch.inf)
        self.histories: list[History] = [() for _ in everyone]

    def take(self, points: Tensor, owners: Tensor, met: Tensor) -> Tensor:
        """Keep points [m, d], rounded, that are adversarial and closer; which were kept [m]."""
        lengths = sizes(self.norm, points - self.scene.clean(owners))[:, 0]
        better = met & (lengths < self.distances[owners])
        self.points[owners[better]] = points[better]
        self.distances[owners[better]] = lengths[better]
        for owner in owners[better].tolist():
            spent = int(self.scene.gradients.forwards[owner])
            self.histories[owner] += ((spent, float(self.distances[owner])),)
        return better


@runtime_checkable
class ClosestAttack(Protocol):
    """A white-box attack that minimises the distance."""

    @property
    def norm(self) -> Norm:
        """In which it measures."""
        ...

    def approach(self, scene: Scene, owners: Tensor, closest: Closest) -> None:
        """Look for points closer to the images `owners` [m], none of them misclassified."""
        ...


def attack_closest(  # noqa: PLR0913 (the parts of one question, each named)
    attack: ClosestAttack,
    model: Oracle,
    inputs: Inputs,
    criterion: Wanted,
    *,
    epsilons: Epsilons = None,
    starting_points: Inputs | None = None,
    max_queries: int | None = None,
    seed: int | None = None,
    numbers: Sequence[int] | None = None,
) -> Attacked:
    """Look for the closest adversarial point of each input by gradients; attacks are called so.

    What was found is asked about once more, as it will be shown, before it counts.

    Args:
        attack: how to look; as a method of one, itself.
        model: a `BaseOracle` of a TorchClassifier.
        inputs: clean inputs [n, ...] of its space.
        criterion: the labels [n] to leave, or a criterion.
        epsilons: one radius, several, or None for none: what counts as a success.
        starting_points: points [n, ...] to begin at, adversarial or not.
        max_queries: gradients (backwards) of each image, at most: the search ends there, with the
            best so far. Forwards are counted and not limited. None for the attack's own end.
        seed: of the attack's own randomness; None for some that nobody chose.
        numbers: of the inputs, which their randomness hangs on; by default 0, 1, ….

    Raises:
        InputError: for inputs, labels, ε or points that do not fit the model, or a model without
            gradients or with noise.
    """
    scene = scene_of(model, inputs, criterion, starting_points, seed, max_queries, numbers)
    refuse_random(model)
    check_epsilons(epsilons, attack.norm, model.space, scene.encoded[0].size)
    judge = Judge(model=model, scene=scene)
    wrong = judge(scene.encoded, np.arange(len(scene.encoded)))
    closest = Closest(scene, attack.norm)
    standing = torch.from_numpy(np.flatnonzero(~wrong)).to(scene.gradients.device)
    if len(standing):
        attack.approach(scene, standing, closest)
    return within(concluded(scene, closest, judge, wrong), model.space, inputs, epsilons)


def refuse_random(model: Oracle) -> None:
    """Refuse noise, on which an attack that believes single answers would overfit.

    Raises:
        InputError: with what to give instead.
    """
    if model.random:
        raise InputError(
            f"a {type(model).__name__} answers at random, and this attack believes every answer: "
            "give BaseOracle(g.classifier, g.space) for the base classifier's boundary, or take "
            "an attack on smoothed classifiers, such as EOTPGD"
        )


def scene_of(  # noqa: PLR0913 (what the public calls name)
    model: Oracle,
    inputs: Inputs,
    criterion: Wanted,
    starting_points: Inputs | None,
    seed: int | None,
    max_queries: int | None = None,
    numbers: Sequence[int] | None = None,
) -> Scene:
    """What white-box attacks are told.

    Raises:
        InputError: for inputs, labels or points that do not fit the model, or a model without
            gradients.
    """
    classifier = classifier_of(model)
    encoded = encode(model.space, inputs)
    wanted = criterion_of(criterion, len(encoded), model.num_classes)
    gradients = Gradients(classifier, images=len(encoded), most=budget_of(max_queries))
    starts = None
    if starting_points is not None:
        starts = _flat(gradients, model, starts_of(model.space, starting_points, encoded))
    targets = wanted.targets()
    return Scene(
        gradients=gradients,
        space=model.space,
        criterion=wanted,
        encoded=encoded,
        starts=starts,
        labels=_labels(gradients, model, wanted, encoded),
        targets=None if targets is None else torch.from_numpy(targets).to(gradients.device),
        seed=draw_seed(seed).seed,
        numbers=np.arange(len(encoded)) if numbers is None else np.array(numbers),
    )


def _flat(gradients: Gradients, model: Oracle, held: Batch) -> Tensor:
    values = plain(model.space, held)
    return torch.from_numpy(values.reshape(len(values), -1)).to(gradients.device)


def _labels(gradients: Gradients, model: Oracle, criterion: Criterion, encoded: Batch) -> Tensor:
    """The classes [n] to leave; where none is known, what the model says of the clean input."""
    labels = torch.from_numpy(criterion.labels()).to(gradients.device)
    unknown = torch.nonzero(labels < 0)[:, 0]
    if len(unknown):
        seen = shown(model.space, encoded[unknown.cpu().numpy()])
        answers = gradients.scores(gradients.tensor(seen), unknown).argmax(1)
        labels = labels.index_put((unknown,), answers)
    return labels


@dataclass(frozen=True, kw_only=True, eq=False)
class Judge:
    """Asks the model itself what was found: by its own backend and in its own precision.

    Args:
        model: that is asked.
        scene: the images, their numbers and what counts as adversarial.
        times: how often each point is asked about; what more than half say counts.
    """

    model: Oracle
    scene: Scene
    times: int = 1

    def __call__(self, points: Batch, owners: Array, first: int = 0) -> Array:
        """Whether encoded points [m, ...] are adversarial, by answers from number `first` on."""
        rows = np.repeat(owners, self.times)
        numbers = np.tile(np.arange(first, first + self.times), len(owners))
        questions = Questions(
            points=np.repeat(points, self.times, axis=0),
            owners=self.scene.numbers[rows],
            numbers=numbers,
        )
        labels = self.model.counts(questions).argmax(axis=1)
        met = self.scene.criterion.met(labels, rows).reshape(-1, self.times)
        found: Array = 2 * met.sum(axis=1) > self.times
        return found

    @property
    def forwards(self) -> int:
        """What one judgement costs."""
        return self.times * self.model.forwards


def concluded(scene: Scene, closest: Closest, judge: Judge, wrong: Array) -> Attacked:
    """What came of a search, after the model itself has been asked.

    Args:
        scene: of the attack.
        closest: what it found.
        judge: who is asked.
        wrong: which clean inputs [n] are misclassified.
    """
    clean, norm, space = scene.encoded, closest.norm, scene.space
    points = clean.copy()
    found = np.flatnonzero(~wrong & closest.distances.isfinite().cpu().numpy())
    forwards = scene.gradients.forwards + judge.forwards
    confirmed = np.zeros(len(clean), dtype=bool)
    if len(found):
        points[found] = scene.decode(closest.points)[found]
        confirmed[found] = judge(points[found], found, first=judge.times)
        forwards[found] += judge.forwards
    points[~confirmed] = clean[~confirmed]
    distance = np.where(wrong, 0.0, np.inf)
    for place in np.flatnonzero(confirmed):
        distance[place] = length_between(space, clean[place], points[place], norm)
    raw = shown(space, points)
    spent = scene.gradients.spent(torch.arange(len(clean)))
    return Attacked(
        norm=norm,
        raw=raw,
        clipped=raw,
        success=np.isfinite(distance),
        queries=np.zeros(len(clean), dtype=np.int64),
        forwards=forwards,
        backwards=scene.gradients.backwards,
        distance=distance,
        status=tuple(map(status_of, wrong.tolist(), confirmed.tolist(), spent.tolist())),
        history=tuple(closest.histories),
    )


def status_of(wrong: bool, found: bool, spent: bool) -> Status:
    """What became of an image that was misclassified, has a point, or has no gradients left."""
    if wrong:
        return Status.MISCLASSIFIED
    if found:
        return Status.FOUND
    return Status.BUDGET if spent else Status.NOT_FOUND
