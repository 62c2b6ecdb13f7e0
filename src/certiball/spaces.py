"""Where inputs live: a grid of stated step, or the reals.

Noise is added here, before any normalisation, and nothing is clipped after noise.
"""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from certiball.errors import InputError
from certiball.numbers import as_fraction, as_whole
from certiball.shapes import Array, Levels, Values

MOST_BITS = 40
LONGEST = 2**100  # float32 holds such numbers, rounded
FARTHEST = 2**MOST_BITS  # levels; far inside of what 64-bit integers and floats hold exactly


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The points step·low, step·(low+1), …, step·high, handled as the integers low…high ("levels").

    The grid's step may be finer than the data's: handwritten digits have 17 grey values and live
    here on a grid of step 1/256. Certificates speak of perturbed inputs on the grid Z·step,
    inside or outside of low…high.

    Raises:
        InputError: if the step is not positive, the range is empty, or numbers are absurdly large.

    Example:
        >>> import numpy as np
        >>> grid = Grid.uint8()
        >>> grid.levels(np.array([0.0, 1 / 255, 1.0], dtype=np.float32))
        array([  0,   1, 255])
        >>> print(grid)
        the grid 0, 1/255, …, 1
    """

    step: Fraction
    low: int
    high: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "step", as_fraction("step", self.step))
        object.__setattr__(self, "low", as_whole("low", self.low))
        object.__setattr__(self, "high", as_whole("high", self.high))
        if not self.step > 0:
            raise InputError(f"a grid's step must be > 0, not {self.step}")
        if max(self.step.numerator, self.step.denominator) > LONGEST:
            raise InputError(f"a grid's step must be a ratio of shorter numbers than {self.step}")
        if not self.low < self.high:
            raise InputError(f"a grid needs low < high, not {self.low} and {self.high}")
        if max(-self.low, self.high) > FARTHEST:
            raise InputError(
                f"levels from {self.low} to {self.high} reach further than {FARTHEST} from 0: "
                "use a coarser grid"
            )

    @classmethod
    def uint8(cls) -> "Grid":
        """The grid of 8-bit images scaled to [0, 1]: levels 0…255, step 1/255."""
        return cls.unsigned(8)

    @classmethod
    def unsigned(cls, bits: int) -> "Grid":
        """The grid of images of so many bits scaled to [0, 1]: levels 0…2ᵇ−1, step 1/(2ᵇ−1).

        The bits are those of the camera or scanner: 12-bit images stay 12-bit images in arrays of
        uint16.

        Raises:
            InputError: if there are fewer than 1 bit or more than 40.

        Example:
            >>> print(Grid.unsigned(16))
            the grid 0, 1/65535, …, 1
        """
        if not 1 <= as_whole("bits", bits) <= MOST_BITS:
            raise InputError(f"bits must be from 1 to {MOST_BITS}, not {bits}")
        return cls(step=Fraction(1, 2**bits - 1), low=0, high=2**bits - 1)

    @classmethod
    def fixed_point(cls, bits: int, *, low: int, high: int) -> "Grid":
        """The grid of numbers with so many binary places, from low to high: step 2⁻ᵇ.

        Args:
            bits: binary places.
            low: the least value of a clean input, a whole number.
            high: the greatest.

        Raises:
            InputError: if there are fewer than 0 bits or more than 40, or the range is empty.

        Example:
            >>> print(Grid.fixed_point(8, low=-1, high=1))
            the grid -1, -255/256, …, 1
        """
        if not 0 <= as_whole("bits", bits) <= MOST_BITS:
            raise InputError(f"bits must be from 0 to {MOST_BITS}, not {bits}")
        ends = [as_whole(name, value) << bits for name, value in (("low", low), ("high", high))]
        return cls(step=Fraction(1, 2**bits), low=ends[0], high=ends[1])

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value of a clean input."""
        return float(self.low * self.step), float(self.high * self.step)

    def levels(self, inputs: Array) -> Levels:
        """Inputs as levels: integers are taken as levels, floats must lie on the grid.

        Raises:
            InputError: naming the first input that is not a number, out of range or off the grid.
        """
        _check_numbers(inputs)
        whole = np.issubdtype(inputs.dtype, np.integer)
        if not whole:
            self._check_on_grid(inputs)
        levels = inputs if whole else self.round(inputs)
        outside = (levels < self.low) | (levels > self.high)  # before any cast can wrap around
        remedy = f"levels run from {self.low} to {self.high}; scale the data or state another grid"
        _refuse_first(outside, inputs, f"is outside of {self}", remedy)
        return levels.astype(np.int64)

    def _check_on_grid(self, inputs: Array) -> None:
        step, eps = float(self.step), float(np.finfo(inputs.dtype).eps)
        error = np.abs(inputs.astype(np.float64) - self.round(inputs) * step)
        # A stored value is a float: allow it two roundings of its own type, no more.
        off_grid = error > eps * np.maximum(np.abs(inputs), step)
        remedy = "round the data to the grid, or state the grid that it lies on"
        _refuse_first(off_grid, inputs, f"is not on {self}", remedy)
        if eps * max(abs(self.low), abs(self.high)) > 1 / 16:
            raise InputError(
                f"{inputs.dtype} cannot tell the points of {self} apart: give levels, as integers"
            )

    def round(self, values: Array) -> Levels:
        """The nearest levels (ties to even), not clipped: what a deployment does to any input.

        Raises:
            InputError: naming the first value that is not finite or absurdly far away.
        """
        _check_numbers(values)
        whole = np.issubdtype(values.dtype, np.integer)
        steps = np.divide(values, 1.0 if whole else float(self.step), dtype=np.float64)
        farthest = float(max(steps.max(initial=0), -steps.min(initial=0)))
        if not farthest <= FARTHEST:  # nor is NaN
            _refuse_far(values, steps)
        nearest = np.rint(steps)
        levels: Levels = nearest.astype(np.int64)
        # What a radius is worth off the grid rests on the nearest level, and the quotient is off
        # by two roundings: near the middle of two levels, exact arithmetic decides.
        off = np.abs(np.subtract(steps, nearest, out=nearest), out=nearest)
        if off.max(initial=0) >= 0.5 - farthest * 2.0**-51:  # few arrays have any such value
            middle = np.abs(off - 0.5) <= np.abs(steps) * 2.0**-51
            for place in map(tuple, np.argwhere(middle)):
                levels[place] = round(Fraction(float(values[place])) / self.step)
        return levels

    def values(self, levels: Levels, out: Values | None = None) -> Values:
        """The float32 that the model sees for each level: a function of the integer alone.

        Level k of 8-bit images becomes float32(k) / 255, as image libraries have it. They are
        written to `out` (float32, of the levels' shape) if that is given.
        """
        if out is None:
            values = levels.astype(np.float32)
        else:
            values = out
            values[...] = levels
        if self.step.numerator != 1:
            values *= np.float32(self.step.numerator)
        values /= np.float32(self.step.denominator)
        return values

    def __str__(self) -> str:
        first, second, last = (self.step * k for k in (self.low, self.low + 1, self.high))
        return f"the grid {first}, {second}, …, {last}"


