from fractions import Fraction
from math import comb

import numpy as np
import pytest
from flint import arb, ctx

from certiball.errors import InputError
from certiball.statistics.order import lower_index, upper_index


def below(n, p, q):
    """P(Bin(n, p) ≤ q − 1), exactly."""
    p = Fraction(p)
    return sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(q))


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.3])
@pytest.mark.parametrize("p", [0.02, 0.25, 0.5, 0.841, 0.999])
def test_indices_are_exact(alpha, p):
    level = Fraction(alpha)
    for n in (1, 2, 7, 10, 31, 60):
        low, high = lower_index(n, p, alpha), upper_index(n, p, alpha)
        assert low == max(q for q in range(n + 1) if q == 0 or below(n, p, q) <= level)
        assert high == min(q for q in range(1, n + 2) if q > n or 1 - below(n, p, q) <= level)


def test_large_numbers_are_conservative_and_no_index_is_given_away():
    generator = np.random.default_rng(11)
    before, ctx.prec = ctx.prec, 200
    try:
        for _ in range(20):
            n = int(10 ** generator.uniform(2, 6))
            p, alpha = generator.uniform(0.001, 0.999), 10 ** generator.uniform(-12, -0.5)

            def above(q, n=n, p=p):
                return arb(p).beta_lower(arb(q), arb(n - q + 1), regularized=True)

            low, high = lower_index(n, p, alpha), upper_index(n, p, alpha)
            assert low == 0 or 1 - above(low) <= alpha
            assert low == n or 1 - above(low + 1) > alpha * (1 - 1e-9)
            assert high == n + 1 or above(high) <= alpha
            assert high == 1 or above(high - 1) > alpha * (1 - 1e-9)
    finally:
        ctx.prec = before


def test_laws_of_a_few_values_by_enumeration():
    """Every sample of n values counted: each end errs at most α often, ties and all."""
    weights, n, alpha = (Fraction(3, 10), Fraction(1, 2), Fraction(1, 5)), 8, 0.2
    samples = [(a, b, n - a - b) for a in range(n + 1) for b in range(n + 1 - a)]
    worst = Fraction(0)
    for p in (0.1, 0.3, 0.45, 0.5, 0.7, 0.8, 0.9):
        exact = Fraction(p)
        upto = (weights[0], weights[0] + weights[1], Fraction(1))
        quantiles = [v for v in range(3) if (upto[v] - weights[v]) <= exact <= upto[v]]
        low, high = lower_index(n, p, alpha), upper_index(n, p, alpha)
        above = beneath = Fraction(0)
        for counts in samples:
            chance = comb(n, counts[0]) * comb(n - counts[0], counts[1])
            share = chance * weights[0] ** counts[0] * weights[1] ** counts[1]
            share *= weights[2] ** counts[2]
            ranked = [value for value in range(3) for _ in range(counts[value])]
            above += share * (low > 0 and ranked[low - 1] > quantiles[0])
            beneath += share * (high <= n and ranked[high - 1] < quantiles[-1])
        assert above <= Fraction(alpha)
        assert beneath <= Fraction(alpha)
        worst = max(worst, above, beneath)
    assert worst > Fraction(alpha) / 2


def test_percentiles_at_the_ends():
    assert lower_index(100, 0.0, 0.001) == 0
    assert upper_index(100, 1.0, 0.001) == 101
    assert lower_index(100, 1.0, 0.001) == 100
    assert upper_index(100, 0.0, 0.001) == 1


def test_refuses_what_is_no_level_number_or_percentile():
    for index in (lower_index, upper_index):
        with pytest.raises(InputError, match="number of values must be from 1"):
            index(0, 0.5, 0.001)
        with pytest.raises(InputError, match="percentile must be from 0 to 1"):
            index(10, 1.5, 0.001)
        with pytest.raises(InputError, match="alpha must lie between 0 and 1"):
            index(10, 0.5, 0.0)
