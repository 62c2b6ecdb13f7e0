"""Pareto noise on both sides: density ∝ (1 + |x|/λ)^(−a−1) in every coordinate."""

import math
from dataclasses import dataclass
from fractions import Fraction

from certiball.laws.parameters import as_positive, as_scale
from certiball.laws.reals_only import slack_in_reals


@dataclass(frozen=True, kw_only=True)
class Pareto:
    """Independent noise of density a/(2λ)·(1 + |x|/λ)^(−a−1), in every coordinate.

    It is one of the laws of arXiv 2002.08118. Its tails are so heavy that a table of thresholds
    would not end, so there is no version on grids: it is drawn in floating point.

    Args:
        scale: λ, in the units of the inputs' space.
        tail: a: the noise exceeds t in absolute value with probability (1 + t/λ)^−a. For a ≤ 2 the
            standard deviation is infinite.

    Raises:
        InputError: if the scale or the tail is not finite and positive.

    Example:
        >>> law = Pareto(scale=0.5, tail=3.0)
        >>> print(law, law.deviation(dimension=1))
        Pareto(scale=0.5, tail=3.0) 0.5
    """

    scale: float
    tail: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", as_scale("scale", self.scale))
        object.__setattr__(self, "tail", as_positive("tail", self.tail, "3 is usual"))

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """0 in the reals.

        Raises:
            InputError: on a grid.
        """
        return slack_in_reals(self, step)

    def deviation(self, dimension: int) -> float:
        """λ·√(2/((a − 1)(a − 2))), or ∞ for a ≤ 2."""
        a = self.tail
        return self.scale * math.sqrt(2 / ((a - 1) * (a - 2))) if a > 2 else math.inf

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same shape."""
        return shape

    def __str__(self) -> str:
        return f"Pareto(scale={self.scale!r}, tail={self.tail!r})"
