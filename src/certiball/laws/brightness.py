"""Brightness noise: one number b, normal, added to every pixel of an image."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from certiball.laws.gaussian import Gaussian
from certiball.laws.images import image_shape, spread


@dataclass(frozen=True, kw_only=True)
class Brightness:
    """The image x + b with b from N(0, σ²), the same b in every pixel (arXiv 2002.12398).

    On a grid b is a whole number of steps, drawn exactly: the certificate is about images that
    were brightened by whole steps. Nothing is clipped, before or after.

    Args:
        sigma: standard deviation of b, in the units of the inputs' space.

    Raises:
        InputError: if sigma is not finite and positive.

    Example:
        >>> print(Brightness(sigma=0.2))
        Brightness(sigma=0.2)
    """

    unit: ClassVar[str] = "brightness, in input units"  # of radii

    sigma: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "sigma", spread("sigma", self.sigma))

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """Total variation, at most, of the one number that is drawn; 0 in the reals."""
        return Gaussian(sigma=self.sigma).slack(step, 1)

    def deviation(self, dimension: int) -> None:
        """None: what is added is the same in every pixel, no noise of one of them."""

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same shape, of an image.

        Raises:
            InputError: if it is not one of an image.
        """
        return image_shape(self, shape)

    def change(self, limit: str) -> str:
        """Brightness, by a bound on |b|."""
        return f"every x + b, one number |b| {limit} for all pixels of the image x"

    def __str__(self) -> str:
        return f"Brightness(sigma={self.sigma!r})"
