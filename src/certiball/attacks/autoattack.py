"""The ensembles that are known as AutoAttack: each attack on the images that still stand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeAlias

import numpy as np
import torch

from certiball.attacks.apgd import APGD
from certiball.attacks.attacked import Attacked
from certiball.attacks.criterion import Wanted
from certiball.attacks.epsilons import Epsilons, check_epsilons
from certiball.attacks.fab import FAB
from certiball.attacks.gradient.at_radius import Best
from certiball.attacks.gradient.attempt import Attempt
from certiball.attacks.gradient.closest import Closest, Judge, scene_of
from certiball.attacks.gradient.projection import check_norm
from certiball.attacks.gradient.scene import Scene
from certiball.attacks.gradient.scored import ScoredOracle, check_pictures
from certiball.attacks.gradient.settle import settled
from certiball.attacks.oracle import Oracle
from certiball.attacks.search.hunt import CHECKS
from certiball.attacks.search.scheduler import advance, hunts_of, tasks_of
from certiball.attacks.square import Square
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.numbers import as_whole
from certiball.samplers.streams import run_key
from certiball.shapes import Array
from certiball.smoothed import Inputs

Member: TypeAlias = APGD | FAB | Square
VERSIONS = ("standard", "rand")
FIRST_SQUARES = 0.8  # of a picture: the ensemble begins with larger ones than Square alone


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What one attack of an ensemble did.

    Args:
        attack: its name.
        epsilon: the radius.
        tried: images that stood before it.
        broken: images of them that it found an adversarial point of.
        accuracy: the share of all images that stand after it.
    """

    attack: str
    epsilon: float
    tried: int
    broken: int
    accuracy: float

    def __str__(self) -> str:
        return (
            f"ε = {self.epsilon:.4g}, {self.attack}: broke {self.broken} of {self.tried}, "
            f"accuracy {self.accuracy:.2%}"
        )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class EnsembleAttacked(Attacked):
    """The result of an ensemble: `Attacked`, all counts summed over its attacks.

    Args:
        stages: what each attack did at each ε, in the order in which they ran.
    """

    stages: tuple[Stage, ...]


