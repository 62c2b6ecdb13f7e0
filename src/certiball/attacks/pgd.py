"""Projected gradient descent: steps along the gradient, back into the ball after each."""

import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from certiball.attacks.gradient.at_radius import attack_at_radius
from certiball.attacks.gradient.attempt import Attempt
from certiball.attacks.gradient.projection import check_norm, steepest
from certiball.balls import Norm
from certiball.errors import InputError

USUAL = 2.5  # radii that all steps together are long: enough to reach the boundary and turn there


@dataclass(frozen=True, kw_only=True)
class PGD:
    """Steps of steepest ascent of the cross-entropy within a ball (arXiv 1706.06083).

    The iterate with the largest loss among those that are adversarial is kept. With ε None the
    smallest ball in which it succeeds is searched for by bisection.

    Args:
        norm: L2 or L∞.
        steps: gradients for each attempt.
        rel_stepsize: length of a step as a share of ε; by default 2.5/steps.
        abs_stepsize: length of a step in the units of the inputs, instead.
        random_start: whether to begin at a random point of the ball, and not at the image.
        restarts: attempts at each image, until one succeeds.
        early_stop: whether to leave an image as soon as a point of it is adversarial.

    Raises:
        InputError: for another norm, numbers out of range, or restarts that would all be the same.

    Example:
        >>> PGD(norm=Norm.L2, steps=10, restarts=5).random_start
        True
    """

    norm: Norm = Norm.LINF
    steps: int = 40
    rel_stepsize: float | None = None
    abs_stepsize: float | None = None
    random_start: bool = True
    restarts: int = 1
    early_stop: bool = False

    def __post_init__(self) -> None:
        check_norm("PGD", self.norm)
        check_walk(self, self.restarts)
        if self.restarts > 1 and not self.random_start:
            raise InputError(
                f"{self.restarts} restarts from the same point are one: give random_start=True"
            )

    __call__ = attack_at_radius

    def walk(self, attempt: Attempt) -> Tensor:
        """The best point of each image that the steps come by, [m, d]."""
        strides = strides_of(self, attempt.radii)
        points = attempt.begin(self.random_start)
        best, won = points.clone(), torch.zeros_like(attempt.owners, dtype=torch.bool)
        highest = torch.full_like(attempt.radii, -torch.inf)
        rows = torch.arange(len(points), device=points.device)  # those that are not left yet
        for _ in range(self.steps):
            if attempt.scene.spent(attempt.owners[rows]):
                break
            here = points[rows]
            reply = attempt.ask(here, rows, log_odds)
            better = (reply.met & ~won[rows]) | (
                (reply.met == won[rows]) & (reply.values > highest[rows])
            )
            chosen = rows[better]
            best[chosen], won[chosen] = here[better], reply.met[better]
            highest[chosen] = reply.values[better]
            step = strides[rows] * steepest(self.norm, reply.slopes)
            points[rows] = attempt.moved(here + step, rows)
            if self.early_stop:
                stopped = _settled(attempt, rows, here, reply.met)
                best[rows[stopped]] = here[stopped]
                rows = rows[~stopped]
        last = rows[~won[rows]]  # of which the last point alone may be adversarial
        best[last] = points[last]
        return best


def _settled(attempt: Attempt, rows: Tensor, points: Tensor, met: Tensor) -> Tensor:
    """Which points are adversarial even when they have been rounded into the ball."""
    found = met.clone()
    if bool(met.any()):
        found[met] = attempt.won(points[met], rows[met])
    return found


@runtime_checkable
class Walk(Protocol):
    """An attack that walks in steps of one length."""

    @property
    def steps(self) -> int:
        """How many."""
        ...

    @property
    def rel_stepsize(self) -> float | None:
        """Their length as a share of ε."""
        ...

    @property
    def abs_stepsize(self) -> float | None:
        """Their length in the units of the inputs."""
        ...


def strides_of(walk: Walk, radii: Tensor) -> Tensor:
    """The length of a step in balls of radii [m], shaped [m, 1]; by default 2.5 ε/steps.

    Example:
        >>> strides_of(PGD(steps=10), torch.tensor([2.0]))
        tensor([[0.5000]])
    """
    if walk.abs_stepsize is not None:
        return torch.full_like(radii, walk.abs_stepsize)[:, None]
    share = USUAL / walk.steps if walk.rel_stepsize is None else walk.rel_stepsize
    return radii[:, None] * share


def check_walk(walk: Walk, restarts: int) -> None:
    """Refuse numbers that make no walk.

    Raises:
        InputError: naming them.
    """
    if walk.steps < 1 or restarts < 1:
        raise InputError(f"steps and restarts must be at least 1, not {walk.steps} and {restarts}")
    given = [each for each in (walk.rel_stepsize, walk.abs_stepsize) if each is not None]
    if len(given) > 1:
        raise InputError("give rel_stepsize or abs_stepsize, not both")
    if given and not (given[0] > 0 and math.isfinite(given[0])):
        raise InputError(f"a step must be finite and > 0, not {given[0]}")


def log_odds(scores: Tensor, labels: Tensor, targets: Tensor | None) -> Tensor:
    """The log-odds [m] against the label, or for the target.

    It grows with the cross-entropy log(1 + exp(log-odds)), so steps of fixed length are the same;
    but the slope of that vanishes where a network is sure, and this one's does not.

    Example:
        >>> log_odds(torch.tensor([[200.0, 0.0]]), torch.tensor([0]), None).tolist()
        [-200.0]
    """
    wanted = (labels if targets is None else targets)[:, None]
    own = scores.gather(1, wanted)[:, 0]
    others = scores.scatter(1, wanted, -torch.inf).logsumexp(1)
    return others - own if targets is None else own - others
