"""Splitting noise without chance: every offset of one fixed template, each of which votes once."""

import hashlib
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from certiball.errors import InputError
from certiball.laws.splitting import Splitting
from certiball.numbers import as_fraction, as_whole
from certiball.shapes import Levels
from certiball.spaces import Grid, Space


@dataclass(frozen=True, kw_only=True)
class DeterministicSplitting:
    """Splitting at s = ((template + t) mod q + ½) · step, for all t (arXiv 2103.10834).

    The model sees of each number what it sees under `Splitting`. But the thresholds of all
    numbers move together, by one offset t, from places that a template fixes. There are
    q = 2λ/step offsets; all of them vote, and a certificate in L1 holds without an error rate,
    for perturbations on the grid.

    The template is part of the law. It comes from a public seed (SHAKE-256 of "certiball
    splitting template", a line feed and the seed in decimal; 64 bits for each number, the lowest
    byte first, mod q), and no proof depends on which it is.

    Args:
        scale: λ, as `Splitting` takes it.
        step: of the grid where inputs live.
        seed: of the template.

    Raises:
        InputError: unless 2 · scale is a whole number of steps, and the seed from 0 to 2⁶⁴ − 1.

    Example:
        >>> law = DeterministicSplitting(scale=Fraction(1, 2), step=Fraction(1, 255))
        >>> law.views
        255
        >>> print(law)
        DeterministicSplitting(scale=1/2, step=1/255, seed=0)
        >>> law.template(5)
        array([143,  73, 161, 216,  41])
    """

    scale: Fraction
    step: Fraction
    seed: int = 0

    def __post_init__(self) -> None:
        drawn = Splitting(scale=self.scale)
        object.__setattr__(self, "scale", drawn.scale)
        object.__setattr__(self, "step", as_fraction("step", self.step))
        object.__setattr__(self, "seed", as_whole("seed", self.seed))
        if not self.step > 0:
            raise InputError(f"a grid's step must be > 0, not {self.step}")
        drawn.period(self.step)  # refuses what is no whole number of steps
        if not 0 <= self.seed < 2**64:
            raise InputError(f"seed must be from 0 to 2⁶⁴ − 1, not {self.seed}")

    @property
    def views(self) -> int:
        """Q = 2λ/step, one for each offset."""
        return Splitting(scale=self.scale).period(self.step)

    def template(self, dimension: int) -> Levels:
        """Where the threshold of each of so many numbers stands at offset 0, from 0 to q − 1."""
        text = f"certiball splitting template\n{self.seed}"
        words = np.frombuffer(hashlib.shake_256(text.encode()).digest(8 * dimension), dtype="<u8")
        levels: Levels = (words % np.uint64(self.views)).astype(np.int64)
        return levels

    def checked(self, space: Space) -> Grid:
        """The space, if the law fits it.

        Raises:
            InputError: if the space is no grid of the law's step: offsets count other steps there.
        """
        if not isinstance(space, Grid) or space.step != self.step:
            raise InputError(f"{self} is for inputs on a grid of step {self.step}, not for {space}")
        return space

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """Zero: nothing is drawn.

        Raises:
            InputError: unless inputs live on the grid that the law was made for.
        """
        if step != self.step:
            where = "in the reals" if step is None else f"on a grid of step {step}"
            raise InputError(f"{self} is for inputs on a grid of step {self.step}, not {where}")
        return Fraction(0)

    def deviation(self, dimension: int) -> None:
        """None: nothing is added."""
        return

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same shape."""
        return shape

    def __str__(self) -> str:
        return f"DeterministicSplitting(scale={self.scale}, step={self.step}, seed={self.seed})"
