"""Gaussian noise of another standard deviation in each channel, or in each number."""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from certiball.errors import InputError
from certiball.laws.gaussian import Gaussian
from certiball.laws.one_for_all import refuse_dependent
from certiball.numbers import as_float

SHOWN = 8  # deviations in a text; of more there is a digest
MOST = 256  # different ones on a grid, each with tables of its own


@dataclass(frozen=True, kw_only=True)
class AnisotropicGaussian:
    """Noise N(0, diag(σ₁², …, σ_d²)), the same for all inputs (arXiv 2107.04570).

    The numbers of an input, in their order, are cut into as many equal parts as there are
    deviations: three are those of the channels of a colour picture, and as many as there are
    numbers are one for each. They are fixed before any input is seen: noise that depends on the
    input has no theorem.

    Args:
        deviations: standard deviations, in the units of the inputs' space, taken as exact numbers.

    Raises:
        InputError: if there are none, or one is not finite and positive.

    Example:
        >>> law = AnisotropicGaussian(deviations=(0.25, 0.5, 0.25))
        >>> print(law, law.seen((3, 32, 32)))
        AnisotropicGaussian(deviations=(0.25, 0.5, 0.25)) (3, 32, 32)
    """

    deviations: Sequence[float]

    def __post_init__(self) -> None:
        refuse_dependent("deviations", self.deviations, one=False)
        if np.ndim(self.deviations) != 1:
            raise InputError(
                "deviations must be several numbers such as (.25, .5, .25), one for each part of "
                f"an input, not {self.deviations!r}: Gaussian(sigma=…) has one for all"
            )
        given = tuple(as_float("a deviation", each) for each in self.deviations)
        if not given or not all(math.isfinite(each) and each > 0 for each in given):
            raise InputError(
                f"deviations must be finite and > 0, at least one of them, not {given[:SHOWN]}"
            )
        object.__setattr__(self, "deviations", given)

    def of_numbers(self, dimension: int) -> tuple[float, ...]:
        """The deviation of each of so many numbers.

        Raises:
            InputError: if they cannot be cut into as many equal parts as there are deviations.

        Example:
            >>> AnisotropicGaussian(deviations=(0.25, 0.5)).of_numbers(4)
            (0.25, 0.25, 0.5, 0.5)
        """
        part, rest = divmod(dimension, len(self.deviations))
        if rest or not part:
            raise InputError(
                f"{len(self.deviations)} deviations are no equal parts of inputs of {dimension} "
                "numbers: give one for each channel, or one for each number"
            )
        return tuple(each for each in self.deviations for _ in range(part))

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """Total variation, at most, between d draws on a grid and the rounded noise: the sum.

        Raises:
            InputError: if the inputs do not fit, there are too many different deviations for a
                grid, or the grid is too fine for one of them.

        Example:
            >>> law, same = AnisotropicGaussian(deviations=(0.25, 0.25)), Gaussian(sigma=0.25)
            >>> law.slack(Fraction(1, 255), 784) == same.slack(Fraction(1, 255), 784)
            True
        """
        times = Counter(self.of_numbers(dimension))
        if step is None:
            return Fraction(0)
        if len(times) > MOST:
            raise InputError(
                f"{len(times)} different deviations are more than {MOST}, and each has tables of "
                "its own on a grid: round them, or take --space reals:LOW:HIGH"
            )
        return sum(
            (Gaussian(sigma=each).slack(step, count) for each, count in times.items()),
            start=Fraction(0),
        )

    def deviation(self, dimension: int) -> float:
        """The root of the mean variance."""
        return math.sqrt(math.fsum(s * s for s in self.deviations) / len(self.deviations))

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same shape.

        Raises:
            InputError: as `of_numbers`.
        """
        self.of_numbers(math.prod(shape))
        return shape

    def __str__(self) -> str:
        if len(self.deviations) <= SHOWN:
            return f"AnisotropicGaussian(deviations={self.deviations!r})"
        digest = hashlib.sha256(repr(self.deviations).encode()).hexdigest()
        return (
            f"AnisotropicGaussian(deviations={len(self.deviations)} from {min(self.deviations)!r} "
            f"to {max(self.deviations)!r}, SHA-256 {digest})"
        )
