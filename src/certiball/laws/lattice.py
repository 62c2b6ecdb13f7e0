"""A law on the integers, given by thresholds for one 64-bit uniform number.

With u uniform on 0 … 2⁶⁴−1, z = #{thresholds ≤ u} − offset. Each probability is off by at most
2⁻⁶⁴ from the law that is meant; `slack` says what that costs.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from certiball.shapes import Words


@dataclass(frozen=True, kw_only=True, eq=False)
class LatticeLaw:
    """Thresholds of an integer law.

    Args:
        thresholds: sorted 64-bit integers; those that round to 2⁶⁴ are left out (u never
            reaches them).
        offset: z of u = 0 is −offset.
        bins: how many integers the law was cut to.
    """

    thresholds: Words
    offset: int
    bins: int

    @property
    def least(self) -> int:
        """The smallest integer that can be drawn."""
        return -self.offset

    @property
    def greatest(self) -> int:
        """The greatest integer that can be drawn."""
        return len(self.thresholds) - self.offset

    def slack(self, dimension: int) -> Fraction:
        """Bound on the total variation between d draws and the law meant."""
        return variation(self.bins, dimension)


def variation(bins: int, dimension: int) -> Fraction:
    """Bound on the total variation of d draws of a law cut to so many integers: d · bins · 2⁻⁶⁴."""
    return Fraction(dimension * bins, 2**64)


def lattice_law(thresholds: list[int], offset: int) -> LatticeLaw:
    """A lattice law from exact integer thresholds, which may include 2⁶⁴."""
    reached = np.array([t for t in thresholds if t < 2**64], dtype=np.uint64)
    return LatticeLaw(thresholds=reached, offset=offset, bins=len(thresholds) + 1)
