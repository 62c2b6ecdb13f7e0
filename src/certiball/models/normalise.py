"""Normalisation as a layer, so that noise is added in the space of the data."""

import torch
from torch import nn


class Normalise(nn.Module):
    """(x − mean) / std for each channel.

    The two are part of the architecture, not of the weights: they are in no state dict.

    Example:
        >>> layer = Normalise(mean=(0.5,), std=(0.25,))
        >>> float(layer(torch.ones(1, 1, 1, 1)))
        2.0
    """

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, *, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean)[:, None, None], persistent=False)
        self.register_buffer("std", torch.tensor(std)[:, None, None], persistent=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The normalised batch, shape (n, C, H, W)."""
        return (x - self.mean) / self.std

    def extra_repr(self) -> str:
        """The numbers, so that two printed models differ where these do."""
        mean, std = (numbers.flatten().tolist() for numbers in (self.mean, self.std))
        return f"mean={mean}, std={std}"
