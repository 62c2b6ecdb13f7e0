"""2⁶³·exp(−x) at evenly spaced points, each rounded to the right integer, in integer arithmetic.

The points are (j + ½)/s. Half a step, 1/2s, is cut into equal pieces of at most 1/8, the
exponential of a piece is a short series, and the others are its powers. All numbers are integers
in units of ε = 2^−bits, and rounded down.

How far off can they be? The series by ε; a product of numbers of at most 1, that are off by aε and
bε, by (a + b + 1)ε. So n pieces are off by 2nε, a whole step by (4n + 1)ε, and the j-th point by
(2n + j(4n + 2))ε: that is below `_doubt`. A point whose rounding the doubt leaves open has all
computed again with twice the bits. That ends: the exponential of a rational number other than 0 is
irrational.
"""

from fractions import Fraction
from math import ceil

BITS = 192
PIECE = Fraction(1, 8)  # of the exponent, at most
TAIL = Fraction(45)  # 2⁶³·exp(−45) is below ½


def upper_tails(scale: Fraction, count: int, bits: int = BITS) -> list[int]:
    """2⁶³·exp(−(j + ½)/scale) for j = 0 … count − 1, rounded to the nearest integer.

    Args:
        scale: of the decay, in steps.
        count: how many.
        bits: of the arithmetic to begin with.

    Example:
        >>> upper_tails(Fraction(1), 2)
        [5594257926288582650, 2058012479691955556]
    """
    inner = min(count, max(0, ceil(TAIL * scale - Fraction(1, 2))))  # those before the tail
    if not inner:
        return [0] * count
    while (found := _attempt(scale, inner, bits)) is None:
        bits *= 2
    return found + [0] * (count - inner)


def _attempt(scale: Fraction, count: int, bits: int) -> list[int] | None:
    """The tails, or None where so many bits leave one of them open."""
    doubt, drop = _doubt(scale, count), bits - 63
    half = 1 << (drop - 1)
    tails = []
    for value in _powers(scale, count, bits):
        nearest = (value + half) >> drop
        if nearest != (value + half + doubt) >> drop:
            return None
        tails.append(nearest)
    return tails


def _powers(scale: Fraction, count: int, bits: int) -> list[int]:
    """exp(−(j + ½)/scale) for j = 0 … count − 1, in units of the last bit, never above it."""
    pieces = _pieces(scale)
    piece = _exp(-1 / (2 * scale * pieces), bits)
    value = 1 << bits
    for _ in range(pieces):
        value = value * piece >> bits
    step = value * value >> bits
    powers = []
    for _ in range(count):
        powers.append(value)
        value = value * step >> bits
    return powers


def _pieces(scale: Fraction) -> int:
    """Of half a step."""
    return ceil(1 / (2 * scale * PIECE))


def _doubt(scale: Fraction, count: int) -> int:
    """How far below the powers their computed values can be, in units of the last bit."""
    return (4 * _pieces(scale) + 2) * (count + 1)


def _exp(exponent: Fraction, bits: int) -> int:
    """The exponential of a number from −1/8 to 0, in units of the last bit, at most one below."""
    guard = bits.bit_length() + 2
    fine = bits + guard
    size, total, n = 1 << fine, 0, 0
    while size:
        total += -size if n % 2 else size
        n += 1
        size = size * -exponent.numerator // (n * exponent.denominator)
    # Fewer than bits/2 terms, each off by less than 2 units of `fine`.
    return (total - bits) >> guard