@dataclass(frozen=True, kw_only=True)
class Reals:
    """Real numbers between low and high, held as floats: noise is floating-point noise.

    Floating-point noise lets an adversarial model see through it (arXiv 2207.07209); prefer a
    Grid wherever the data has one.

    Example:
        >>> print(Reals(low=0.0, high=1.0))
        the real interval [0, 1]
        >>> print(Reals(low=-2.1179039, high=2.64))
        the real interval [-2.1179039, 2.64]
    """

    low: float = -math.inf
    high: float = math.inf

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise InputError(f"an interval needs low < high, not {self.low} and {self.high}")

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value of a clean input."""
        return self.low, self.high

    def check(self, inputs: Array) -> Values:
        """The same inputs as float32, checked.

        Raises:
            InputError: naming the first input that is an integer, not finite or out of range.
        """
        if not np.issubdtype(inputs.dtype, np.floating):
            raise InputError(
                f"inputs of {self} must be floats, not {inputs.dtype}: "
                "integers have a grid, so state a Grid as the space, or convert them"
            )
        with np.errstate(over="ignore"):
            values = inputs.astype(np.float32)  # what the model will see, so that is checked
        remedy = "repair or scale the data"
        _refuse_first(~np.isfinite(values), inputs, "is not a finite number in float32", remedy)
        outside = (inputs < self.low) | (inputs > self.high)
        _refuse_first(outside, inputs, f"is outside of {self}", "scale the data or the space")
        return values

    def __str__(self) -> str:
        return f"the real interval [{exact_text(self.low)}, {exact_text(self.high)}]"


Space: TypeAlias = Grid | Reals


def exact_text(bound: float) -> str:
    """A bound's text, from which keys of noise are made: the same float is read from it.

    Example:
        >>> exact_text(1.0), exact_text(16 / 3)
        ('1', '5.333333333333333')
    """
    short = f"{bound:g}"
    return short if float(short) == bound else repr(float(bound))


def _refuse_far(values: Array, steps: Array) -> None:
    _refuse_first(~np.isfinite(values), values, "is not a finite number", "repair the data")
    far = np.abs(steps) > FARTHEST
    _refuse_first(far, values, f"is more than {FARTHEST} grid steps away from 0", "scale it")


def _check_numbers(inputs: Array) -> None:
    if inputs.dtype.kind not in "iuf":
        raise InputError(
            f"inputs must be integers or floats, not {inputs.dtype}: convert them first"
        )


def _refuse_first(wrong: Array, inputs: Array, complaint: str, remedy: str) -> None:
    if not wrong.any():
        return
    where = np.argwhere(wrong)[0]
    value = inputs[tuple(where)]
    place = "input " + str(where[0]) if len(where) else "the input"
    if len(where) > 1:
        place += f" at {tuple(int(i) for i in where[1:])}"
    count = int(wrong.sum())
    others = f" (and {count - 1} more)" if count > 1 else ""
    raise InputError(f"{place}: {value} {complaint}{others}; {remedy}")
