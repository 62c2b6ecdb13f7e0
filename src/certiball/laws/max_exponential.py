"""Noise of density ∝ exp(−‖x‖∞/λ)."""

import math
from dataclasses import dataclass
from fractions import Fraction

from certiball.laws.parameters import as_positive
from certiball.laws.reals_only import slack_in_reals

USUAL = "about .43/d deviates by a quarter: .00055 for 28 × 28 pixels"


@dataclass(frozen=True, kw_only=True)
class MaxExponential:
    """A vector of density ∝ exp(−‖x‖∞/λ) added to an input (arXiv 2002.08118).

    It is uniform in a cube whose half side is λ times a gamma variable of shape d + 1, so its
    largest coordinate is about dλ and the standard deviation of one λ√((d + 1)(d + 2)/3). Its
    coordinates depend on each other, so there is no version on grids: it is drawn in floating
    point.

    Args:
        scale: λ, in the units of the inputs' space.

    Raises:
        InputError: if the scale is not finite and positive.

    Example:
        >>> law = MaxExponential(scale=0.0005)
        >>> print(law, round(law.deviation(dimension=784), 3))
        MaxExponential(scale=0.0005) 0.227
    """

    scale: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", as_positive("scale", self.scale, USUAL))

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """0 in the reals.

        Raises:
            InputError: on a grid.
        """
        return slack_in_reals(self, step)

    def deviation(self, dimension: int) -> float:
        """λ√((d + 1)(d + 2)/3)."""
        return self.scale * math.sqrt((dimension + 1) * (dimension + 2) / 3)

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same shape."""
        return shape

    def __str__(self) -> str:
        return f"MaxExponential(scale={self.scale!r})"
