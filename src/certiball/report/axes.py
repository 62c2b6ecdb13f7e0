"""Scales and tick marks of hand-made charts."""

import math
from dataclasses import dataclass

TINY = 1e-300  # of smaller numbers a quotient may be 0


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The plotting area inside a picture, and how data meet its pixels.

    Args:
        width: of the whole picture, in pixels, like height and the four margins.
        height: see width.
        left: margin.
        right: margin.
        top: margin.
        bottom: margin.
        x_high: the data value at the right edge; the left edge is 0.
        y_high: the data value at the top; the bottom is 0.
    """

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    x_high: float
    y_high: float

    def x(self, value: float) -> float:
        """Pixels from the left."""
        room = self.width - self.left - self.right
        return self.left + room * value / self.x_high

    def y(self, value: float) -> float:
        """Pixels from the top."""
        room = self.height - self.top - self.bottom
        return self.height - self.bottom - room * value / self.y_high


def nice_step(high: float, most: int) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that takes at most `most` steps to `high`.

    Example:
        >>> nice_step(0.9, 5), nice_step(3.8, 8)
        (0.2, 0.5)
    """
    power = 10.0 ** math.floor(math.log10(max(high / most, TINY)))
    # A quotient a hair above a whole number is that whole number.
    nice = (factor * power for factor in (1, 2, 2.5, 5, 10))
    return float(f"{next(s for s in nice if high / s <= most * (1 + 1e-9)):.12g}")


def ticks(high: float, most: int) -> tuple[float, ...]:
    """Nice values from 0 up to `high`, at most `most` steps.

    Example:
        >>> ticks(0.9, 5)
        (0.0, 0.2, 0.4, 0.6, 0.8)
    """
    step = nice_step(high, most)
    count = math.floor(high / step * (1 + 1e-9))
    return tuple(float(f"{i * step:.12g}") for i in range(count + 1))
