from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from certiball.errors import InputError
from certiball.laws.splitting import Splitting, midpoints

STEP = Fraction(1, 255)


def test_the_map_is_that_of_the_article():
    for period in range(1, 9):
        for top in range(1, 6):
            for x in range(top + 1):
                for t in range(period):
                    s = Fraction(2 * t + 1, 2)
                    above = period * -((s - x) // period) + s  # 2λ⌈(x − s)/2λ⌉ + s
                    seen = (min(above, top) + max(above - period, 0)) / 2
                    found = midpoints(np.array([x]), np.array([t]), period=period, top=top)
                    assert found == 4 * seen
                    if period >= top:  # the form for λ ≥ ½
                        assert seen == (top * (x > s) + min(s, top)) / 2


def test_whole_periods_alone():
    assert Splitting(scale=Fraction(1, 2)).period(STEP) == 255
    assert Splitting(scale=Fraction(40, 255)).period(STEP) == 80
    with pytest.raises(InputError, match=r"scale = 1/4 is no whole number .*: scale = 64/255 is"):
        Splitting(scale=Fraction(1, 4)).period(STEP)
    with pytest.raises(InputError, match="scale = 1/510 is"):  # never 0
        Splitting(scale=Fraction(1, 10_000)).period(STEP)
    with pytest.raises(InputError, match=r"2\.55e\+08 grid steps, more than"):
        Splitting(scale=Fraction(500_000)).slack(STEP, 1)


@pytest.mark.parametrize("scale", [Fraction(0), Fraction(-1, 2)])
def test_bad_scales(scale):
    with pytest.raises(InputError, match="scale must be > 0, not"):
        Splitting(scale=scale)


def test_places_are_uniform_within_the_slack():
    for scale, dimension in ((Fraction(1, 2), 3072), (Fraction(3, 255), 1)):
        law = Splitting(scale=scale)
        places, period = law.places(STEP), law.period(STEP)
        edges = [0, *map(int, places.thresholds), 2**64]
        assert len(edges) == period + 1
        drawn = [Fraction(b - a, 2**64) for a, b in pairwise(edges)]
        variation = sum(abs(p - Fraction(1, period)) for p in drawn) / 2
        assert variation * dimension <= law.slack(STEP, dimension) < Fraction(1, 10**12)
        assert (places.least, places.greatest) == (0, period - 1)


def test_no_version_in_the_reals():
    with pytest.raises(InputError, match="exact on a grid, and there is no version in the reals"):
        Splitting(scale=Fraction(1, 2)).slack(None, 3)


def test_what_a_law_says_of_itself():
    law = Splitting(scale=Fraction(40, 255))
    assert str(law) == "Splitting(scale=8/51)"
    assert law.deviation(784) is None
    assert law.seen((1, 28, 28)) == (1, 28, 28)
