import csv
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from certiball.errors import InputError
from certiball.statistics.binomial import (
    class_lower_bound,
    lower_bound,
    others_upper_bound,
    top_two_p_value,
    upper_bound,
)
from certiball.votes import Design, Votes


def test_reference_is_met_on_the_safe_side(shared):
    with (shared / "reference/clopper_pearson.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) > 90
    for row in rows:
        k, n, alpha = int(row["k"]), int(row["n"]), float(row["alpha"])
        with mpmath.workdps(40):
            low, high = mpmath.mpf(row["lower"]), mpmath.mpf(row["upper"])
            assert low * (1 - mpmath.mpf("1e-12")) <= lower_bound(k, n, alpha) <= low
            assert high <= upper_bound(k, n, alpha) <= high * (1 + mpmath.mpf("1e-12"))


def tail(k, n, p):
    """P(Bin(n, p) ≥ k) in exact rational arithmetic, by Horner's scheme on integers."""
    a, whole = p.as_integer_ratio()
    b, power, total = whole - a, 1, 1
    for i in range(n - 1, k - 1, -1):
        power *= b
        total = total * a + math.comb(n, i) * power
    return Fraction(total * a**k, whole**n)


def enumerate_coverage(n, alpha):
    # P(bound > p) is largest as p comes up to a bound: there it is P(K ≥ k) at that bound.
    for k in range(n + 1):
        low, high = Fraction(lower_bound(k, n, alpha)), Fraction(upper_bound(k, n, alpha))
        if k > 0:
            assert tail(k, n, low) <= Fraction(alpha)
        if k < n:
            assert tail(n - k, n, 1 - high) <= Fraction(alpha)
    # and not merely by being useless: half a per mille more would break it
    k = max(1, n // 2)
    assert tail(k, n, Fraction(lower_bound(k, n, alpha)) * Fraction(10005, 10000)) > alpha


@pytest.mark.parametrize("alpha", [0.05, 0.001])
@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 200])
def test_coverage_by_exact_enumeration(n, alpha):
    enumerate_coverage(n, alpha)


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.05, 0.001])
def test_coverage_by_exact_enumeration_of_every_n_up_to_200(alpha):
    for n in range(1, 201):
        enumerate_coverage(n, alpha)


def forty_digit_tail(k, n, p):
    """P(Bin(n, p) ≥ k), summed term by term from the largest term of the tail upwards."""
    p = mpmath.mpf(p)
    term = mpmath.binomial(n, k) * p**k * (1 - p) ** (n - k)
    total, odds = term, p / (1 - p)
    for i in range(k, n):
        term *= odds * (n - i) / (i + 1)
        total += term
    return total


def test_safe_side_against_forty_digits():
    generator = np.random.default_rng(1)
    with mpmath.workdps(40):
        for _ in range(80):
            n = int(10 ** generator.uniform(0.5, 3.7))
            k = int(generator.integers(1, n))
            alpha = float(10 ** generator.uniform(-6, -1))
            low, high = lower_bound(k, n, alpha), upper_bound(k, n, alpha)
            exact_low = forty_digit_tail(k, n, low)
            exact_high = 1 - forty_digit_tail(k + 1, n, high)
            assert alpha * (1 - 1e-9) <= exact_low <= alpha
            assert alpha * (1 - 1e-9) <= exact_high <= alpha


def test_bounds_are_monotone_and_ordered():
    n, alpha = 1000, 1e-3
    lows = [lower_bound(k, n, alpha) for k in range(n + 1)]
    highs = [upper_bound(k, n, alpha) for k in range(n + 1)]
    assert lows == sorted(lows)
    assert highs == sorted(highs)
    assert all(low <= k / n <= high for k, (low, high) in enumerate(zip(lows, highs, strict=True)))
    assert (lows[0], highs[n]) == (0.0, 1.0)


def test_the_mistaken_bound_of_old_scripts_is_not_ours():
    # binom.ppf(α, n, k/n)/n gives 1 for unanimous votes; the exact bound is α^(1/n).
    assert lower_bound(1000, 1000, 0.001) == pytest.approx(0.001 ** (1 / 1000), rel=1e-12)
    assert lower_bound(1000, 1000, 0.001) < 1


def test_bounds_of_votes():
    votes = Votes(counts=(70, 20, 10))
    assert class_lower_bound(votes, 0, 0.01) == lower_bound(70, 100, 0.01)
    assert others_upper_bound(votes, 0, 0.01) == upper_bound(20, 100, 0.01)
    assert others_upper_bound(votes, 2, 0.01) == upper_bound(70, 100, 0.01)


@pytest.mark.parametrize("alpha", [1e-12, 1e-15, 0.999])
@pytest.mark.parametrize("n", [1, 10, 9_999, 10_000, 10**6, 10**9])
def test_extreme_levels_end_with_a_bound(n, alpha):
    for k in {0, 1, n // 2, n - 1, n}:
        assert 0 <= lower_bound(k, n, alpha) <= 1
        assert 0 <= upper_bound(k, n, alpha) <= 1


def test_stopped_votes_are_refused():
    votes = Votes(counts=(70, 20), design=Design.STOPPED)
    for bound in (class_lower_bound, others_upper_bound):
        with pytest.raises(InputError, match="stopped by a rule"):
            bound(votes, 0, 0.01)


@pytest.mark.parametrize(
    ("k", "n", "alpha", "message"),
    [
        (1, 0, 0.1, "number of votes must be from 1"),
        (1, 10**10, 0.1, "number of votes must be from 1"),
        (-1, 5, 0.1, "successes must be from 0 to 5, not -1"),
        (6, 5, 0.1, "successes must be from 0 to 5, not 6"),
        (1, 5, 0.0, "alpha must lie between 0 and 1, not 0.0"),
        (1, 5, 1.0, "alpha must lie between 0 and 1"),
        (1, 5, 1e-16, "alpha must be at least 1e-15, not 1e-16"),
        (1, 5, math.nan, "alpha must lie between 0 and 1, not nan"),
    ],
)
def test_bad_input(k, n, alpha, message):
    for bound in (lower_bound, upper_bound):
        with pytest.raises(InputError, match=message):
            bound(k, n, alpha)


def test_top_two_test_against_exact_sums():
    for first in range(40):
        for second in range(first + 1):
            n = first + second
            ways = sum(math.comb(n, i) for i in range(first, n + 1))
            exact = min(Fraction(1), Fraction(2 * ways, 2**n))
            value = Fraction(top_two_p_value(first, second))
            assert exact <= value <= exact * (1 + Fraction(1, 10**12))


def test_top_two_by_hand():
    assert top_two_p_value(10, 0) == pytest.approx(0.001953125)
    assert top_two_p_value(11, 0) < 0.001
    with pytest.raises(InputError, match="ordered"):
        top_two_p_value(3, 4)
