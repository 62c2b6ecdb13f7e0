"""Images turned around their centre."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from certiball.errors import InputError
from certiball.numbers import as_float
from certiball.transforms.amounts import per_pixel
from certiball.transforms.warp import warped


@dataclass(frozen=True, kw_only=True)
class Rotations:
    """Rotations by −degrees to degrees: a place turns with the angle, at its radius per radian.

    Raises:
        InputError: unless 0 < degrees ≤ 180.

    Example:
        >>> print(Rotations(degrees=10.0))
        rotations by -10.0 to 10.0 degrees
    """

    degrees: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "degrees", as_float("degrees", self.degrees))
        if not 0 < self.degrees <= 180:
            raise InputError(f"degrees must be > 0 and at most 180, not {self.degrees}")

    @property
    def interval(self) -> tuple[float, float]:
        """−degrees and degrees."""
        return -self.degrees, self.degrees

    def places(self, parameters: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
        """Rows and columns [n, H, W] where a rotation by these degrees [n] finds its pixels."""
        down, right = from_centre(height, width, parameters)
        angle = torch.deg2rad(parameters)[:, None, None]
        rows = down * angle.cos() + right * angle.sin()
        columns = right * angle.cos() - down * angle.sin()
        return rows + (height - 1) / 2, columns + (width - 1) / 2

    def motion(self, parameters: Tensor, change: float, height: int, width: int) -> Tensor:
        """Radius times the change of the angle, [n, H, W]: no chord is longer than its arc."""
        radius = torch.hypot(*from_centre(height, width, parameters))
        return (radius * (math.radians(change) * (1 + 2.0**-48))).expand(len(parameters), -1, -1)

    def __str__(self) -> str:
        return f"rotations by -{self.degrees} to {self.degrees} degrees"


def from_centre(height: int, width: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Rows and columns of pixels, counted from the centre of the image, [1, H, W]."""
    rows = torch.arange(height, device=like.device).to(like.dtype) - (height - 1) / 2
    columns = torch.arange(width, device=like.device).to(like.dtype) - (width - 1) / 2
    down, right = torch.meshgrid(rows, columns, indexing="ij")
    return down[None], right[None]


def rotation(images: Tensor, degrees: Tensor) -> Tensor:
    """Images turned counterclockwise, bilinear between pixels, black around.

    Two rotations are not one by the sum, for pixels are mixed twice: see `certify_warp` for what
    can be certified.

    Args:
        images: [n, H, W] or [n, C, H, W], floats.
        degrees: of each image, [n], floats.

    Raises:
        InputError: if the shapes are others.

    Example:
        >>> rotation(torch.tensor([[[1.0, 2.0], [3.0, 4.0]]]), torch.tensor([90.0])).round()
        tensor([[[2., 4.],
                 [1., 3.]]])
    """
    per_pixel(degrees, images)
    return warped(images, Rotations(degrees=180.0), degrees)
