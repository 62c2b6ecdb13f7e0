"""Uniform blur noise: an image is blurred by a random variance ≥ 0."""

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from certiball.laws.images import image_shape, no_grid, spread


@dataclass(frozen=True, kw_only=True)
class UniformBlur:
    """Gaussian blur whose variance a (its σ squared) is uniform between 0 and λ.

    Variances of blurs add, standard deviations do not, so the variance is the parameter
    (arXiv 2002.12398). The blur is the discrete heat semigroup, `transforms.blur`.

    Args:
        scale: the greatest variance λ, in square pixels.

    Raises:
        InputError: if it is not finite and positive.

    Example:
        >>> print(UniformBlur(scale=2.0))
        UniformBlur(scale=2.0)
    """

    unit: ClassVar[str] = "square pixels of variance"  # of radii

    scale: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", spread("scale", self.scale))

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """0 in the reals, where real arithmetic is assumed.

        Raises:
            InputError: on a grid: a blurred image is not on it.
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
        """Blurs, by a bound on their variance."""
        return f"every heat-equation blur of the image by a variance {limit} square pixels"

    def __str__(self) -> str:
        return f"UniformBlur(scale={self.scale!r})"
