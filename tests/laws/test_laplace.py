"""Laplace noise on grids: thresholds right to the last bit, by other roads than the code's."""

import math
from fractions import Fraction
from itertools import pairwise

import flint
import mpmath
import numpy as np
import pytest

from certiball.errors import InputError
from certiball.laws import GridLaw, decay
from certiball.laws.decay import upper_tails
from certiball.laws.laplace import Laplace

SCALES = [  # in steps
    Fraction(1, 1000),
    Fraction(1, 50),
    Fraction(1, 3),
    Fraction(4),
    Fraction(0.12) * 255,
    Fraction(0.33) * 1000 / 3,
    Fraction(0.25) * 4095,
]


def by_mpmath(scale, j):
    """2⁶³·exp(−(j + ½)/scale), where the precision allows it."""
    x = mpmath.mpf((2 * j + 1) * scale.denominator) / (2 * scale.numerator)
    return mpmath.mpf(2) ** 63 * mpmath.exp(-x)


@pytest.mark.parametrize("scale", SCALES, ids=float)
def test_every_tail_is_that_of_mpmath(scale):
    count = math.ceil(decay.TAIL * scale) + 2
    with mpmath.workprec(300):
        found, places = upper_tails(scale, count), range(0, count, 1 + count // 5000)
        assert all(found[j] == int(mpmath.nint(by_mpmath(scale, j))) for j in places)


def test_every_tail_is_within_a_ball_of_arb():
    scale = Fraction(0.5) * 255
    count = math.ceil(decay.TAIL * scale)
    with flint.ctx.workprec(256):
        points = [flint.arb(2 * j + 1) / 2 * scale.denominator for j in range(count)]
        balls = [flint.arb(2) ** 63 * (-x / scale.numerator).exp() for x in points]
        nearest = [(ball + flint.arb(1) / 2).floor().unique_fmpz() for ball in balls]
    assert upper_tails(scale, count) == [int(z) for z in nearest]


def test_sixteen_bits():
    scale = Fraction(0.25) * 65_535
    law = Laplace(scale=0.25).on_grid(Fraction(1, 65_535))
    with mpmath.workprec(300):
        for j in range(0, law.offset, law.offset // 50):
            tail = int(mpmath.nint(by_mpmath(scale, j)))
            upper, lower = law.offset + j, law.offset - j - 1
            assert int(law.thresholds[lower]) == tail
            if tail:
                assert int(law.thresholds[upper]) == 2**64 - tail


@pytest.mark.parametrize("scale", SCALES[2:5], ids=float)
def test_no_power_is_off_by_more_than_the_doubt(scale):
    count = math.ceil(decay.TAIL * scale)
    with mpmath.workprec(400):
        for j, found in enumerate(decay._powers(scale, count, 100)):
            right = by_mpmath(scale, j) * mpmath.mpf(2) ** 37
            assert 0 <= right - found <= decay._doubt(scale, count)


def test_too_few_bits_are_noticed_and_more_are_taken(monkeypatch):
    scale, tried = Fraction(0.25) * 255, []

    def attempt(*arguments, do=decay._attempt):
        tried.append(arguments[-1])
        return do(*arguments)

    monkeypatch.setattr(decay, "_attempt", attempt)
    assert upper_tails(scale, 2900, bits=80) == upper_tails(scale, 2900)
    assert tried[:2] == [80, 160]


@pytest.mark.parametrize("scale", [0.001, 0.12, 0.25])
def test_thresholds_are_those_of_the_distribution(scale):
    step = Fraction(1, 255)
    law = Laplace(scale=scale).on_grid(step)
    edges = [0, *map(int, law.thresholds), 2**64]
    assert all(a <= b for a, b in pairwise(edges))
    with mpmath.workprec(200):
        for place in np.linspace(0, len(law.thresholds), 40).astype(int).tolist():
            z = place - law.offset  # drawn for words from edges[place] to edges[place + 1]
            ends = [(z + side) * mpmath.mpf(1) / 255 for side in (-mpmath.mpf(1) / 2, 0.5)]
            low, high = (
                mpmath.exp(x / scale) / 2 if x < 0 else 1 - mpmath.exp(-x / scale) / 2 for x in ends
            )
            drawn = mpmath.mpf(edges[place + 1] - edges[place]) / 2**64
            assert abs(drawn - (high - low)) <= mpmath.mpf(2) ** -63
    assert law.bins == 2 * law.offset + 2


@pytest.mark.parametrize("step", [Fraction(1, 255), Fraction(3, 1000), Fraction(2)])
@pytest.mark.parametrize("scale", [1e-9, 0.01, 0.25, 7.5])
def test_slack_without_thresholds_is_that_of_the_thresholds(scale, step):
    law = Laplace(scale=scale)
    for dimension in (1, 3072):
        assert law.slack(step, dimension) == law.on_grid(step).slack(dimension)
    assert law.slack(None, 3072) == 0


def test_total_variation_is_within_the_slack():
    law = Laplace(scale=0.05).on_grid(Fraction(1, 255))
    edges = [0, *map(int, law.thresholds), 2**64]
    drawn = {i - law.offset: b - a for i, (a, b) in enumerate(pairwise(edges))}
    with mpmath.workprec(200):
        decays = mpmath.exp(-1 / (255 * mpmath.mpf(0.05)))

        def mass(z):
            if z == 0:
                return 1 - mpmath.sqrt(decays)
            return decays ** (abs(z) - mpmath.mpf(1) / 2) * (1 - decays) / 2

        places = range(-3 * law.offset, 3 * law.offset)
        gap = sum(abs(mass(z) - mpmath.mpf(drawn.get(z, 0)) / 2**64) for z in places)
        assert 0 < gap / 2 <= mpmath.mpf(law.bins) / 2**64


@pytest.mark.parametrize("scale", [0.0, -1.0, math.nan, math.inf])
def test_bad_scale(scale):
    with pytest.raises(InputError, match=r"scale must be finite and > 0, not .*usual"):
        Laplace(scale=scale)


def test_grids_too_fine_for_memory_are_refused():
    for use in (lambda law: law.on_grid(Fraction(1, 2**18)), lambda law: law.slack(Fraction(1), 1)):
        with pytest.raises(InputError, match=r"a scale of .* grid steps .* coarser grid"):
            use(Laplace(scale=1e300))


def test_text_and_protocol():
    law = Laplace(scale=0.1)
    assert str(law) == "Laplace(scale=0.1)"
    assert isinstance(law, GridLaw)
    assert law.deviation(3) == pytest.approx(0.1 * 2**0.5)
    assert law.seen((3, 4)) == (3, 4)
