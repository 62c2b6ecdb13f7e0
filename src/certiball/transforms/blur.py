"""Gaussian blur that adds up exactly: the heat equation on the pixels.

Kernels that sample or average a Gaussian curve do not: blurring by a and then by b is not blurring
by a + b, up to .115 of full scale for a = b = .1 square pixels. Here e^(aΔ/2) is applied, Δ the
difference of a pixel from its neighbours, with mirrored edges. Its eigenvectors are the cosines of
the DCT-II, its eigenvalues −(2 − 2cos(πk/n)) along each axis, and exponentials do add up. Inside
of an image the kernel has variance a exactly.
"""

import math

import torch
from torch import Tensor

from certiball.errors import InputError
from certiball.transforms.amounts import per_pixel


def blur(images: Tensor, variance: Tensor) -> Tensor:
    """Blurred images.

    Variances add: blur by a, then by b, is blur by a + b, but for the rounding of floats.

    Args:
        images: [n, H, W] or [n, C, H, W], floats; or one for all variances, [1, …].
        variance: a ≥ 0 of each image, [n], in square pixels: the square of the blur's σ.

    Raises:
        InputError: if the shapes are others, or a variance is negative.

    Example:
        >>> import torch
        >>> point = torch.zeros(1, 1, 3).index_fill(2, torch.tensor(1), 1.0)
        >>> blur(point, torch.tensor([1.0]))
        tensor([[[0.2590, 0.4821, 0.2590]]])
    """
    every = images.expand(len(variance), *images.shape[1:]) if len(images) == 1 else images
    amount = per_pixel(variance, every)
    if (amount < 0).any():
        raise InputError(f"a blur's variance must be ≥ 0, not {float(amount.min())}")
    (down, vertical), (across, horizontal) = (_cosines(size, images) for size in images.shape[-2:])
    coefficients = down @ images @ across.T
    left = torch.exp(-amount * vertical[:, None] / 2) * torch.exp(-amount * horizontal / 2)
    rows = coefficients * left @ across
    return (rows.mT @ down).mT


def _cosines(size: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """The orthonormal DCT-II, [size, size], and what −Δ multiplies each of its rows by."""
    frequency = torch.arange(size, dtype=torch.float64) * (math.pi / size)
    place = torch.arange(size, dtype=torch.float64) + 0.5
    rows = torch.cos(frequency[:, None] * place) * math.sqrt(2 / size)
    rows[0] = math.sqrt(1 / size)
    return rows.to(like), (2 - 2 * torch.cos(frequency)).to(like)
