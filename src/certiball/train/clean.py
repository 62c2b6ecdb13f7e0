"""Training without noise: what the undefended network of a comparison has had."""

from dataclasses import dataclass

import torch
from torch import nn


@dataclass(frozen=True, kw_only=True)
class CleanLoss:
    """Cross-entropy of f(x).

    Example:
        >>> x, y = torch.zeros(4, 2), torch.zeros(4, dtype=torch.int64)
        >>> round(float(CleanLoss()(nn.Identity(), x, y, torch.Generator())), 4)  # log 2
        0.6931
    """

    def __call__(
        self,
        model: nn.Module,
        batch: torch.Tensor,
        labels: torch.Tensor,
        generator: torch.Generator,
    ) -> torch.Tensor:
        """The mean loss of a batch, shape (); inputs (n, …), labels (n,)."""
        return nn.functional.cross_entropy(model(batch), labels)
