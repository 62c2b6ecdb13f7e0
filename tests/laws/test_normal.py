"""Thresholds of the normal law: right to the last bit, by other roads than the code's."""

from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import ceil

import flint
import mpmath
import pytest

from certiball.laws import normal
from certiball.laws.normal import upper_thresholds

SIGMAS = [  # in steps: finer and coarser than a cell, of 8, 12 and 16 bits, and an odd fraction
    Fraction(1, 1000),
    Fraction(1, 50),
    Fraction(1, 3),
    Fraction(4),
    Fraction(0.12) * 255,
    Fraction(0.25) * 255,
    Fraction(0.33) * 1000 / 3,
    Fraction(0.25) * 4095,
]


@cache  # three tests ask for the same
def by_mpmath(sigma, places):
    """Φ((j + ½)/σ) by mpmath's erfc, in 320 bits, for a range of j."""
    with mpmath.workprec(320):
        scale = mpmath.mpf(sigma.denominator) / (2 * sigma.numerator)
        return [mpmath.ncdf((2 * j + 1) * scale) for j in places]


def by_continued_fraction(sigma, j):
    """2⁶⁴·Φ((j + ½)/σ) for x ≥ 1 in whole numbers: Laplace's continued fraction of Mills' ratio.

    1 − Φ(x) = φ(x) / (x + 1/(x + 2/(x + 3/(x + …)))); exp(−x²/2) by a series at x²/2²¹, squared
    twenty times.
    """
    x = (j + Fraction(1, 2)) / sigma
    one = 1 << 400
    fixed = x.numerator * one // x.denominator
    tail = fixed
    for k in range(6000, 0, -1):
        tail = fixed + k * one * one // tail
    exponent = fixed * fixed // one // 2 >> 20
    term, exponential, n = one, 0, 0
    while term:
        exponential += term
        n += 1
        term = -term * exponent // (n * one)
    for _ in range(20):
        exponential = exponential * exponential // one
    with mpmath.workprec(400):
        root = int(mpmath.sqrt(2 * mpmath.pi) * one)
    upper = exponential * one // root * one // tail
    return (2 ** (64 + 401) - 2**65 * upper + one) // (2 * one)


@pytest.mark.parametrize("sigma", SIGMAS, ids=float)
def test_every_threshold_is_that_of_mpmath(sigma):
    count = ceil(normal.TAIL * sigma) + 2
    with mpmath.workprec(320):
        right = [int(mpmath.nint(p * 2**64)) for p in by_mpmath(sigma, range(count))]
    assert upper_thresholds(sigma, count) == right


def test_every_threshold_is_within_a_ball_of_arb():
    """Rigorous: the ball holds 2⁶⁴·Φ and no half number, so one integer is nearest."""
    sigma = Fraction(0.5) * 255
    count = ceil(normal.TAIL * sigma)
    with flint.ctx.workprec(256):
        places = [(j + Fraction(1, 2)) / sigma for j in range(count)]
        points = [flint.arb(x.numerator) / x.denominator for x in places]
        balls = [flint.arb(2) ** 63 * (-x / flint.arb(2).sqrt()).erfc() for x in points]
        nearest = [(ball + flint.arb(1) / 2).floor().unique_fmpz() for ball in balls]
    assert upper_thresholds(sigma, count) == [int(z) for z in nearest]


@pytest.mark.parametrize("sigma", [Fraction(0.25) * 255, Fraction(0.5) * 4095], ids=float)
def test_thresholds_are_those_of_a_continued_fraction(sigma):
    count = ceil(normal.TAIL * sigma)
    found = upper_thresholds(sigma, count)
    for j in range(ceil(sigma), count, count // 30):
        assert found[j] == by_continued_fraction(sigma, j)


def test_sixteen_bits():
    sigma = Fraction(0.25) * 65_535
    count = ceil(normal.TAIL * sigma)
    found = upper_thresholds(sigma, count)
    places = range(0, count, count // 400)
    with mpmath.workprec(320):
        right = [int(mpmath.nint(p * 2**64)) for p in by_mpmath(sigma, places)]
    assert [found[j] for j in places] == right
    assert all(a <= b for a, b in pairwise(found))


@pytest.mark.parametrize("sigma", SIGMAS[2:], ids=float)
@pytest.mark.parametrize("bits", [100, 224])
def test_no_sum_is_off_by_more_than_the_doubt(sigma, bits):
    """The bound of the module's docstring, at the points themselves and not their roundings."""
    cells = ceil(8 / sigma) | 1
    inner = ceil(normal.TAIL * sigma - Fraction(1, 2))
    sums = list(normal._distribution(1 / (cells * sigma), inner * cells, bits))
    sums = sums[cells // 2 :: cells]
    with mpmath.workprec(400):
        exact = by_mpmath(sigma, range(ceil(normal.TAIL * sigma) + 2))[:inner]
        for found, right in zip(sums, exact, strict=True):
            assert abs(found - right * 2**bits) <= normal._doubt(inner * cells)


def test_the_first_bits_leave_less_doubt_than_a_hundred_and_sixty():
    for cells in (600, 2**23):
        assert normal._doubt(cells) < 2 ** (normal.BITS - 160)


def test_too_few_bits_are_noticed_and_more_are_taken(monkeypatch):
    sigma = Fraction(0.25) * 255
    tried = []

    def attempt(*arguments, do=normal._attempt):
        tried.append(arguments[-1])
        return do(*arguments)

    monkeypatch.setattr(normal, "_attempt", attempt)
    assert upper_thresholds(sigma, 593, bits=80) == upper_thresholds(sigma, 593)
    assert tried[:2] == [80, 160]
