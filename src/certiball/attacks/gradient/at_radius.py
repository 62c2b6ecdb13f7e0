"""White-box attacks within a ball of given radius: how they are called, and how they end."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

from certiball.attacks.attacked import Attacked, History, shown
from certiball.attacks.criterion import Wanted
from certiball.attacks.epsilons import Epsilons, are_several, check_epsilons, widest
from certiball.attacks.gradient.attempt import Attempt
from certiball.attacks.gradient.closest import Judge, scene_of, status_of
from certiball.attacks.gradient.scene import Scene
from certiball.attacks.oracle import Oracle
from certiball.attacks.search.hunt import CHECKS
from certiball.attacks.units import length_between
from certiball.balls import Norm
from certiball.shapes import Array, Batch
from certiball.smoothed import Inputs
from certiball.spaces import Grid, Reals

FIRST = 1 / 32  # of the widest radius: where the search for the smallest ball begins
PRECISION = 0.01  # at which it ends, as a share of the radius
ROUNDS = 24  # of it, at most; where the space has no bounds it gives up then


@runtime_checkable
class RadiusAttack(Protocol):
    """A white-box attack that looks for an adversarial point in a ball."""

    @property
    def norm(self) -> Norm:
        """Of the ball."""
        ...

    @property
    def restarts(self) -> int:
        """Attempts at each image, until one succeeds."""
        ...

    def walk(self, attempt: Attempt) -> Tensor:
        """The best point of each image that one attempt comes by, [m, d]."""
        ...


def attack_at_radius(  # noqa: PLR0913 (the parts of one question, each named)
    attack: RadiusAttack,
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
    """Look for an adversarial point of each input in its ball of ε; attacks are called so.

    Points are rounded as a deployment rounds them, inside of ε, and the model itself is asked
    about them before they count. A point found in a smaller ball counts in the larger ones.

    Args:
        attack: how to look; as a method of one, itself.
        model: a `BaseOracle` or `SmoothedOracle` of a TorchClassifier.
        inputs: clean inputs [n, ...] of its space.
        criterion: the labels [n] to leave, or a criterion.
        epsilons: one radius, several, or None for the smallest in which the attack succeeds.
        starting_points: points [n, ...] to begin the first attempt at.
        max_queries: gradients (backwards) of each image, at most: the search ends there, with the
            best so far. Forwards are counted and not limited. None for the attack's own end.
        seed: of the attack's own randomness; None for some that nobody chose.
        numbers: of the inputs, which their randomness hangs on; by default 0, 1, ….

    Raises:
        InputError: for inputs, labels, ε or points that do not fit the model, or a model without
            gradients.
    """
    scene = scene_of(model, inputs, criterion, starting_points, seed, max_queries, numbers)
    limits = check_epsilons(epsilons, attack.norm, model.space, scene.encoded[0].size)
    check = Judge(model=model, scene=scene, times=CHECKS if model.random else 1)
    wrong = check(scene.encoded, np.arange(len(scene.encoded)))
    rounds = Rounds(attack, model, scene, check)
    best = Best(scene, attack.norm, wrong)
    if epsilons is None:
        _smallest(rounds, best)
        return best.attacked(rounds.judged, [best.taken()], epsilons, inputs)
    by_radius = {}
    for limit in sorted(limits):
        standing = np.flatnonzero(np.isinf(best.distances))
        rounds.play(best, standing, np.full(len(standing), limit))
        by_radius[limit] = best.taken()
    return best.attacked(rounds.judged, [by_radius[limit] for limit in limits], epsilons, inputs)


class Best:
    """The closest adversarial points of n images so far.

    Attributes:
        points: encoded [n, ...]; the images themselves where there is none.
        distances: of them [n], rounded up; ∞ where there is none.
        histories: of each image, (forwards, distance) whenever its point changed.
    """

    def __init__(self, scene: Scene, norm: Norm, wrong: Array) -> None:
        self.scene = scene
        self.norm = norm
        self.wrong = wrong
        self.points = scene.encoded.copy()
        self.distances = np.where(wrong, 0.0, np.inf)
        self.histories: list[History] = [() for _ in wrong]

    def take(self, owners: Array, ends: Batch) -> None:
        """Keep adversarial points that are closer than those before."""
        scene = self.scene
        for owner, end in zip(owners, ends, strict=True):
            distance = length_between(scene.space, scene.encoded[owner], end, self.norm)
            if distance < self.distances[owner]:
                self.points[owner], self.distances[owner] = end, distance
                spent = int(scene.gradients.forwards[owner])
                self.histories[owner] += ((spent, distance),)

    def taken(self) -> tuple[Batch, Array]:
        """The points so far as the model sees them, and which images have one."""
        return shown(self.scene.space, self.points.copy()), np.isfinite(self.distances)

    def attacked(
        self,
        judged: Array,
        found: list[tuple[Batch, Array]],
        epsilons: Epsilons,
        inputs: Inputs,
    ) -> Attacked:
        """The result as callers asked for it: by ε, and in tensors if they gave some.

        Args:
            judged: forwards that judging took [n].
            found: for each ε the points and which images have one, as `taken`.
            epsilons: as the caller gave them.
            inputs: likewise.
        """
        kind: Any = torch.from_numpy if isinstance(inputs, Tensor) else np.asarray
        raw = [kind(points) for points, _ in found]
        success = np.stack([each for _, each in found])
        several = are_several(epsilons)
        met = np.isfinite(self.distances)
        spent = self.scene.gradients.spent(torch.arange(len(self.points)))
        return Attacked(
            norm=self.norm,
            raw=raw if several else raw[0],
            clipped=raw if several else raw[0],
            success=success if several else success[0],
            queries=np.zeros(len(self.points), dtype=np.int64),
            forwards=self.scene.gradients.forwards + judged,
            backwards=self.scene.gradients.backwards,
            distance=self.distances,
            status=tuple(map(status_of, self.wrong.tolist(), met.tolist(), spent.tolist())),
            history=tuple(self.histories),
        )


class Rounds:
    """Attempts at images in balls, each judged by the model itself.

    Attributes:
        judged: forwards that judging took [n].
    """

    def __init__(self, attack: RadiusAttack, model: Oracle, scene: Scene, check: Judge) -> None:
        self.attack = attack
        self.scene = scene
        self.judge = Judge(model=model, scene=scene)
        self.judged = np.full(len(scene.encoded), check.forwards)
        everyone = torch.arange(len(scene.encoded))
        # By the attack's name: with more restarts the first ones stay as they are.
        self.rngs = scene.generators(type(attack).__name__, everyone)
        self.asked = check.times  # so many questions about every image; the next has that number

    def play(self, best: Best, owners: Array, radii: Array) -> Array:
        """One round at images [m] in balls [m], all attempts of it; which succeeded [m]."""
        met = np.zeros(len(owners), dtype=bool)
        for number in range(self.attack.restarts):
            left = np.flatnonzero(~met & ~self.scene.gradients.spent(torch.from_numpy(owners)))
            if len(left):
                met[left] = self._attempt(best, owners[left], radii[left], number)
            self.asked += 1  # by all alike: an image's noise does not hang on the others
        return met

    def _attempt(self, best: Best, owners: Array, radii: Array, number: int) -> Array:
        device = self.scene.gradients.device
        attempt = Attempt(
            model=self.judge.model,
            scene=self.scene,
            owners=torch.from_numpy(owners).to(device),
            norm=self.attack.norm,
            radii=torch.from_numpy(radii).to(device),
            rngs=[self.rngs[owner] for owner in owners],
            number=number,
        )
        every = torch.arange(len(owners), device=device)
        ends = attempt.ends(self.attack.walk(attempt), every)
        met = self.judge(ends, owners, first=self.asked)
        self.judged[owners] += self.judge.forwards
        best.take(owners[met], ends[met])
        return met


def _smallest(rounds: Rounds, best: Best) -> None:
    """Search for the smallest radius of each image: double it, then bisect.

    Success is taken to be monotone in the radius, which of an attack it need not be: what is found
    is a point at its distance, and no bound.
    """
    scene, norm = rounds.scene, best.norm
    dimension = scene.encoded[0].size
    limit = widest(norm, scene.space, dimension)
    spread = widest(norm, _spread(scene), dimension)
    finest = scene.unit if norm is Norm.LINF and isinstance(scene.space, Grid) else 0.0
    low = np.zeros(len(scene.encoded))
    radii = np.full(len(scene.encoded), FIRST * spread)
    for _ in range(ROUNDS):
        high = best.distances
        close = np.maximum(PRECISION * high, 1.001 * finest)
        undecided = np.isinf(high) | (high - low > close)
        spent = scene.gradients.spent(torch.arange(len(low)))
        owners = np.flatnonzero(~best.wrong & undecided & (low < limit) & ~spent)
        if not len(owners):
            return
        met = rounds.play(best, owners, radii[owners])
        failed = owners[~met]
        low[failed] = radii[failed]
        found = np.isfinite(best.distances)
        radii = np.where(found, (low + best.distances) / 2, np.minimum(2 * radii, limit))


def _spread(scene: Scene) -> Reals:
    """What the images span, where their space has no bounds."""
    low, high = scene.space.bounds
    if np.isfinite(high - low):
        return Reals(low=low, high=high)
    least = float(scene.encoded.min())
    return Reals(low=least, high=max(float(scene.encoded.max()), least + 1.0))
