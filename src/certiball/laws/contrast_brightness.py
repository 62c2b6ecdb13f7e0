"""Contrast and brightness noise: an image is brightened by b, then scaled by eᵏ."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from certiball.laws.images import image_shape, no_grid, spread


@dataclass(frozen=True, kw_only=True)
class ContrastBrightness:
    """The image eᵏ(x + b) with k from N(0, contrast²) and b from N(0, brightness²), independent.

    The order matters: with noise eᵏx + b the radius that follows here would be false, for a
    brightness b of the image reaches the classifier as eᵏb, more than b half of the time. Changes
    of the image that are certified may be written either way.

    Args:
        contrast: standard deviation of k, the natural logarithm of the factor: .1 is about 10 %.
        brightness: standard deviation of b, in the units of the inputs' space.

    Raises:
        InputError: if one of them is not finite and positive.

    Example:
        >>> print(ContrastBrightness(contrast=0.2, brightness=0.1))
        ContrastBrightness(contrast=0.2, brightness=0.1)
    """

    unit: ClassVar[str] = "brightness, in input units"  # of radii

    contrast: float
    brightness: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "contrast", spread("contrast", self.contrast))
        object.__setattr__(self, "brightness", spread("brightness", self.brightness))

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """0 in the reals, where real arithmetic is assumed.

        Raises:
            InputError: on a grid: a scaled image is not on it.
        """
        return no_grid(self, step)

    def deviation(self, dimension: int) -> None:
        """None: nothing is added to a single pixel."""

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same shape, of an image.

        Raises:
            InputError: if it is not one of an image.
        """
        return image_shape(self, shape)

    def change(self, limit: str) -> str:
        """Brightness alone; `theorems.contrast_brightness_parameter` has the rest."""
        return f"every x + b at unchanged contrast, one number |b| {limit} for all pixels"

    def __str__(self) -> str:
        return f"ContrastBrightness(contrast={self.contrast!r}, brightness={self.brightness!r})"
