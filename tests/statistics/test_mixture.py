import math

import mpmath
import numpy as np
import pytest
from mpmath import mpf

from certiball.errors import InputError
from certiball.statistics import mixture
from certiball.statistics.mixture import (
    acceptance_thresholds,
    decided_p_value,
    futility_thresholds,
    log_mixture,
    mixture_lower_bound,
    mixture_upper_bound,
)


def beta_below(a, b, x):
    """P(Beta(a, b) < x) by Gauss's continued fraction, which is quick below the mean."""
    value, scale, front = mpf(1), mpf(1), 1 / (1 - (a + b) * x / (a + 1))
    result, d, c = front, front, mpf(1)
    for i in range(1, 100_000):
        for term in (
            i * (b - i) * x / ((a + 2 * i - 1) * (a + 2 * i)),
            -(a + i) * (a + b + i) * x / ((a + 2 * i) * (a + 2 * i + 1)),
        ):
            d, c = 1 / (1 + term * d), 1 + term / c
            value = d * c
            result *= value
        if abs(value - 1) < mpf(10) ** -35:
            break
    scale = mpmath.exp(a * mpmath.log(x) + b * mpmath.log1p(-x) - log_beta(a, b))
    return scale * result / a


def log_beta(a, b):
    return mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)


def exact_log_mixture(k, n, q):
    """The definition, in forty digits: q below the share of successes."""
    a, b, q = k + mpf("0.5"), n - k + mpf("0.5"), mpf(q)
    posterior = log_beta(a, b) + mpmath.log(1 - beta_below(a, b, q))
    prior = mpmath.log(2 * mpmath.asin(mpmath.sqrt(1 - q)))
    return posterior - prior - k * mpmath.log(q) - (n - k) * mpmath.log1p(-q)


def cases(generator, number, digits):
    for _ in range(number):
        n = int(10 ** generator.uniform(digits, digits + 1))
        shares = (1.0, 1 - 1 / n, 0.5, 0.99, generator.beta(0.5, 0.5), generator.beta(0.5, 0.5))
        k = max(1, round(n * generator.choice(shares)))
        yield k, n, float(10 ** generator.uniform(-15, -0.3))


@pytest.mark.parametrize("digits", range(9))
def test_bounds_are_exact_and_on_the_safe_side(digits):
    with mpmath.workdps(40):
        for k, n, alpha in cases(np.random.default_rng(digits), 40, digits):
            bound = mixture_lower_bound(k, n, alpha)
            exact = exact_log_mixture(k, n, bound)
            # An error of log M of a hundredth of the margin, up to 10⁹ votes …
            error = abs(float(exact - mpf(float(log_mixture(*map(np.array, (k, n, bound)))))))
            assert error < mixture.MARGIN / 100
            # … and at the bound M is at least 1/α: the exact bound is not below.
            assert exact >= mpmath.log(1 / mpf(alpha))
            # Nor is it far above: a little further M is below 1/α.
            further = bound + 1e-7 * min(bound, 1 - bound) + 1e-15
            if further < k / n:
                assert exact_log_mixture(k, n, further) < mpmath.log(1 / mpf(alpha))


def test_definition_by_integration():
    with mpmath.workdps(30):
        for k, n, q in [(1, 1, 0.5), (0, 3, 0.2), (7, 9, 0.3), (40, 40, 0.9), (3, 50, 0.02)]:

            def density(theta):
                return 1 / mpmath.sqrt(theta * (1 - theta))

            def ratio(theta, k=k, n=n, q=q):
                likelihood = (theta / q) ** k * ((1 - theta) / (1 - q)) ** (n - k)
                return likelihood * density(theta)

            exact = mpmath.log(mpmath.quad(ratio, [q, 1]) / mpmath.quad(density, [q, 1]))
            found = log_mixture(np.array([k]), np.array([n]), np.array([q]))
            assert found == pytest.approx([float(exact)], abs=1e-12)


def test_where_the_posterior_has_no_tail_the_mixture_is_below_one():
    found = log_mixture(np.array([0, 10, 500_000]), np.array([10**6] * 3), np.array([0.9] * 3))
    assert np.all(found < 0)


def test_the_mixture_falls_in_q_wherever_it_exceeds_one():
    generator = np.random.default_rng(3)
    for k, n, _ in cases(generator, 300, 0):
        for trials, successes in ((n, k), (1000 * n, 1000 * k)):
            q = np.linspace(0, successes / trials, 400)[1:-1]
            values = log_mixture(np.array(successes), np.array(trials), q)
            above = values > 1e-9
            assert np.all(np.diff(values)[above[:-1]] < 0)
            # once at 1 or below it stays there
            assert not np.any(above[1:] & ~above[:-1])


def test_the_mixture_grows_with_every_success():
    for n in (1, 2, 10, 100, 1000):
        values = log_mixture(np.arange(n + 1), np.array(n), np.array(0.8))
        assert np.all(np.diff(values[np.isfinite(values)]) > 0)  # −∞ only far below


def test_unanimous_votes_needed():
    # By integration in thirty digits, for p0 = Φ(0), Φ(1), Φ(2), Φ(3) at α = .001.
    for p0, votes in ((0.5, 12), (0.841344746, 47), (0.977249868, 351), (0.998650102, 5977)):
        assert mixture_lower_bound(votes, votes, 0.001) > p0
        assert not mixture_lower_bound(votes - 1, votes - 1, 0.001) > p0


