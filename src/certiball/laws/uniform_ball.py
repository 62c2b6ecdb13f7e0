"""Noise that is uniform in a ball of the L2 norm."""

import math
from dataclasses import dataclass
from fractions import Fraction

from certiball.laws.parameters import as_positive
from certiball.laws.reals_only import slack_in_reals

USUAL = "about √d/4 deviates by a quarter: 7 for 28 × 28 pixels"


@dataclass(frozen=True, kw_only=True)
class UniformBall:
    """A vector, uniform in the L2 ball of radius λ, added to an input (arXiv 2002.08118).

    Its coordinates depend on each other, so there is no version on grids: it is drawn in floating
    point. The standard deviation of one coordinate is λ/√(d + 2): in many dimensions nearly all of
    the ball lies close to its surface.

    Args:
        scale: λ, in the units of the inputs' space.

    Raises:
        InputError: if the scale is not finite and positive.

    Example:
        >>> law = UniformBall(scale=8.0)
        >>> print(law, round(law.deviation(dimension=784), 3))
        UniformBall(scale=8.0) 0.285
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
        """λ/√(d + 2)."""
        return self.scale / math.sqrt(dimension + 2)

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same shape."""
        return shape

    def __str__(self) -> str:
        return f"UniformBall(scale={self.scale!r})"
