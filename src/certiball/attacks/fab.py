"""Fast Adaptive Boundary attack: steps to the boundary of the linearised model, biased to x."""

from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

from certiball.attacks.gradient.closest import Closest, attack_closest
from certiball.attacks.gradient.hyperplane import Box, nearest_on_plane
from certiball.attacks.gradient.losses import gain, gains, toward
from certiball.attacks.gradient.projection import check_norm, sizes, steepest
from certiball.attacks.gradient.scene import Loss, Reply, Scene, aimed
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.numbers import as_whole
from certiball.spaces import Grid

MOST_BIAS = 0.1  # α_max: the largest weight of the step that begins at x
OVERSHOOT = 1.05  # η
BACKWARD = 0.9  # β: how much of the way from x an adversarial point keeps
LAST_SEARCHES = 3
BEYOND = 0.01  # of the rest of a segment, past where its boundary should be
TINY = 1e-30

Plane: TypeAlias = tuple[Tensor, Tensor]


@dataclass(frozen=True, kw_only=True)
class FAB:
    """Projects onto the closest class boundary of the linearised model (arXiv 1907.02044).

    Each step is a mean of two projections, from the point and from the clean input, whose weights
    their lengths decide; a point that became adversarial is drawn back towards the input.

    Args:
        norm: L2 or L∞, in which distance is minimised.
        steps: how many, for each target; each costs two forwards.
        targets: 0 for the closest of all boundaries, at a backward for each class; otherwise so
            many searches, each for the boundary to one of the classes that score best.
        enough: images with a point as close as that are left alone before the next target.

    Raises:
        InputError: for another norm, or numbers out of range.

    Example:
        >>> FAB(norm=Norm.LINF, targets=9).steps
        100
    """

    norm: Norm = Norm.L2
    steps: int = 100
    targets: int = 0
    enough: float = 0.0

    def __post_init__(self) -> None:
        check_norm("FAB", self.norm)
        if as_whole("steps", self.steps) < 1:
            raise InputError(f"steps must be at least 1, not {self.steps}")
        if as_whole("targets", self.targets) < 0:
            raise InputError(f"targets must be at least 0, not {self.targets}")
        if not self.enough >= 0:
            raise InputError(f"enough must be at least 0, not {self.enough}")

    __call__ = attack_closest

    def approach(self, scene: Scene, owners: Tensor, closest: Closest) -> None:
        """One search of each image, or one for each of its targets."""
        if self.targets and scene.targets is None:
            for scene_of_target in aimed(scene, owners, self.targets):
                left = owners[closest.distances[owners] > self.enough]
                self._search(scene_of_target, left, closest, _gain)
        else:
            self._search(scene, owners, closest, gains)
        _last_search(scene, owners[closest.distances[owners].isfinite()], closest)

    def _search(self, scene: Scene, owners: Tensor, closest: Closest, loss: Loss) -> None:
        clean = scene.clean(owners)
        points = scene.first(owners)
        for _ in range(self.steps):
            if scene.spent(owners):
                break
            asked = scene.nearest(points)
            reply = scene.ask(asked, owners, loss)
            closest.take(asked, owners, reply.met)
            plane = _plane(reply, asked, self.norm)
            moved = self._stepped(scene.box, clean, points, plane)
            asked = scene.nearest(moved + _spare(scene, self.norm) * steepest(self.norm, plane[0]))
            met = scene.met(asked, owners)
            closest.take(asked, owners, met)
            points = torch.where(met[:, None], clean + BACKWARD * (moved - clean), moved)

    def _stepped(self, box: Box, clean: Tensor, points: Tensor, plane: Plane) -> Tensor:
        """The mean of the overshot projections of the points and of the clean inputs."""
        normal, offset = plane  # ⟨normal, z⟩ + offset = 0
        ours, theirs = (
            nearest_on_plane(ends, normal, offset + (normal * ends).sum(1), box, self.norm) - ends
            for ends in (points, clean)
        )
        one, other = sizes(self.norm, ours), sizes(self.norm, theirs)
        bias = (one / (one + other).clamp(min=TINY)).clamp(max=MOST_BIAS)
        step = (1 - bias) * (points + OVERSHOOT * ours) + bias * (clean + OVERSHOOT * theirs)
        return step.clamp(*box)


def _spare(scene: Scene, norm: Norm) -> float:
    """How much farther a point is asked about, so that rounding it to a grid undoes no step.

    Half a level brings every coordinate to the next in L∞; in L2 the errors of rounding add up to
    a third of a level along the normal, as often to one side as to the other.
    """
    if not isinstance(scene.space, Grid):
        return 0.0
    return scene.unit * (1.0 if norm is Norm.L2 else 0.5)


def _plane(reply: Reply, asked: Tensor, norm: Norm) -> Plane:
    """The closest of each point's linearised boundaries: normal [m, d], offset [m] at 0."""
    dual = 2.0 if norm is Norm.L2 else 1.0
    lengths = torch.linalg.vector_norm(reply.slopes, ord=dual, dim=2)
    far = torch.where(lengths > 0, reply.values.abs() / lengths.clamp(min=TINY), torch.inf)
    which = far.argmin(0)
    rows = torch.arange(len(which), device=which.device)
    normal = reply.slopes[which, rows]
    return normal, reply.values[which, rows] - (normal * asked).sum(1)


def _gain(scores: Tensor, labels: Tensor, targets: Tensor | None) -> Tensor:
    """The target's gain as one of one, [1, m]."""
    return gain(scores, labels, labels if targets is None else targets)[None]


def _last_search(scene: Scene, owners: Tensor, closest: Closest) -> None:
    """Shorten each point: where a line through the margins at both ends crosses 0 (§2.4)."""
    if not len(owners):
        return
    near, far = scene.clean(owners), closest.points[owners]
    (_, below), (_, above) = (_judged(scene, ends, owners) for ends in (near, far))
    for _ in range(LAST_SEARCHES):
        share = (below / (below - above)).nan_to_num(0.5).clamp(0, 1)
        share = (share + BEYOND * (1 - share))[:, None]
        middle = scene.nearest(near + share * (far - near))
        met, margins = _judged(scene, middle, owners)
        closest.take(middle, owners, met)
        near, far = torch.where(met[:, None], near, middle), torch.where(met[:, None], middle, far)
        below, above = torch.where(met, below, margins), torch.where(met, margins, above)


def _judged(scene: Scene, points: Tensor, owners: Tensor) -> tuple[Tensor, Tensor]:
    """Which points are adversarial [m], and their margins [m]."""
    scores = scene.scores(points, owners)
    targets = None if scene.targets is None else scene.targets[owners]
    margins = toward(scores, scene.labels[owners], targets)
    return scene.says(scores, owners), margins.double()
