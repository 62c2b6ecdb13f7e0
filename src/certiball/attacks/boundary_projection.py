"""Boundary Projection: few gradient steps that first leave the class and then walk its boundary."""

from dataclasses import dataclass

import torch
from torch import Tensor

from certiball.attacks.gradient.closest import Closest, attack_closest
from certiball.attacks.gradient.losses import toward
from certiball.attacks.gradient.projection import sizes, steepest
from certiball.attacks.gradient.scene import Scene
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.numbers import as_whole
from certiball.spaces import Grid

BISECTIONS = 7  # for the length that a point has after rounding
LEAST_STEP = 0.1  # across the boundary, where a shorter one may be rounded away


@dataclass(frozen=True, kw_only=True)
class BoundaryProjection:
    """Stage 1 walks along the gradient until the point is adversarial, stage 2 shortens it.

    In stage 2 an adversarial point moves within its tangent plane to a length that is smaller by
    γ, and any other moves along the gradient to one that is greater by 1/γ; γ grows to 1 from
    step to step (arXiv 1912.02153, §4). On a `Grid` each step is rounded to it, as images are.

    Args:
        steps: K, 20 to 100, each a forward and a backward.
        gamma_min: the first γ: .7 for digits, .3 for photographs.
        alpha: the length of stage 1's steps as a multiple of γ, in the units of the space.

    Raises:
        InputError: for numbers out of range.

    Example:
        >>> BoundaryProjection(steps=20).gamma(10)
        0.8428571428571429
    """

    steps: int = 100
    gamma_min: float = 0.7
    alpha: float = 1.0

    def __post_init__(self) -> None:
        if as_whole("steps", self.steps) < 1:
            raise InputError(f"steps must be at least 1, not {self.steps}")
        if not 0 < self.gamma_min < 1:
            raise InputError(f"gamma_min must be between 0 and 1, not {self.gamma_min}")
        if not 0 < self.alpha < float("inf"):
            raise InputError(f"alpha must be finite and > 0, not {self.alpha}")

    __call__ = attack_closest

    @property
    def norm(self) -> Norm:
        """L2."""
        return Norm.L2

    def gamma(self, step: int) -> float:
        """γ of a step, from γ_min towards 1."""
        return self.gamma_min + (1 - self.gamma_min) * step / (self.steps + 1)

    def approach(self, scene: Scene, owners: Tensor, closest: Closest) -> None:
        """One walk of each image."""
        clean = scene.clean(owners)
        points = scene.nearest(scene.first(owners))
        for number in range(self.steps):
            if scene.spent(owners):
                break
            reply = scene.ask(points, owners, toward)
            closest.take(points, owners, reply.met)
            way = steepest(Norm.L2, reply.slopes)
            gamma = self.gamma(number)
            entered = closest.distances[owners].isfinite()
            leaving = points + self.alpha * gamma * way
            across = _across(scene, points - clean, way, gamma)
            along = _along(scene, clean, points - clean, way, gamma)
            refined = torch.where(reply.met[:, None], along, points + across)
            points = scene.nearest(torch.where(entered[:, None], refined, leaving))
        closest.take(points, owners, scene.met(points, owners))


def _across(scene: Scene, deltas: Tensor, way: Tensor, gamma: float) -> Tensor:
    """The steps [m, d] along the gradient that end at ‖δ‖/γ."""
    p = -(deltas * way).sum(1)
    squares = (deltas * deltas).sum(1)
    b = p + (squares / gamma**2 - squares + p * p).clamp(min=0).sqrt()
    # The published floor is for images of 256 levels; where nothing is rounded none is needed.
    least = LEAST_STEP if isinstance(scene.space, Grid) else 0.0
    return b.clamp(min=least)[:, None] * way


def _along(scene: Scene, clean: Tensor, deltas: Tensor, way: Tensor, gamma: float) -> Tensor:
    """The points [m, d] of length γ‖δ‖, after rounding, that stay on the tangent plane.

    A plane that is farther away than that has no such point. The article's formula then stays at
    the plane's point closest to x, for ever where the boundary is flat; here it is shortened to
    the length that is wanted, and the next step finds out whether that was too short.
    """
    goal = gamma * sizes(Norm.L2, deltas)
    normal = (deltas * way).sum(1, keepdim=True)
    reachable = normal.abs() <= goal
    foot = way * torch.where(reachable, normal, goal * normal.sign())
    rest = torch.where(reachable, deltas - normal * way, 0.0)
    low, high = torch.zeros_like(goal), torch.ones_like(goal)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        long = sizes(Norm.L2, scene.nearest(clean + foot + middle * rest) - clean) > goal
        low, high = torch.where(long, low, middle), torch.where(long, middle, high)
    return clean + foot + low * rest
