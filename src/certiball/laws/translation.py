"""Translation noise: an image is rolled around its edges by whole pixels."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from certiball.laws.gaussian import Gaussian
from certiball.laws.images import image_shape, spread

PIXEL = Fraction(1)


@dataclass(frozen=True, kw_only=True)
class Translation:
    """The image rolled down by dy and right by dx, each N(0, σ²) rounded to whole pixels.

    What leaves on one side comes back on the other: only so do two shifts make a third, which the
    theorem needs. With reflected or black borders it is false (arXiv 2002.12398 describes
    reflection; its own code rolls). The shifts are drawn exactly, and rolling computes nothing.

    Args:
        sigma: standard deviation before rounding, in pixels.

    Raises:
        InputError: if sigma is not finite and positive.

    Example:
        >>> print(Translation(sigma=2.0))
        Translation(sigma=2.0)
    """

    unit: ClassVar[str] = "pixels of shift"  # of radii

    sigma: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "sigma", spread("sigma", self.sigma))

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """Total variation, at most, of the two whole numbers that are drawn, in every space."""
        return Gaussian(sigma=self.sigma).slack(PIXEL, 2)

    def deviation(self, dimension: int) -> None:
        """None: nothing is added to a pixel."""

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same shape, of an image.

        Raises:
            InputError: if it is not one of an image.
        """
        return image_shape(self, shape)

    def change(self, limit: str) -> str:
        """Rolls, by a bound on their length."""
        return f"every roll of the image by whole pixels, √(dx² + dy²) {limit}"

    def __str__(self) -> str:
        return f"Translation(sigma={self.sigma!r})"
