import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from certiball.errors import InputError
from certiball.statistics.binomial import lower_bound
from certiball.statistics.multiplicity import (
    GAMMA,
    any_false,
    below_curve,
    false_certificates,
    robust_curve_in_population,
    robust_in_population,
    robust_in_table,
    robust_in_table_at,
    shared_level,
)


def test_expected_false_certificates_count_all_inputs_tried() -> None:
    assert false_certificates(0.001, 500) == Decimal("0.5")
    assert false_certificates(0.001, 700) == Decimal("0.7")
    assert false_certificates(0.000123, 9_999_999) == Decimal("1229.999877")
    assert any_false(0.001, 500) == pytest.approx(1 - 0.999**500, rel=1e-12)
    assert Fraction(any_false(0.3, 2)) >= Fraction(51, 100)
    assert Fraction(any_false(0.1, 3)) >= Fraction(271, 1000)
    assert any_false(0.5, 2000) == 1
    assert any_false(0.001, 500) < false_certificates(0.001, 500)


@pytest.mark.parametrize("alpha", [0.0001, 0.001, 0.05])
@pytest.mark.parametrize("tried", [1, 10, 500, 10_000])
@pytest.mark.parametrize("gamma", [0.001, 0.05])
def test_robust_in_table_subtracts_the_binomial_quantile(
    alpha: float, tried: int, gamma: float
) -> None:
    quantile = int(stats.binom.isf(gamma, tried, alpha))
    if np.isclose(stats.binom.sf(quantile, tried, alpha), gamma, rtol=1e-9):
        quantile += 1  # a tie goes to the safe side
    assert robust_in_table(tried, tried, alpha, gamma) == tried - quantile
    assert robust_in_table(0, tried, alpha, gamma) == 0


def test_a_curve_less_its_deviation_claims_no_more_than_the_bound_at_each_count() -> None:
    for tried, alpha in ((50, 0.05), (500, 0.001), (500, 0.0), (3, 0.2)):
        below = Fraction(below_curve(tried, alpha))
        gap = 0.0
        for count in range(tried + 1):
            bound = robust_curve_in_population(count, tried, alpha)
            # It was rounded down, so what was proven lies below the next float.
            assert max(Fraction(count, tried) - below, 0) < math.nextafter(bound, 1)
            gap = max(gap, count / tried - bound)
        assert below <= 1
        assert tried == 3 or float(below) - gap < 2 * alpha + 1e-12  # and hardly less
    with pytest.raises(InputError, match="gamma must be at most ½"):
        below_curve(50, 0.05, 0.6)


def test_robust_in_population_is_the_corrected_clopper_pearson_bound() -> None:
    low = stats.beta.ppf(0.001, 300, 201)
    assert robust_in_population(300, 500, 0.001) == pytest.approx((low - 0.001) / 0.999)
    assert robust_in_population(0, 500, 0.001) == 0.0
    assert robust_in_population(1, 500, 0.4) == 0.0


def test_neither_statement_fails_more_often_than_gamma() -> None:
    # 4,000 tables at α = γ = .05, truly robust with probability .6, every other input certified
    # falsely with probability α: the worst that the claim allows.
    rng = np.random.default_rng(20)
    alpha = gamma = 0.05
    tables, tried, theta = 4000, 400, 0.6
    known: dict[int, tuple[int, float]] = {}
    robust = rng.binomial(tried, theta, tables)
    certified = robust + rng.binomial(tried - robust, alpha)
    wrong_table = wrong_population = 0
    for truth, count in zip(robust.tolist(), certified.tolist(), strict=True):
        if count not in known:
            known[count] = (
                robust_in_table(count, tried, alpha, gamma),
                robust_in_population(count, tried, alpha, gamma),
            )
        wrong_table += known[count][0] > truth
        wrong_population += known[count][1] > theta
    allowed = stats.binom.ppf(1 - 1e-6, tables, gamma)
    assert wrong_table <= allowed
    assert wrong_population <= allowed
    assert wrong_population > 0.5 * gamma * tables  # the bound is not idle


@pytest.mark.parametrize(
    ("certified", "tried", "alpha"), [(5, 4, 0.1), (-1, 4, 0.1), (0, 0, 0.1), (1, 4, -0.1)]
)
def test_impossible_tables_are_refused(certified: int, tried: int, alpha: float) -> None:
    with pytest.raises(InputError):
        robust_in_table(certified, tried, alpha)
    with pytest.raises(InputError):
        robust_in_population(certified, tried, alpha)


def test_certificates_that_are_exact_leave_doubt_about_a_population_alone() -> None:
    assert false_certificates(0.0, 500) == 0
    assert any_false(0.0, 500) == 0
    for certified in (0, 300, 500):
        assert robust_in_table(certified, 500, 0.0) == certified
        assert robust_in_table_at(certified, 500, 0.0) == certified
        assert robust_in_population(certified, 500, 0.0) == lower_bound(certified, 500, GAMMA)
    with pytest.raises(InputError, match="an error rate must lie between 0 and 1, not 0"):
        robust_in_table(1, 4, 0.1, 0.0)
    with pytest.raises(InputError, match="an error rate must lie between 0 and 1, not 0"):
        shared_level(0.0, 4)
