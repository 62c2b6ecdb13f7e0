"""Discrete noise: each number keeps its level with a probability, or takes any of the others."""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from certiball.errors import InputError
from certiball.laws.lattice import LatticeLaw, lattice_law, variation
from certiball.numbers import as_float, as_whole
from certiball.spaces import Grid, Space

MOST = 2**16  # levels


@dataclass(frozen=True, kw_only=True)
class Discrete:
    """A number keeps its level with probability a, or takes each other with b (arXiv 1906.04948).

    With L levels b = (1 − a)/(L − 1), and all numbers are independent. How far apart two levels
    are makes no difference.

    Args:
        keep: a. The float given is taken as an exact number.
        levels: L, of the grid where inputs live: 256 for 8-bit images.

    Raises:
        InputError: if there are fewer than 2 levels or more than 65,536, or unless
            1/levels < keep < 1. At 1/levels nothing of the input is left.

    Example:
        >>> law = Discrete(keep=0.2, levels=256)
        >>> print(law)
        Discrete(keep=0.2, levels=256)
    """

    keep: float
    levels: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "keep", as_float("keep", self.keep))
        object.__setattr__(self, "levels", as_whole("levels", self.levels))
        if not 2 <= self.levels <= MOST:
            raise InputError(f"levels must be from 2 to {MOST}, not {self.levels}")
        if not (self.keep < 1 and self.keep * self.levels > 1):
            raise InputError(
                f"keep must be above 1/{self.levels}, where nothing of the input is left, and "
                f"below 1, not {self.keep}: .1 to .8 are usual"
            )

    def checked(self, space: Space) -> Grid:
        """The space, if the law fits it.

        Raises:
            InputError: if the space is no grid of so many levels.
        """
        if not isinstance(space, Grid):
            raise InputError(f"{self} is noise for levels, and {space} has none: state a Grid")
        found = space.high - space.low + 1
        if found != self.levels:
            raise InputError(
                f"{self} is for {self.levels} levels, and {space} has {found}: give levels={found}"
            )
        return space

    def on_circle(self) -> LatticeLaw:
        """How many levels further each number goes, the last followed by the first: 0 … L − 1."""
        return _on_circle(self)

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """Total variation, at most, between d draws and the law meant.

        Raises:
            InputError: in the reals, which have no levels.
        """
        if step is None:
            raise InputError(f"{self} is noise for levels, and the reals have none: state a grid")
        return variation(self.levels, dimension)

    def deviation(self, dimension: int) -> None:
        """None: levels are replaced, nothing is added."""
        return

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same shape."""
        return shape


@lru_cache(maxsize=8)
def _on_circle(law: Discrete) -> LatticeLaw:
    """Thresholds 2⁶⁴ (a + jb), each rounded to the nearest integer."""
    keep = Fraction(law.keep)
    other = (1 - keep) / (law.levels - 1)
    return lattice_law([round(2**64 * (keep + j * other)) for j in range(law.levels - 1)], offset=0)
