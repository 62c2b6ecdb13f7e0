"""Noise laws: what is added, in which units, and the same law on a grid. No torch.

A law says what was done; what follows from it is a theorem's business (`certiball.theorems`).
"""

from fractions import Fraction
from typing import Protocol, runtime_checkable

from certiball.laws.lattice import LatticeLaw


@runtime_checkable
class Law(Protocol):
    """Additive noise, the same in every coordinate and independent between coordinates."""

    def on_grid(self, step: Fraction) -> LatticeLaw:
        """The law of the noise rounded to a grid, in whole steps."""
        ...

    def slack(self, step: Fraction, dimension: int) -> Fraction:
        """That of `on_grid(step)` for so many numbers, without building the law's thresholds."""
        ...

    def __str__(self) -> str:
        """The law and its parameters, so that two laws are equal where their texts are."""
        ...
