"""Randomized ablation: a few pixels chosen at random are seen, and nothing of the others."""

import math
from dataclasses import dataclass
from fractions import Fraction

from certiball.errors import InputError
from certiball.laws.null_encoding import encoded_shape, pixels_of
from certiball.numbers import as_whole
from certiball.shapes import Array

MOST = 2**24  # pixels


@dataclass(frozen=True, kw_only=True)
class Ablation:
    """So many of the pixels are kept, every choice of them as likely (arXiv 1911.09272).

    A pixel is a place with all its channels: it is kept or not as a whole, and counts once. The
    model takes twice the channels, x − low and high − x, which are all 0 for a pixel that is not
    kept. An input without axes for places, [d], has d pixels of one channel.

    Args:
        keep: k, pixels that the model sees; 45 of 784 for handwritten digits in the article.
        pixels: d, of an input.

    Raises:
        InputError: unless 1 ≤ keep ≤ pixels ≤ 2²⁴.

    Example:
        >>> law = Ablation(keep=45, pixels=784)
        >>> law.seen((1, 28, 28)), law.seen((784,))
        ((2, 28, 28), (2, 784))
        >>> print(law)
        Ablation(keep=45, pixels=784)
    """

    keep: int
    pixels: int

    def __post_init__(self) -> None:
        for name in ("keep", "pixels"):
            object.__setattr__(self, name, as_whole(name, getattr(self, name)))
        if self.pixels > MOST:
            raise InputError(f"pixels must be at most {MOST}, not {self.pixels}: scale the images")
        if not 1 <= self.keep <= self.pixels:
            raise InputError(
                f"keep must be from 1 to the {self.pixels} pixels of an input, not {self.keep}: a "
                "twentieth of them is usual"
            )

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """Total variation, at most, between the pixels that are drawn and a uniform choice.

        Those with the k least of d random words of 64 bits are kept. That is uniform unless two
        words are equal.
        """
        return Fraction(math.comb(self.pixels, 2), 2**64)

    def deviation(self, dimension: int) -> None:
        """None: nothing is added."""
        return

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """[2C, H, W] for an image [C, H, W], [2, H, W] for one [H, W], [2, d] for a flat one.

        Raises:
            InputError: if inputs of that shape have another number of pixels.
        """
        found = pixels_of(shape)
        if found != self.pixels:
            raise InputError(
                f"{self} is for inputs of {self.pixels} pixels, and those of shape {shape} have "
                f"{found}: give pixels={found}"
            )
        return encoded_shape(shape)

    def changed(self, first: Array, second: Array) -> int:
        """How many pixels of two inputs of one shape differ, each counted once.

        Raises:
            InputError: as `seen`, if inputs of that shape have another number of pixels.
        """
        self.seen(first.shape)
        return int((first != second).reshape(-1, self.pixels).any(0).sum())
