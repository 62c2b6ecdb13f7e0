"""Splitting noise: of each number the model sees between which two of its thresholds it lies."""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from certiball.errors import InputError
from certiball.laws.lattice import LatticeLaw, lattice_law, variation
from certiball.numbers import as_fraction
from certiball.shapes import Levels

WIDEST = 2**22  # in steps; more places than this and the grid is finer than it is useful
PARTS = 4  # of a step that what is seen is counted in


@dataclass(frozen=True, kw_only=True)
class Splitting:
    """Splitting noise on a grid in [0, 1] (arXiv 2103.10834, where it is called SSN).

    Thresholds stand at s + 2λk for all whole k, s uniform on 0 … 2λ and drawn for every number by
    itself. Of a number the model sees the middle of the part of [0, 1] that its two neighbouring
    thresholds leave, and nothing else. With λ ≥ ½ there is at most one threshold in [0, 1], with a
    smaller λ there may be several, and the model sees more.

    On the grid all is exact: s = (t + ½) · step, and t is one of q = 2λ/step places.

    Args:
        scale: λ, in the units of the inputs, exact: a Fraction, a text such as "40/255", or a
            float that is no rounded number. 2λ has to be a whole number of grid steps.

    Raises:
        InputError: if the scale is not positive.

    Example:
        >>> print(Splitting(scale=Fraction(1, 2)))
        Splitting(scale=1/2)
        >>> Splitting(scale=Fraction(1, 2)).period(Fraction(1, 255))
        255
    """

    scale: Fraction

    def __post_init__(self) -> None:
        exact = Fraction(self.scale) if _is_finite_float(self.scale) else self.scale
        object.__setattr__(self, "scale", as_fraction("scale", exact))
        if not self.scale > 0:
            raise InputError(f"scale must be > 0, not {self.scale}; 1/2 and more are usual")

    def period(self, step: Fraction) -> int:
        """Q = 2λ/step: how many steps there are from one threshold to the next.

        Raises:
            InputError: if it is no whole number, or too many.
        """
        steps = 2 * self.scale / step
        if steps.denominator != 1:
            near = max(1, round(steps)) * step / 2
            raise InputError(
                f"scale = {self.scale} is no whole number of half steps of a grid of step {step}: "
                f"scale = {near} is, and the nearest to it"
            )
        if steps > WIDEST:
            raise InputError(
                f"2 · scale is {float(steps):.3g} grid steps, more than {WIDEST}: "
                "use a coarser grid or a smaller scale"
            )
        return int(steps)

    def places(self, step: Fraction) -> LatticeLaw:
        """The law of t, uniform on 0 … q − 1.

        Raises:
            InputError: as `period`.
        """
        return _uniform(self.period(step))

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """Total variation, at most, between d places as they are drawn and uniform ones.

        Raises:
            InputError: in the reals, and as `period`.

        Example:
            >>> float(Splitting(scale=Fraction(1)).slack(Fraction(1, 255), 3072)) < 1e-13
            True
        """
        if step is None:
            raise InputError(
                f"{self} is exact on a grid, and there is no version in the reals: "
                "state the grid that the data have, such as --space uint8"
            )
        return variation(self.period(step), dimension)

    def deviation(self, dimension: int) -> None:
        """None: nothing is added."""
        return

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same shape."""
        return shape

    def __str__(self) -> str:
        return f"Splitting(scale={self.scale})"


def midpoints(levels: Levels, places: Levels, period: int, top: int) -> Levels:
    """What is seen of levels 0 … top, in quarters of a step: whole numbers of 0 … 4 · top.

    The thresholds of a number stand at t + ½ + kq. Of x the model sees (min(u, top) +
    max(u − q, 0))/2, where u is the lowest threshold above x: a function of the thresholds around
    x, and of x in no other way.

    Args:
        levels: x, whole numbers, of a shape that broadcasts against that of the places.
        places: t, from 0 to q − 1.
        period: q, in steps.
        top: the greatest level; the lowest is 0.

    Example:
        >>> midpoints(np.array([0, 1, 2, 3]), np.array([1, 1, 1, 1]), period=4, top=3)
        array([3, 3, 9, 9])
    """
    whole, rest = np.divmod(levels, period)
    above = 2 * (places + period * (whole + (places < rest))) + 1  # 2u
    seen: Levels = np.minimum(above, 2 * top) + np.maximum(above - 2 * period, 0)
    return seen


@lru_cache(maxsize=16)
def _uniform(count: int) -> LatticeLaw:
    """Uniform on 0 … count − 1; each threshold is the nearest whole number."""
    return lattice_law([(2 * j * 2**64 + count) // (2 * count) for j in range(1, count)], offset=0)


def _is_finite_float(value: object) -> bool:
    return isinstance(value, float) and np.isfinite(value).item()
