"""Round numbers: where charts have marks, and tables count."""

import math

TINY = 1e-300  # of smaller numbers a quotient may be 0
USUAL = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0)  # what articles report
MOST = 8  # steps where the usual radii do not fit


def radii_up_to(largest: float, *, whole: bool = False) -> tuple[float, ...]:
    """The radii at which tables count, up to the largest that can be: no result plays a part.

    Args:
        largest: ≥ 0.
        whole: whether radii are whole numbers.

    Example:
        >>> radii_up_to(0.8), radii_up_to(0.1), radii_up_to(9.0, whole=True)
        ((0.0, 0.25, 0.5, 0.75), (0.0, 0.02, 0.04, 0.06, 0.08, 0.1), (0.0, 2.0, 4.0, 6.0, 8.0))
    """
    if whole:
        every = 1 + int(largest) // MOST
        return tuple(map(float, range(0, int(largest) + 1, every)))
    if largest <= 0:
        return (0.0,)
    if USUAL[1] <= largest <= 2 * USUAL[-1]:
        return tuple(radius for radius in USUAL if radius <= largest)
    return ticks(largest, MOST)


def nice_step(high: float, most: int, *, whole: bool = False) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that takes at most `most` steps to `high`.

    Example:
        >>> nice_step(0.9, 5), nice_step(3.8, 8), nice_step(20.0, 8), nice_step(3.8, 8, whole=True)
        (0.2, 0.5, 2.5, 1.0)
    """
    if whole:
        steps = (factor * 10.0**power for power in range(40) for factor in (1, 2, 5))
        return next(step for step in steps if high / step <= most)
    power = 10.0 ** math.floor(math.log10(max(high / most, TINY)))
    # A quotient a hair above a whole number is that whole number.
    nice = (factor * power for factor in (1, 2, 2.5, 5, 10))
    return float(f"{next(s for s in nice if high / s <= most * (1 + 1e-9)):.12g}")


def ticks(high: float, most: int, *, whole: bool = False) -> tuple[float, ...]:
    """Nice values from 0 up to `high`, at most `most` steps; whole numbers where asked.

    Example:
        >>> ticks(0.9, 5), ticks(2.08, 10, whole=True)
        ((0.0, 0.2, 0.4, 0.6, 0.8), (0.0, 1.0, 2.0))
    """
    step = nice_step(high, most, whole=whole)
    count = math.floor(high / step * (1 + 1e-9))
    return tuple(float(f"{i * step:.12g}") for i in range(count + 1))
