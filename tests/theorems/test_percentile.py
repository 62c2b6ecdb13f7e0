from fractions import Fraction

import mpmath
import numpy as np
import pytest

from certiball import Gaussian
from certiball.theorems.percentile import shifted


def exact(p, move, slack):
    """p_lo and p_hi in 50 digits."""
    tau = mpmath.mpf(slack.numerator) / slack.denominator

    def quantile(q):
        return mpmath.sqrt(2) * mpmath.erfinv(2 * q - 1)

    low = mpmath.ncdf(quantile(p - tau) - move) - tau
    high = mpmath.ncdf(quantile(p + tau) + move) + tau
    return low, high


@pytest.mark.parametrize("slack", [Fraction(0), Fraction(1, 10**12), Fraction(1, 1000)])
def test_encloses_the_exact_percentiles_closely(slack):
    generator = np.random.default_rng(8)
    with mpmath.workdps(50):
        for _ in range(150):
            sigma, eps = generator.uniform(0.05, 2), generator.uniform(0, 1)
            p = float(generator.choice([0.5, generator.uniform(0.05, 0.95)]))
            low, high = shifted(Gaussian(sigma=sigma), p, eps, slack)
            least, most = exact(mpmath.mpf(p), mpmath.mpf(eps) / mpmath.mpf(sigma), slack)
            assert low <= max(0, least)
            assert high >= min(1, most)
            assert low == 0 or low >= least * (1 - mpmath.mpf("1e-11")) - mpmath.mpf("1e-15")
            assert high <= most * (1 + mpmath.mpf("1e-12"))


def test_nothing_moves_in_a_ball_of_radius_zero():
    assert shifted(Gaussian(sigma=1.0), 0.3, 0.0) == (0.3, 0.3)
    low, high = shifted(Gaussian(sigma=1.0), 0.3, 0.0, Fraction(1, 100))
    assert low <= 0.28
    assert high >= 0.32


def test_far_away_nothing_is_known():
    assert shifted(Gaussian(sigma=0.01), 0.5, 10.0) == (0.0, 1.0)
    assert shifted(Gaussian(sigma=1.0), 0.001, 0.5, Fraction(1, 100))[0] == 0.0
    assert shifted(Gaussian(sigma=1.0), 0.999, 0.5, Fraction(1, 100))[1] == 1.0
