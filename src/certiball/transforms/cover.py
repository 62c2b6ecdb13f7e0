"""A few warped images near which all of an interval's lie: what they are, and how near."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from certiball.errors import InputError
from certiball.numbers import as_whole
from certiball.transforms.warp import FLOATS, Warp, doubt, drift, warped

FINE = 32  # parameters that are looked at around each point


@dataclass(frozen=True, kw_only=True, eq=False)
class Cover:
    """Points of an interval, and the images there.

    Args:
        parameters: of the points, float64 [points].
        images: float64 [points, …], as they will be certified.
        gaps: for each point, a bound on the L2 distance from its image to the exact warped image
            of every parameter that it stands for; these parameters are the whole interval.
    """

    parameters: Tensor
    images: Tensor
    gaps: tuple[float, ...]

    @property
    def gap(self) -> float:
        """The largest of them: M."""
        return max(self.gaps)


def cover(image: Tensor, warp: Warp, points: int, kept: Callable[[Tensor], Tensor]) -> Cover:
    """Cover a warp's interval with points.

    The interval is cut into equal parts, one for each point, which lies in its middle, and every
    part into finer ones. In the middle of each fine part the distance to the point's image is
    computed, and `drift` bounds what may be added to it in the rest.

    Args:
        image: [H, W] or [C, H, W], float64.
        warp: what is done to it.
        points: how many, ≥ 1.
        kept: what is certified for a warped image: rounded to a grid, or to float32.

    Raises:
        InputError: if points is not positive, the image is none, or the warp is none.
    """
    if not isinstance(warp, Warp):
        raise InputError(f"warp must be one such as Rotations(degrees=10.0), not {warp!r}")
    if as_whole("points", points) < 1:
        raise InputError(f"points must be at least 1, not {points}")
    low, high = warp.interval
    middles = _middles(low, high, points)
    half = (high - low) / (2 * points * FINE) + FLOATS * max(abs(low), abs(high))
    finer = _middles(low, high, points * FINE).reshape(points, FINE)
    images = kept(_warped(image, warp, middles))
    gaps = []
    for around, point in zip(finer, images, strict=True):
        apart = (_warped(image, warp, around) - point).flatten(1).square().sum(1).sqrt()
        every = apart * (1 + FLOATS) + drift(image, warp, around, half) + doubt(image)
        gaps.append(float(every.max()))
    return Cover(parameters=middles, images=images, gaps=tuple(gaps))


def _middles(low: float, high: float, parts: int) -> Tensor:
    return low + (high - low) * (torch.arange(parts, dtype=torch.float64) + 0.5) / parts


def _warped(image: Tensor, warp: Warp, parameters: Tensor) -> Tensor:
    return warped(image.expand(len(parameters), *image.shape), warp, parameters)