def test_bounds_of_no_and_of_all_successes():
    assert mixture_lower_bound(0, 100, 0.05) == 0.0
    assert mixture_upper_bound(100, 100, 0.05) == 1.0
    assert 0 < mixture_lower_bound(1, 10**9, 1e-15) < 1e-20
    assert 1 - 1e-6 < mixture_lower_bound(10**9, 10**9, 1e-15) < 1


def test_bounds_are_monotone_and_mirrored():
    n = 300
    lows = [mixture_lower_bound(k, n, 0.01) for k in range(n + 1)]
    highs = [mixture_upper_bound(k, n, 0.01) for k in range(n + 1)]
    assert lows == sorted(lows)
    assert highs == sorted(highs)
    assert all(low <= k / n <= high for k, (low, high) in enumerate(zip(lows, highs, strict=True)))
    for low, high in zip(lows, reversed(highs), strict=True):
        assert 1 - low <= high <= 1 - low + 2.0**-51
    levels = [mixture_lower_bound(270, n, alpha) for alpha in (1e-9, 1e-6, 0.001, 0.05, 0.5)]
    assert levels == sorted(levels)


@pytest.mark.parametrize("alpha", [1e-15, 0.001, 0.05, 0.4])
@pytest.mark.parametrize("p0", [0.1, 0.5, 0.841344746, 0.977249868, 1 - 1e-6])
def test_thresholds_are_those_of_the_reported_bounds(p0, alpha):
    trials = np.unique((10 ** np.linspace(0, 6, 40)).astype(int))
    accepted = acceptance_thresholds(p0, trials, alpha)
    for n, k in zip(trials.tolist(), accepted.tolist(), strict=True):
        assert k == n + 1 or mixture_lower_bound(k, n, alpha) > p0
        assert not mixture_lower_bound(k - 1, n, alpha) > p0
    futile = futility_thresholds(p0, trials, alpha)
    for n, k in zip(trials.tolist(), futile.tolist(), strict=True):
        assert k == -1 or mixture_upper_bound(k, n, alpha) <= p0
        assert not mixture_upper_bound(k + 1, n, alpha) <= p0
    assert np.all(futile < accepted)


def test_thresholds_at_the_reported_bound_itself():
    # The hardest case: p0 is the float that a count reports, which does not exceed itself.
    for k, n, alpha in [(90, 100, 0.01), (990, 1000, 0.001), (99_000, 100_000, 0.001)]:
        bound = mixture_lower_bound(k, n, alpha)
        assert acceptance_thresholds(bound, np.array([n]), alpha).tolist() == [k + 1]
        below = math.nextafter(bound, 0)
        assert acceptance_thresholds(below, np.array([n]), alpha).tolist() == [k]
        upper = mixture_upper_bound(k, n, alpha)
        assert futility_thresholds(upper, np.array([n]), alpha).tolist() == [k]
        below = math.nextafter(upper, 0)
        assert futility_thresholds(below, np.array([n]), alpha).tolist() == [k - 1]


def test_p_value_of_the_winner():
    with mpmath.workdps(40):
        for first, second, rivals in [(20, 0, 9), (60, 20, 1), (4000, 3500, 999), (12, 0, 1)]:
            exact = rivals * mpmath.exp(-exact_log_mixture(first, first + second, 0.5))
            found = decided_p_value(first, second, rivals)
            assert exact <= found <= exact * (1 + 1e-7)
    assert decided_p_value(0, 0, 1) == decided_p_value(50, 50, 3) == decided_p_value(51, 50, 3) == 1
    assert decided_p_value(10**9, 0, 9) < 1e-300


def test_the_runner_up_shows_least():
    values = [decided_p_value(100, second, 2) for second in range(101)]
    assert values == sorted(values)


@pytest.mark.parametrize(
    ("k", "n", "alpha", "message"),
    [
        (1, 0, 0.1, "number of votes must be from 1"),
        (1, 10**10, 0.1, "number of votes must be from 1 to 1000000000, not 10000000000"),
        (-1, 5, 0.1, "successes must be from 0 to 5, not -1"),
        (6, 5, 0.1, "successes must be from 0 to 5, not 6"),
        (1, 5, 0.0, "alpha must lie between 0 and 1, not 0.0"),
        (1, 5, 1e-16, "alpha must be at least 1e-15, not 1e-16"),
    ],
)
def test_bad_input(k, n, alpha, message):
    with pytest.raises(InputError, match=message):
        mixture_lower_bound(k, n, alpha)


def test_bad_thresholds_and_counts():
    for p0 in (0.0, 1.0, math.nan):
        with pytest.raises(InputError, match="p0 must lie between 0 and 1"):
            acceptance_thresholds(p0, np.array([10]), 0.1)
    for trials in ([0], [10**10], [[10]], []):
        with pytest.raises(InputError, match="numbers of votes must be"):
            futility_thresholds(0.5, np.array(trials), 0.1)
    with pytest.raises(InputError, match="ordered"):
        decided_p_value(3, 4, 1)
    with pytest.raises(InputError, match="at least 1 rival, not 0"):
        decided_p_value(4, 3, 0)
