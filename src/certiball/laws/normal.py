"""2⁶⁴·Φ at evenly spaced points, each rounded to the right integer, in integer arithmetic.

The points are (j + ½)/σ. Φ there is ½ and the integrals of the density φ over cells of width
w = 1/(mσ) before it, m odd, the first cell centred on 0 and counted half. Over the cell around
c = iw the integral is

    φ(c) ∫ exp(−ct − t²/2) dt = φ(c) ∫ cosh(ct) exp(−t²/2) dt = exp(−c²/2) · Σ_k B_k u^k

with |t| ≤ w/2, u = (cw/2)² and B_k = ∫ (2t/w)^2k exp(−t²/2) dt / ((2k)! √(2π)) > 0, and
exp(−c²/2) follows from its neighbour by two products. All numbers are integers, in units of
ε = 2^−bits, and rounded down.

How far off can a sum be, N cells from the middle? exp(−w²/2) and exp(−w²) are off by ≤ ε, so the
ratio of neighbours, i products later, by ≤ (2i + 1)ε, and exp(−c²/2) by ≤ (i + 1)²ε, for no factor
exceeds 1. Cells are so narrow, w ≤ 1/8 and c ≤ 9.3, that u < .34. So the series is ≤ .47w, and
off by ≤ 8ε: 2ε for its end, and at each of Horner's steps, which u contracts, ε for B_k, ε for the
product, and 2ε · .06 for u. With (N + 1)w < 9.5 the sum of N + 1 products is off by at most
4.5(N + 1)²ε + 9(N + 1)ε < 16(N + 1)²ε: that is `_doubt`, below 2⁻¹⁷⁰ for N < 2²³ and 224 bits.
A point whose rounding the doubt leaves open has all computed again with twice the bits. That ends:
Φ of a rational number other than 0 is irrational.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from math import ceil, isqrt

BITS = 224
GUARD = 64  # more bits for what is computed once
WIDTH = Fraction(1, 8)  # of a cell, in standard deviations, at most
TAIL = Fraction(93, 10)  # 2⁶⁴·(1 − Φ) is below ½ there, and the mass of both tails below 2⁻⁶⁴


def upper_thresholds(sigma: Fraction, count: int, bits: int = BITS) -> list[int]:
    """2⁶⁴·Φ((j + ½)/σ) for j = 0 … count − 1, rounded to the nearest integer.

    Args:
        sigma: standard deviation, in steps.
        count: how many.
        bits: of the arithmetic to begin with.

    Example:
        >>> upper_thresholds(Fraction(1), 2)
        [12755231059699021555, 17214368729622122850]
    """
    inner = min(count, max(0, ceil(TAIL * sigma - Fraction(1, 2))))  # those before the tail
    while (found := _attempt(sigma, inner, bits)) is None:
        bits *= 2
    return found + [2**64] * (count - inner)


def _attempt(sigma: Fraction, count: int, bits: int) -> list[int] | None:
    """The thresholds, or None where so many bits leave one of them open."""
    cells = int(1 / (WIDTH * sigma)) + 1
    cells += 1 - cells % 2  # per step, odd: an edge of cells then lies at every (j + ½)/σ
    number = count * cells
    doubt, drop = _doubt(number), bits - 64
    half = 1 << (drop - 1)
    thresholds = []
    for value in islice(_distribution(1 / (cells * sigma), number, bits), cells // 2, None, cells):
        nearest = (value + half - doubt) >> drop
        if nearest != (value + half + doubt) >> drop:
            return None
        thresholds.append(nearest)
    return thresholds


def _doubt(cells: int) -> int:
    """How far off the sum over so many cells can be, in units of the last bit."""
    return 16 * (cells + 1) ** 2


def _distribution(width: Fraction, cells: int, bits: int) -> Iterator[int]:
    """Φ((i + ½)·width) for i = 0 … cells − 1, in units of the last bit."""
    series = _series(width, bits)
    more = 2 * cells.bit_length()  # i² has so many
    unit = _floor(width**4 / 4, bits + more)
    density, ratio = 1 << bits, _exp(-(width**2) / 2, bits)
    shrinking = _exp(-(width**2), bits)
    total = ((1 << bits) - series[0]) // 2  # the first cell counts half
    series.reverse()
    for i in range(cells):
        u = i * i * unit >> more
        value = 0
        for coefficient in series:
            value = (value * u >> bits) + coefficient
        total += value * density >> bits
        yield total
        density = density * ratio >> bits
        ratio = ratio * shrinking >> bits


def _series(width: Fraction, bits: int) -> list[int]:
    """B_0, B_1, … until B_k u^k is below one unit for all u."""
    fine = bits + GUARD
    # B_k = w / ((2k)! √(2π)) · Σ_n (−w²/8)^n / (n! (2k + 2n + 1))
    powers, n = [1 << fine], 0
    while powers[-1]:
        n += 1
        powers.append(-powers[-1] * width.numerator**2 // (8 * n * width.denominator**2))
    front = _floor(width, fine) * (1 << fine) // _root_of_two_pi(fine)
    largest = TAIL * width / 2
    series, k = [], 0
    while True:
        total = sum(power // (2 * k + 2 * n + 1) for n, power in enumerate(powers))
        term = front * total >> fine
        series.append(term >> GUARD)
        if series[-1] * largest.numerator ** (2 * k) < largest.denominator ** (2 * k):
            return series
        k += 1
        front //= 2 * k * (2 * k - 1)


def _floor(value: Fraction, bits: int) -> int:
    return (value.numerator << bits) // value.denominator


def _exp(exponent: Fraction, bits: int) -> int:
    """The exponential of a small number ≤ 0, rounded down to so many bits."""
    fine = bits + GUARD
    term, total, n = 1 << fine, 0, 0
    while term:
        total += term
        n += 1
        term = term * exponent.numerator // (n * exponent.denominator)
    return total >> GUARD


def _root_of_two_pi(bits: int) -> int:
    """√(2π), by Machin's formula for π."""
    fine = bits + GUARD
    pi = 16 * _arctan_of_inverse(5, fine) - 4 * _arctan_of_inverse(239, fine)
    return isqrt(pi << (fine + 1)) >> GUARD


def _arctan_of_inverse(whole: int, bits: int) -> int:
    power, total, n = (1 << bits) // whole, 0, 0
    while power:
        total += power // (2 * n + 1)
        n += 1
        power = -power // whole**2
    return total
