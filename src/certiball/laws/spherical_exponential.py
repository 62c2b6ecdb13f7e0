"""Noise of density ∝ exp(−‖x‖₂/λ)."""

import math
from dataclasses import dataclass
from fractions import Fraction

from certiball.errors import InputError
from certiball.laws.parameters import as_positive
from certiball.laws.reals_only import slack_in_reals

USUAL = "about 1/(4√d) deviates by a quarter: .009 for 28 × 28 pixels"


@dataclass(frozen=True, kw_only=True)
class SphericalExponential:
    """A vector of density ∝ exp(−‖x‖₂/λ) added to an input (arXiv 2002.08118).

    Its direction is uniform and its length has the gamma law of shape d, so the length is about
    dλ and the standard deviation of one coordinate λ√(d + 1). Its coordinates depend on each other,
    so there is no version on grids: it is drawn in floating point.

    Args:
        scale: λ, in the units of the inputs' space.

    Raises:
        InputError: if the scale is not finite and positive.

    Example:
        >>> law = SphericalExponential(scale=0.01)
        >>> print(law, round(law.deviation(dimension=784), 3))
        SphericalExponential(scale=0.01) 0.28
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
        """λ√(d + 1)."""
        return self.scale * math.sqrt(dimension + 1)

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same shape.

        Raises:
            InputError: for inputs of one number, where this is Laplace noise.
        """
        if math.prod(shape) < 2:
            raise InputError(f"{self} needs inputs of two numbers or more: for one use Laplace")
        return shape

    def __str__(self) -> str:
        return f"SphericalExponential(scale={self.scale!r})"