@dataclass(frozen=True, kw_only=True)
class AutoAttack:
    """Attacks one after the other, each on the images that still stand (arXiv 2003.01690, §6).

    "standard" is for models without noise: APGD on the cross-entropy, targeted APGD on DLR,
    targeted FAB, and Square on the scores. "rand" is for random ones: APGD on the cross-entropy
    and on DLR, with gradients that are means over several answers.

    DLR is not defined for few classes: of 3 the targeted attack is replaced by the one without
    targets, of 2 it is left out. An image counts as broken only when the model itself calls the
    rounded point adversarial: a random one by more than half of 15 fresh answers, which is no
    proof. `verify_attacked` gives one.

    Args:
        norm: L∞ or L2.
        version: "standard" or "rand".
        steps: of APGD and FAB.
        targets: classes that targeted attacks aim at, at most.
        queries: of Square, for each image and ε, the one about the clean picture included.
        draws: answers that "rand" takes the mean gradient of.

    Raises:
        InputError: for another norm or version, or numbers out of range.

    Example:
        >>> [type(each).__name__ for each in AutoAttack().members(10, 8 / 255)]
        ['APGD', 'APGD', 'FAB', 'Square']
        >>> [each.loss for each in AutoAttack(version="rand").members(10, 8 / 255)]
        ['ce', 'dlr']
    """

    norm: Norm = Norm.LINF
    version: str = "standard"
    steps: int = 100
    targets: int = 9
    queries: int = 5000
    draws: int = 20

    def __post_init__(self) -> None:
        check_norm("AutoAttack", self.norm)
        if self.version not in VERSIONS:
            raise InputError(f"version must be {' or '.join(VERSIONS)}, not {self.version!r}")
        for name in ("steps", "targets", "queries", "draws"):
            if as_whole(name, getattr(self, name)) < 1:
                raise InputError(f"{name} must be at least 1, not {getattr(self, name)}")

    def members(self, classes: int, epsilon: float) -> tuple[Member, ...]:
        """The attacks on a model of so many classes at one ε, in their order."""
        draws = self.draws if self.version == "rand" else 1
        ce = APGD(norm=self.norm, steps=self.steps, draws=draws)
        dlr = APGD(norm=self.norm, steps=self.steps, draws=draws, loss="dlr")
        if self.version == "rand":
            return (ce, dlr) if classes >= 3 else (ce,)
        targets = min(self.targets, classes - 1)
        targeted = APGD(norm=self.norm, steps=self.steps, loss="dlr", targets=targets)
        fab = FAB(norm=self.norm, steps=self.steps, targets=targets, enough=epsilon)
        square = Square(norm=self.norm, epsilon=epsilon, share=FIRST_SQUARES, queries=self.queries)
        by_classes = {2: (), 3: (dlr,)}
        return (ce, *by_classes.get(classes, (targeted,)), fab, square)

    def __call__(  # noqa: PLR0913 (the parts of one question, each named)
        self,
        model: Oracle,
        inputs: Inputs,
        criterion: Wanted,
        *,
        epsilons: Epsilons,
        starting_points: Inputs | None = None,
        max_queries: int | None = None,
        seed: int | None = None,
        numbers: Sequence[int] | None = None,
        tell: Callable[[Stage], object] | None = None,
    ) -> EnsembleAttacked:
        """Attack each input at ε.

        Args:
            model: a `BaseOracle` of a TorchClassifier; of "rand" a `SmoothedOracle` too, whose
                noise is then added to what the gradients are taken of.
            inputs: clean pictures [n, C, H, W] or [n, H, W] of its space; of "rand" any inputs.
            criterion: the labels [n] to leave, or a criterion.
            epsilons: one radius, or several.
            starting_points: points [n, ...] to begin at, for those attacks that can.
            max_queries: gradients and questions of Square about each image, together over all
                attacks and ε, at most; None for the attacks' own ends.
            seed: of the attacks' randomness; None for some that nobody chose.
            numbers: of the inputs, which their randomness hangs on; by default 0, 1, ….
            tell: is given each stage as it ends; `print` will do.

        Raises:
            InputError: for inputs, labels or ε that do not fit the model, a model without
                gradients, or one with noise where the version is "standard".
        """
        if epsilons is None:
            raise InputError(
                "AutoAttack asks which images fall within a ball: give epsilons=8/255, or take "
                "FAB or FMN for the closest points"
            )
        scene = scene_of(model, inputs, criterion, starting_points, seed, max_queries, numbers)
        if self.version == "standard" and model.random:
            raise InputError(
                f"a {type(model).__name__} answers at random, and the standard ensemble believes "
                'every answer: take AutoAttack(version="rand"), or EOTPGD'
            )
        limits = check_epsilons(epsilons, self.norm, model.space, scene.encoded[0].size)
        if self.version == "standard":
            check_pictures(scene)
        ensemble = _Ensemble(self, model, scene)
        found = {limit: ensemble.play(limit, tell) for limit in sorted(limits)}
        judged = ensemble.judged
        base = ensemble.best.attacked(judged, [found[limit] for limit in limits], epsilons, inputs)
        values = {field.name: getattr(base, field.name) for field in fields(base)}
        values["queries"] = ensemble.queries
        return EnsembleAttacked(**values, stages=tuple(ensemble.stages))


