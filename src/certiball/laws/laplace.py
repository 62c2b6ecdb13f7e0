"""Laplace noise: density ∝ exp(−|x|/λ) in every coordinate."""

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from certiball.errors import InputError
from certiball.laws.decay import TAIL, upper_tails
from certiball.laws.lattice import LatticeLaw, lattice_law, variation
from certiball.laws.parameters import as_scale

WIDEST = 2**21  # in steps, for the farthest threshold, as for the uniform law


@dataclass(frozen=True, kw_only=True)
class Laplace:
    """Independent noise of density exp(−|x|/λ)/2λ added to every coordinate (arXiv 2002.08118).

    Args:
        scale: λ, in the units of the inputs' space; the standard deviation is √2·λ. The float
            given is taken as an exact number.

    Raises:
        InputError: if the scale is not finite and positive.

    Example:
        >>> print(Laplace(scale=0.25))
        Laplace(scale=0.25)
    """

    scale: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", as_scale("scale", self.scale))

    def on_grid(self, step: Fraction) -> LatticeLaw:
        """Noise round(λ·x/step) in whole steps, by thresholds 2⁶⁴·F((j + ½)·step/λ).

        Raises:
            InputError: if the grid is so fine that its thresholds would fill the memory.
        """
        return _thresholds(Fraction(self.scale) / step)

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """Total variation, at most, between d draws on a grid and the rounded Laplace law.

        Raises:
            InputError: as `on_grid` does.

        Example:
            >>> float(Laplace(scale=0.25).slack(Fraction(1, 255), 3072)) < 1e-12
            True
        """
        if step is None:
            return Fraction(0)
        return variation(2 * _last(Fraction(self.scale) / step) + 2, dimension)

    def deviation(self, dimension: int) -> float:
        """√2·λ."""
        return math.sqrt(2) * self.scale

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same shape."""
        return shape

    def __str__(self) -> str:
        return f"Laplace(scale={self.scale!r})"


@lru_cache(maxsize=16)
def _thresholds(scale: Fraction) -> LatticeLaw:
    """Thresholds for a scale in steps, at j + ½ for j = −last … last."""
    last = _last(scale)
    tails = upper_tails(scale, last + 1)  # F(−x) = 1 − F(x)
    upper = [2**64 - tail for tail in tails]
    return lattice_law(tails[last - 1 :: -1] + upper if last else upper, offset=last)


def _last(scale: Fraction) -> int:
    """The greatest j of a threshold, for a scale in steps."""
    last = math.ceil(TAIL * scale)
    if last > WIDEST:
        raise InputError(
            f"a scale of {Decimal(int(scale)):.3g} grid steps is more than {WIDEST // TAIL}: "
            "use a coarser grid"
        )
    return last
