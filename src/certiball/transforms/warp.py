"""Images seen through moving places, and how far such an image moves with its parameter.

A warp with parameter a shows at each pixel q what the bilinear image u (transforms/bilinear.py)
has at the place p_q(a). u is continuous and, in every cell, Lipschitz with the cell's steepness.

**How far φ(a) is from φ(c), for |a − c| ≤ h.** Say no place moves further than m_q from p_q(c).
Then all of them, and the straight line from p_q(c) to p_q(a), lie in the square of half side m_q
around p_q(c). Along that line u changes by at most m_q times the largest steepness G_q of a cell
that the square meets: the line is cut into finitely many pieces, each in one closed cell. So

    ‖φ(a) − φ(c)‖₂ ≤ √(Σ_q (m_q G_q)²).

**Floating point.** Places and values are computed in float64. A place is off by less than
2⁻⁴⁶ (H + W) pixels, for it is a few products of numbers below H + W, of a sine and a cosine, or a
quotient; u turns that into less than its steepness, ≤ 4 max|u| √C, times as much, and its own sums
into a few 2⁻⁵² max|u|. `doubt` is 2⁻⁴⁰ (H + W + 1) max|u| √d for all d numbers together, far more.
"""

import math
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from certiball.transforms.bilinear import bilinear, steepness

FLOATS = 2.0**-40


@runtime_checkable
class Warp(Protocol):
    """Where each pixel of a warped image comes from, for every parameter of an interval."""

    @property
    def interval(self) -> tuple[float, float]:
        """The least and the greatest parameter."""
        ...

    def places(self, parameters: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
        """Rows and columns, float64 [n, H, W] each, for parameters [n]."""
        ...

    def motion(self, parameters: Tensor, change: float, height: int, width: int) -> Tensor:
        """How far each place moves at most, [n, H, W], if a parameter [n] changes by so much."""
        ...


def warped(images: Tensor, warp: Warp, parameters: Tensor) -> Tensor:
    """Images [n, H, W] or [n, C, H, W], each warped by its parameter [n]."""
    rows, columns = warp.places(parameters, *images.shape[-2:])
    return bilinear(images, rows, columns)


def drift(image: Tensor, warp: Warp, parameters: Tensor, change: float) -> Tensor:
    """Bounds [n] on ‖φ(a) − φ(c)‖₂, for each c of the parameters [n] and |a − c| ≤ change.

    Args:
        image: [H, W] or [C, H, W], float64.
        warp: what is done to it.
        parameters: float64.
        change: ≥ 0.
    """
    height, width = image.shape[-2:]
    motion = warp.motion(parameters, change, height, width)
    places = warp.places(parameters, height, width)
    margin = motion + FLOATS * (height + width)
    steepest = _largest_around(steepness(image), *places, margin)
    return (motion * steepest).square().sum((1, 2)).sqrt() * (1 + FLOATS)


def doubt(image: Tensor) -> float:
    """How far a warped image, computed in float64, may be from the exact one in L2."""
    size = image.shape[-1] + image.shape[-2] + 1
    return FLOATS * size * float(image.abs().max()) * math.sqrt(image.numel())


def _largest_around(cells: Tensor, rows: Tensor, columns: Tensor, margin: Tensor) -> Tensor:
    """The largest value of the cells that each square of half side `margin` meets."""
    last = [size - 1 for size in cells.shape]
    ends = [
        ((place + 1 + sign * margin).floor().clamp(0, most).long())
        for place, most in zip((rows, columns), last, strict=True)
        for sign in (-1, 1)
    ]
    top, bottom, left, right = ends
    found = cells[top, left]
    for i in range(int((bottom - top).max()) + 1):
        for j in range(int((right - left).max()) + 1):
            beside = cells[torch.minimum(top + i, bottom), torch.minimum(left + j, right)]
            found = torch.maximum(found, beside)
    return found
