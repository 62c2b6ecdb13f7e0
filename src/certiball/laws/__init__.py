"""Noise laws: what is added to an input, or what is seen of it, in which units. No torch.

A law says what was done; what follows from it is a theorem's business (`certiball.theorems`).
"""

from fractions import Fraction
from typing import Protocol, runtime_checkable

from certiball.laws.lattice import LatticeLaw
from certiball.spaces import Grid, Space


@runtime_checkable
class Law(Protocol):
    """What happens to an input before the base classifier sees it.

    Its text has the law and its parameters, so that two laws are equal where their texts are.
    """

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """Total variation, at most, between what is drawn and what the theorem is about.

        Args:
            step: of the grid where inputs live; None in the reals, where floating point leaves
                it unknown and 0 says no more than that.
            dimension: numbers per input.

        Raises:
            InputError: if the law has no version on that grid.
        """
        ...

    def deviation(self, dimension: int) -> float | None:
        """Standard deviation of what is added to one number; None where nothing is added."""
        ...

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Shape of what the model sees of an input of that shape.

        Raises:
            InputError: if the law does not fit inputs of that shape.
        """
        ...


@runtime_checkable
class GridLaw(Law, Protocol):
    """Additive noise, the same in every number and independent between them, on any grid."""

    def on_grid(self, step: Fraction) -> LatticeLaw:
        """The law of the noise rounded to a grid, in whole steps."""
        ...


@runtime_checkable
class OneGridLaw(Law, Protocol):
    """A law with the grid among its parameters: what it says of any other is false."""

    def checked(self, space: Space) -> Grid:
        """The space, if the law was made for it.

        Raises:
            InputError: for any other.
        """
        ...
