"""Splitting noise without chance: every offset of one fixed template, each of which votes once."""

import hashlib
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from certiball.errors import InputError
from certiball.numbers import as_fraction, as_whole
from certiball.shapes import Levels

MOST_VIEWS = 2**20


@dataclass(frozen=True, kw_only=True)
class DeterministicSplitting:
    """Splitting at s = ((template + t) mod q + ½) · step, for all t (arXiv 2103.10834).

    Each number of an input is split at a threshold s between 0 and 2λ: the model sees in which
    part it lies, and where that part ends. The thresholds of all numbers move together, by one
    offset t, from places that a template fixes. There are q = 2λ/step offsets; all of them vote,
    and a certificate in L1 holds without an error rate, for perturbations on the grid.

    The template is part of the law. It comes from a public seed (SHAKE-256 of "certiball
    splitting template", a line feed and the seed in decimal; 64 bits for each number, the lowest
    byte first, mod q), and no proof depends on which it is.

    Args:
        scale: λ, in the units of the inputs: an exact number such as Fraction(40, 255).
        step: of the grid where inputs live.
        seed: of the template.

    Raises:
        InputError: unless 2 · scale / step is a whole number of offsets from 1 to 2²⁰, and the
            seed is from 0 to 2⁶⁴ − 1.

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
        object.__setattr__(self, "scale", as_fraction("scale", self.scale))
        object.__setattr__(self, "step", as_fraction("step", self.step))
        object.__setattr__(self, "seed", as_whole("seed", self.seed))
        if not self.step > 0:
            raise InputError(f"a grid's step must be > 0, not {self.step}")
        offsets: Fraction = 2 * self.scale / self.step
        if not (1 <= offsets <= MOST_VIEWS and offsets.denominator == 1):
            near = min(max(round(offsets), 1), MOST_VIEWS) * self.step / 2
            raise InputError(
                f"scale = {self.scale} gives 2 · scale / step = {offsets} offsets on a grid of "
                f"step {self.step}, and that must be a whole number from 1 to {MOST_VIEWS}: scale "
                f"= {near} gives one"
            )
        if not 0 <= self.seed < 2**64:
            raise InputError(f"seed must be from 0 to 2⁶⁴ − 1, not {self.seed}")

    @property
    def views(self) -> int:
        """Q = 2λ/step, one for each offset."""
        return int(2 * self.scale / self.step)

    def template(self, dimension: int) -> Levels:
        """Where the threshold of each of so many numbers stands at offset 0, from 0 to q − 1."""
        text = f"certiball splitting template\n{self.seed}"
        words = np.frombuffer(hashlib.shake_256(text.encode()).digest(8 * dimension), dtype="<u8")
        levels: Levels = (words % np.uint64(self.views)).astype(np.int64)
        return levels

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
