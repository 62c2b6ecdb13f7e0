"""Images made larger or smaller around their centre."""

from dataclasses import dataclass

import torch
from torch import Tensor

from certiball.errors import InputError
from certiball.numbers import as_float
from certiball.transforms.amounts import per_pixel
from certiball.transforms.bilinear import bilinear
from certiball.transforms.rotation import from_centre


@dataclass(frozen=True, kw_only=True)
class Scalings:
    """Scalings by factors from low to high: pixel q of the scaled image is at q/s of the image.

    Raises:
        InputError: unless 0 < low < high and both are finite.

    Example:
        >>> print(Scalings(low=0.9, high=1.1))
        scalings by 0.9 to 1.1
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            object.__setattr__(self, name, as_float(name, getattr(self, name)))
        if not 0 < self.low < self.high < float("inf"):
            raise InputError(
                f"scalings need 0 < low < high, as in .9 and 1.1, not {self.low} and {self.high}"
            )

    @property
    def interval(self) -> tuple[float, float]:
        """Low and high."""
        return self.low, self.high

    def places(self, parameters: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
        """Rows and columns [n, H, W] where a scaling by these factors [n] finds its pixels."""
        return _places(parameters, height, width)

    def motion(self, parameters: Tensor, change: float, height: int, width: int) -> Tensor:
        """|q| |1/s − 1/c| ≤ |q| · change / (c (c − change)) for |s − c| ≤ change, [n, H, W].

        Raises:
            InputError: if a factor could change to 0.
        """
        if not float(parameters.min()) > change:
            raise InputError(
                f"a scaling by {float(parameters.min())} that changes by {change} may vanish: "
                "cover the scalings with more points"
            )
        radius = torch.hypot(*from_centre(height, width, parameters))
        rate = change / (parameters * (parameters - change)) * (1 + 2.0**-48)
        return radius * rate[:, None, None]

    def __str__(self) -> str:
        return f"scalings by {self.low} to {self.high}"


def scaling(images: Tensor, factor: Tensor) -> Tensor:
    """Images scaled around their centre, bilinear between pixels, black around.

    Args:
        images: [n, H, W] or [n, C, H, W], floats.
        factor: of each image, [n], floats; above 1 its content grows.

    Raises:
        InputError: if the shapes are others, or a factor is not positive.

    Example:
        >>> scaling(torch.ones(1, 1, 3), torch.tensor([0.5]))
        tensor([[[0., 1., 0.]]])
    """
    per_pixel(factor, images)
    if not (factor > 0).all():
        raise InputError(f"a scaling's factor must be > 0, not {factor.min().item()}")
    return bilinear(images, *_places(factor, *images.shape[-2:]))


def _places(factors: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    down, right = from_centre(height, width, factors)
    factor = factors[:, None, None]
    return down / factor + (height - 1) / 2, right / factor + (width - 1) / 2
