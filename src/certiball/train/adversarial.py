"""PGD training: the loss of arXiv 1706.06083, equation 2.1, a saddle point."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from certiball.attacks.epsilons import check_epsilons
from certiball.attacks.gradient.projection import check_norm, projected, steepest
from certiball.attacks.pgd import USUAL, log_odds
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.spaces import Space


@dataclass(frozen=True, kw_only=True)
class AdversarialLoss:
    """Cross-entropy at the worst point of each input's ball that a few steps of PGD find.

    Each search begins at a random point of the ball. While it lasts the model is in eval mode, so
    that its batch statistics are those of what it is trained on and no others.

    Args:
        norm: of the balls, L2 or L∞.
        epsilon: their radius, in the units of the data.
        space: where inputs live; points are kept in its bounds.
        steps: gradients of each search, of 2.5 ε/steps.

    Raises:
        InputError: for another norm or numbers out of range.

    Example:
        >>> from certiball.spaces import Grid
        >>> loss = AdversarialLoss(norm=Norm.L2, epsilon=0.5, space=Grid.uint8())
        >>> x, y = torch.full((4, 2), 0.5), torch.zeros(4, dtype=torch.int64)
        >>> there = float(loss(nn.Identity(), x, y, torch.Generator().manual_seed(0)))
        >>> there > float(nn.functional.cross_entropy(x, y))
        True
    """

    norm: Norm
    epsilon: float
    space: Space
    steps: int = 7

    def __post_init__(self) -> None:
        check_norm("PGD training", self.norm)
        if self.steps < 1:
            raise InputError(f"steps must be at least 1, not {self.steps}")
        if not 0 < self.epsilon < math.inf:
            raise InputError(f"epsilon must be finite and > 0, not {self.epsilon}: 8/255 is usual")

    def __call__(
        self,
        model: nn.Module,
        batch: Tensor,
        labels: Tensor,
        generator: torch.Generator,
    ) -> Tensor:
        """The mean loss of a batch, shape (); inputs (n, …), labels (n,)."""
        worst = self.worst(model, batch, labels, generator)
        return nn.functional.cross_entropy(model(worst), labels)

    def worst(
        self,
        model: nn.Module,
        batch: Tensor,
        labels: Tensor,
        generator: torch.Generator,
    ) -> Tensor:
        """The points (n, …) that the search ends at: the last, as in the article, not the best.

        Raises:
            InputError: if ε is so large that it must be in other units.
        """
        check_epsilons(self.epsilon, self.norm, self.space, batch[0].numel())
        with _in_eval_mode(model):
            points = self._inside(batch, self.epsilon * _uniform(self.norm, batch, generator))
            for _ in range(self.steps):
                points = self._stepped(model, batch, labels, points)
        return points

    def __str__(self) -> str:
        return f"PGD of {self.steps} steps within {self.epsilon:g} in {self.norm}"

    def _stepped(self, model: nn.Module, batch: Tensor, labels: Tensor, points: Tensor) -> Tensor:
        leaf = points.detach().requires_grad_()
        (slopes,) = torch.autograd.grad(log_odds(model(leaf), labels, None).sum(), leaf)
        stride = self.epsilon * USUAL / self.steps
        radii = torch.full_like(labels, self.epsilon, dtype=batch.dtype)
        deltas = points - batch + stride * steepest(self.norm, slopes)
        return self._inside(batch, projected(self.norm, deltas, radii))

    def _inside(self, batch: Tensor, deltas: Tensor) -> Tensor:
        return (batch + deltas).clamp(*self.space.bounds)


@contextmanager
def _in_eval_mode(model: nn.Module) -> Iterator[None]:
    training = [part for part in model.modules() if part.training]
    model.eval()
    try:
        yield
    finally:
        for part in training:
            part.training = True


def _uniform(norm: Norm, batch: Tensor, generator: torch.Generator) -> Tensor:
    """Perturbations (n, …) drawn uniformly from balls of radius 1, on the generator's device."""
    if norm is Norm.LINF:
        return torch.empty_like(batch).uniform_(-1, 1, generator=generator)
    directions = steepest(norm, torch.empty_like(batch).normal_(generator=generator))
    places = torch.empty_like(batch.flatten(1)[:, 0]).uniform_(generator=generator)
    lengths = places ** (1 / batch[0].numel())  # the volume within r grows as r^d
    return directions * lengths.view(-1, *(1,) * (batch.ndim - 1))
