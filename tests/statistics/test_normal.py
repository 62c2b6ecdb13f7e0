import math

import mpmath
import numpy as np
import pytest

from certiball.statistics.normal import density_down, quantile_down, quantile_up


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
