"""Uniform noise on [−λ, λ] in every coordinate."""

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from certiball.errors import InputError
from certiball.laws.lattice import LatticeLaw, lattice_law, variation
from certiball.laws.parameters import as_scale

WIDEST = 2**21  # in steps; as many thresholds as a Gaussian may have at most fill the memory


@dataclass(frozen=True, kw_only=True)
class Uniform:
    """Independent noise, uniform on [−λ, λ], added to every coordinate (arXiv 2002.08118).

    Args:
        scale: λ, in the units of the inputs' space; the standard deviation is λ/√3. The float
            given is taken as an exact number.

    Raises:
        InputError: if the scale is not finite and positive.

    Example:
        >>> print(Uniform(scale=0.5))
        Uniform(scale=0.5)
    """

    scale: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", as_scale("scale", self.scale))

    def on_grid(self, step: Fraction) -> LatticeLaw:
        """Noise round(λ·u/step) in whole steps, by thresholds 2⁶⁴·(1 + (j + ½)·step/λ)/2.

        Raises:
            InputError: if the grid is so fine that its thresholds would fill the memory.
        """
        return _thresholds(Fraction(self.scale) / step)

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """Total variation, at most, between d draws on a grid and the rounded uniform law.

        Raises:
            InputError: as `on_grid` does.

        Example:
            >>> float(Uniform(scale=0.25).slack(Fraction(1, 255), 3072)) < 3e-14
            True
        """
        if step is None:
            return Fraction(0)
        return variation(2 * _inside(Fraction(self.scale) / step) + 1, dimension)

    def deviation(self, dimension: int) -> float:
        """λ/√3."""
        return self.scale / math.sqrt(3)

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same shape."""
        return shape

    def __str__(self) -> str:
        return f"Uniform(scale={self.scale!r})"


@lru_cache(maxsize=16)
def _thresholds(scale: Fraction) -> LatticeLaw:
    """Thresholds for a scale in steps, at j + ½ for j = −m … m − 1, rounded to nearest."""
    inside = _inside(scale)
    # 2⁶⁴·(1 + (2j + 1)/(2s))/2 + ½, s = a/b, is (2⁶⁴(2a + (2j + 1)b) + 2a)/4a.
    a, b = scale.numerator, scale.denominator
    places = range(-inside, inside)
    thresholds = [((2 * a + (2 * j + 1) * b << 64) + 2 * a) // (4 * a) for j in places]
    return lattice_law(thresholds, offset=inside)


def _inside(scale: Fraction) -> int:
    """How many j ≥ 0 have j + ½ below the scale."""
    inside = max(0, math.ceil(scale - Fraction(1, 2)))
    if inside > WIDEST:
        raise InputError(
            f"a scale of {Decimal(int(scale)):.3g} grid steps is more than {WIDEST}: "
            "use a coarser grid"
        )
    return inside