class _Ensemble:
    """The images under attack by one ensemble.

    Attributes:
        best: what was found so far.
        judged: forwards that judging took [n].
        queries: of Square [n].
        stages: what each attack did.
    """

    def __init__(self, attack: AutoAttack, model: Oracle, scene: Scene) -> None:
        self.attack = attack
        self.scene = scene
        times = CHECKS if attack.version == "rand" else 1
        self.judge = Judge(model=model, scene=scene, times=times)
        everyone = np.arange(len(scene.encoded))
        self.best = Best(scene, attack.norm, self.judge(scene.encoded, everyone))
        self.judged = np.full(len(everyone), self.judge.forwards)
        self.asked = times  # so many questions about every image
        self.queries = np.zeros(len(everyone), dtype=np.int64)
        self.stages: list[Stage] = []

    def play(self, epsilon: float, tell: Callable[[Stage], object] | None) -> tuple[Array, Array]:
        """All attacks at one radius: the points, and which images have one."""
        for member in self.attack.members(self.judge.model.num_classes, epsilon):
            standing = np.flatnonzero(np.isinf(self.best.distances))
            spent = self.scene.gradients.spent(torch.from_numpy(standing))
            able = standing[~spent]
            if len(able):
                self._confirm(able, self._points(member, able, epsilon), epsilon)
            left = int(np.isinf(self.best.distances).sum())
            stage = Stage(
                attack=_name(member),
                epsilon=epsilon,
                tried=len(standing),
                broken=len(standing) - left,
                accuracy=left / len(self.best.distances),
            )
            self.stages.append(stage)
            if tell is not None:
                tell(stage)
        return self.best.taken()

    def _confirm(self, owners: Array, points: Array, epsilon: float) -> None:
        """Keep the points [m, ...] that the model itself calls adversarial, rounded into ε."""
        clean = self.scene.encoded[owners]
        radii = np.full(len(owners), epsilon)
        ends = settled(self.scene.space, clean, points, self.attack.norm, radii)
        met = self.judge(ends, owners, first=self.asked)
        self.judged[owners] += self.judge.forwards
        self.asked += self.judge.times
        self.best.take(owners[met], ends[met])

    def _points(self, member: Member, owners: Array, epsilon: float) -> Array:
        """What one attack comes by, [m, ...], adversarial or not."""
        if isinstance(member, Square):
            return self._by_square(member, owners)
        scene = self.scene
        rows = torch.from_numpy(owners).to(scene.gradients.device)
        if isinstance(member, FAB):
            closest = Closest(scene, member.norm)
            member.approach(scene, rows, closest)
            points = closest.points[rows]
        else:
            points = member.walk(
                Attempt(
                    model=self.judge.model,
                    scene=scene,
                    owners=rows,
                    norm=member.norm,
                    radii=torch.full_like(rows, epsilon, dtype=torch.float64),
                    rngs=scene.generators(member, rows),
                    number=0,
                )
            )
        values: Array = points.cpu().numpy()
        return values.reshape(-1, *scene.encoded.shape[1:])

    def _by_square(self, square: Square, owners: Array) -> Array:
        scene = self.scene
        key = run_key(scene.seed, f"attack\n{square!r}")
        tasks = tasks_of(
            scene.space,
            scene.encoded,
            scene.criterion,
            key,
            square.queries,
            None,
            scene.numbers.tolist(),
        )
        oracle = ScoredOracle(scene)
        every = hunts_of(square, oracle, tasks)
        left = (scene.gradients.most - scene.gradients.backwards).tolist()
        tasks = [
            replace(task, budget=min(task.budget, most))
            for task, most in zip(tasks, left, strict=True)
        ]
        every = hunts_of(square, oracle, tasks)
        hunts = [every[owner] for owner in owners]
        for _ in advance(oracle, hunts, scene.criterion):
            pass
        asked = np.array([hunt.queries for hunt in hunts])
        self.queries[owners] += asked
        scene.gradients.most[owners] -= asked  # of one budget
        return np.stack([hunt.task.x if hunt.best is None else hunt.best for hunt in hunts])


def _name(member: Member) -> str:
    """As users of the ensemble know it: APGD-CE, APGD-DLR-T, FAB-T, Square."""
    loss = f"-{member.loss.upper()}" if isinstance(member, APGD) else ""
    aimed = "-T" if not isinstance(member, Square) and member.targets else ""
    return f"{type(member).__name__}{loss}{aimed}"
