"""Gaussian noise: σ·g in every coordinate, g standard normal."""

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from certiball.errors import InputError
from certiball.laws.lattice import LatticeLaw, lattice_law, variation
from certiball.laws.normal import TAIL, upper_thresholds
from certiball.laws.one_for_all import refuse_dependent
from certiball.numbers import as_float

WIDEST = 2**22  # in steps: more thresholds than this and a grid is finer than it is useful


@dataclass(frozen=True, kw_only=True)
class Gaussian:
    """Isotropic Gaussian noise N(0, σ²) added to every coordinate (arXiv 1902.02918).

    Args:
        sigma: standard deviation, in the units of the inputs' space: .25 for images in [0, 1]
            is .25, not 64. The float given is taken as an exact number.

    Raises:
        InputError: if sigma is not one number for all inputs, finite and positive.

    Example:
        >>> print(Gaussian(sigma=0.25))
        Gaussian(sigma=0.25)
    """

    sigma: float

    def __post_init__(self) -> None:
        refuse_dependent("sigma", self.sigma)
        object.__setattr__(self, "sigma", as_float("sigma", self.sigma))
        if not (math.isfinite(self.sigma) and self.sigma > 0):
            raise InputError(
                f"sigma must be finite and > 0, not {self.sigma}; .12 to 1 are usual for images"
            )

    def on_grid(self, step: Fraction) -> LatticeLaw:
        """Noise round(σ·g/step) in whole steps, by thresholds 2⁶⁴·Φ((j + ½)·step/σ).

        Raises:
            InputError: if the grid is so fine that its thresholds would fill the memory.
        """
        return _thresholds(Fraction(self.sigma) / step)

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """Total variation, at most, between d draws on a grid and the rounded Gaussian.

        Raises:
            InputError: as `on_grid` does.

        Example:
            >>> float(Gaussian(sigma=0.25).slack(Fraction(1, 255), 3072)) < 2e-13
            True
        """
        return Fraction(0) if step is None else _slack(self.sigma, step, dimension)

    def deviation(self, dimension: int) -> float:
        """σ."""
        return self.sigma

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same shape."""
        return shape

    def __str__(self) -> str:
        return f"Gaussian(sigma={self.sigma!r})"


@lru_cache(maxsize=16)
def _thresholds(sigma: Fraction) -> LatticeLaw:
    """Thresholds for a standard deviation in steps; the lower half by Φ(−x) = 1 − Φ(x)."""
    last = _last(sigma)
    upper = upper_thresholds(sigma, last + 1)
    lower = [2**64 - t for t in reversed(upper[:last])]
    # Thresholds of j = −last … last: T(−j−1) = 2⁶⁴ − T(j).
    return lattice_law(lower + upper, offset=last)


@lru_cache(maxsize=64)
def _slack(sigma: float, step: Fraction, dimension: int) -> Fraction:
    """Kept, for every radius of a run needs it."""
    return variation(2 * _last(Fraction(sigma) / step) + 2, dimension)


def _last(sigma: Fraction) -> int:
    """The greatest j of a threshold, for a standard deviation in steps."""
    last = math.ceil(TAIL * sigma)
    if last > WIDEST:
        raise InputError(
            f"sigma is {Decimal(int(sigma)):.3g} grid steps, more than {WIDEST // 10}: "
            "use a coarser grid"
        )
    return last
