"""Gaussian augmentation: the loss of arXiv 1902.02918, section 3.3."""

import math
from dataclasses import dataclass

import torch
from torch import nn

from certiball.errors import InputError


@dataclass(frozen=True, kw_only=True)
class GaussianLoss:
    """Cross-entropy of f(x + σε), ε standard normal.

    Noise is added in the units of the data, before the model normalises, and is not clipped: as
    in certification.

    Args:
        sigma: standard deviation of the noise; train at the σ that is certified.

    Raises:
        InputError: if sigma is not finite and positive.

    Example:
        >>> loss = GaussianLoss(sigma=0.25)
        >>> x, y = torch.zeros(4, 2), torch.zeros(4, dtype=torch.int64)
        >>> float(loss(nn.Identity(), x, y, torch.Generator().manual_seed(0))) > 0
        True
    """

    sigma: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.sigma) and self.sigma > 0):
            raise InputError(f"sigma must be finite and > 0, not {self.sigma}: .25 is usual")

    def __call__(
        self,
        model: nn.Module,
        batch: torch.Tensor,
        labels: torch.Tensor,
        generator: torch.Generator,
    ) -> torch.Tensor:
        """The mean loss of a batch, shape (); inputs (n, …), labels (n,)."""
        noise = torch.empty_like(batch).normal_(generator=generator)
        return nn.functional.cross_entropy(model(batch + self.sigma * noise), labels)
