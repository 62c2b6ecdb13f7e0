import math

import mpmath
import numpy as np
import pytest

from certiball.statistics.normal import (
    cdf_down,
    cdf_up,
    density_down,
    moved_down,
    moved_up,
    quantile_down,
    quantile_up,
)


def probabilities():
    generator = np.random.default_rng(2)
    tails = 10.0 ** generator.uniform(-300, -0.31, 100)
    near_half = 0.5 + generator.choice([-1, 1], 60) * 10.0 ** generator.uniform(-16, -1, 60)
    near_one = 1 - 10.0 ** generator.uniform(-15, -1, 60)
    return [*tails, *near_half, *near_one]


def test_quantiles_enclose_the_exact_one():
    with mpmath.workdps(400):
        for p in map(float, probabilities()):
            # Φ is increasing, so the sides can be checked without an inverse.
            assert mpmath.ncdf(quantile_down(p)) <= p <= mpmath.ncdf(quantile_up(p))
            assert quantile_up(p) - quantile_down(p) <= 1e-13 * max(abs(quantile_up(p)), 1e-300)


def test_ends_and_middle():
    assert quantile_down(0.5) == quantile_up(0.5) == 0.0
    assert quantile_down(0.0) == -math.inf
    assert quantile_up(1.0) == math.inf


def test_density_is_below_the_exact_one():
    with mpmath.workdps(40):
        for x in np.linspace(-8, 8, 100):
            exact = mpmath.npdf(float(x))
            assert density_down(float(x)) <= exact
            assert density_down(float(x)) == pytest.approx(float(exact), rel=1e-12)


def test_probabilities_enclose_the_exact_one():
    with mpmath.workdps(60):
        for x in [*np.linspace(-38, 9, 400), *np.linspace(-0.01, 0.01, 30), -1e-300, 0.0]:
            low, exact, high = cdf_down(float(x)), mpmath.ncdf(float(x)), cdf_up(float(x))
            assert low <= exact <= high
            assert high - low <= 1e-11 * exact or x < -37.5  # where floats lose digits


def test_probabilities_of_infinite_numbers():
    assert cdf_down(-math.inf) == 0.0 < cdf_up(-math.inf) < 1e-307
    assert cdf_up(math.inf) == 1.0 > cdf_down(math.inf) > 1 - 1e-14


def test_moved_masses_enclose_the_exact_ones():
    with mpmath.workdps(60):
        for p in (1e-9, 0.1, 0.5, 0.9, 1 - 1e-9):
            for by in (-3.0, -0.1, 0.0, 1e-9, 2.0):
                exact = mpmath.ncdf(mpmath.sqrt(2) * mpmath.erfinv(2 * mpmath.mpf(p) - 1) + by)
                assert moved_down(p, by) <= exact <= moved_up(p, by)
                assert moved_up(p, by) - moved_down(p, by) <= 1e-11 * exact
    assert moved_down(0.0, 5.0) == 0.0
    assert moved_up(1.0, -5.0) == 1.0
    assert moved_up(0.0, 5.0) < 1e-300
