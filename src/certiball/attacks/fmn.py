"""Fast minimum-norm attack: the radius of a ball shrinks while it holds an adversarial point."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from certiball.attacks.gradient.closest import Closest, attack_closest
from certiball.attacks.gradient.losses import toward
from certiball.attacks.gradient.projection import check_norm, projected, sizes, steepest
from certiball.attacks.gradient.scene import Reply, Scene
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.numbers import as_whole

LAST_STEP, LAST_GAMMA = 0.01, 0.02  # shares of the first that the last have
TINY = 1e-30  # of the norm of a gradient


@dataclass(frozen=True, kw_only=True)
class FMN:
    """Gradient steps projected onto a ball whose radius adapts (arXiv 2102.12827, algorithm 1).

    While the point is adversarial the radius shrinks by a factor 1 − γ, and while it is not it
    grows by 1 + γ; before the first success it is what the linearised model needs.

    Args:
        norm: L2 or L∞, in which distance is minimised.
        steps: how many, each a forward and a backward.
        step: the length of the first, in L2, in the units of the space; it falls to a hundredth
            by a cosine.
        gamma: by how much the radius changes at first; it falls to a fiftieth likewise.

    Raises:
        InputError: for another norm, or numbers out of range.

    Example:
        >>> FMN(norm=Norm.LINF, steps=50).gamma
        0.05
    """

    norm: Norm = Norm.L2
    steps: int = 100
    step: float = 1.0
    gamma: float = 0.05

    def __post_init__(self) -> None:
        check_norm("FMN", self.norm)
        if as_whole("steps", self.steps) < 1:
            raise InputError(f"steps must be at least 1, not {self.steps}")
        if not (self.step > 0 and math.isfinite(self.step)):
            raise InputError(f"step must be finite and > 0, not {self.step}")
        if not 0 < self.gamma < 1:
            raise InputError(f"gamma must be between 0 and 1, not {self.gamma}")

    __call__ = attack_closest

    def approach(self, scene: Scene, owners: Tensor, closest: Closest) -> None:
        """One search of each image."""
        clean = scene.clean(owners)
        points = scene.first(owners)
        radii = torch.full_like(clean[:, 0], torch.inf)
        for number in range(self.steps):
            if scene.spent(owners):
                break
            asked = scene.nearest(points)
            reply = scene.ask(asked, owners, toward)
            closest.take(asked, owners, reply.met)
            radii = self._radii(radii, points - clean, reply, closest.distances[owners], number)
            pace = self.step * _cosine(number / self.steps, LAST_STEP)
            deltas = points + pace * steepest(Norm.L2, reply.slopes) - clean
            points = (clean + projected(self.norm, deltas, radii)).clamp(*scene.box)
        asked = scene.nearest(points)
        closest.take(asked, owners, scene.met(asked, owners))

    def _radii(
        self, radii: Tensor, deltas: Tensor, reply: Reply, best: Tensor, number: int
    ) -> Tensor:
        """The radii [m] of the balls for the next step."""
        gamma = self.gamma * _cosine(number / self.steps, LAST_GAMMA)
        dual = 2.0 if self.norm is Norm.L2 else 1.0
        slope = torch.linalg.vector_norm(reply.slopes, ord=dual, dim=1)
        needed = sizes(self.norm, deltas)[:, 0] - reply.values / slope.clamp(min=TINY)
        # That may fall short where the box cuts steps off; then the ball grows all the same, as
        # it does after a success. What only touches the boundary may hold no adversarial float.
        least = torch.where(radii.isfinite(), radii, needed)
        grown = (1 + gamma) * torch.where(best.isfinite(), least, torch.maximum(least, needed))
        return torch.where(reply.met, torch.minimum(radii * (1 - gamma), best), grown)


def _cosine(part: float, last: float) -> float:
    """From 1 to `last` as `part` goes from 0 to 1."""
    return last + (1 - last) * (1 + math.cos(math.pi * part)) / 2
