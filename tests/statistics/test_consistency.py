from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest
from scipy import stats

from certiball.errors import InputError
from certiball.statistics import consistency
from certiball.statistics.consistency import Compared
from certiball.votes import Design


def pair(stored, n, fresh, m, p_lower=0.0, **claim):
    return Compared(stored=stored, n=n, fresh=fresh, m=m, p_lower=p_lower, **claim)


def exact_law(stored, n, fresh, m):
    """The law of the fresh count given the sum, in fractions."""
    both = stored + fresh
    return {
        x: Fraction(comb(m, x) * comb(n, both - x), comb(n + m, both))
        for x in range(max(0, both - n), min(m, both) + 1)
    }


def close_above(found, exact):
    """Never below the exact p-value, and above by no more than is accounted for."""
    return exact <= Fraction(found) <= exact * (1 + Fraction(1, 2**34)) + Fraction(1, 10**7)


@pytest.mark.parametrize(
    "counts",
    [(90, 100, 30, 40), (100, 100, 0, 40), (0, 100, 40, 40), (700, 1000, 350, 500), (5, 5, 7, 7)],
)
@pytest.mark.parametrize("two_sided", [False, True])
def test_same_votes_against_fractions(counts, two_sided):
    law = exact_law(*counts)
    few = sum(p for x, p in law.items() if x <= counts[2])
    many = sum(p for x, p in law.items() if x >= counts[2])
    exact = min(1, 2 * min(few, many)) if two_sided else few
    found = consistency.same_votes_p_value(pair(*counts), two_sided=two_sided)
    assert close_above(found, exact)
    assert found <= float(exact) * (1 + 1e-9)


def test_pooled_against_fractions():
    rows = [(18, 20, 7, 10), (11, 20, 8, 10), (20, 20, 9, 10)]
    sums = {}
    for triple in product(*(exact_law(*row).items() for row in rows)):
        total = sum(x for x, _ in triple)
        sums[total] = sums.get(total, 0) + np.prod([p for _, p in triple])
    fresh = sum(row[2] for row in rows)
    few = sum(p for x, p in sums.items() if x <= fresh)
    found = consistency.pooled_p_value([pair(*row) for row in rows], two_sided=False)
    assert close_above(found, few)


def test_pooled_of_one_input_is_same_votes():
    one = pair(95_000, 100_000, 9400, 10_000)
    assert consistency.pooled_p_value([one]) == pytest.approx(
        consistency.same_votes_p_value(one), rel=1e-6
    )


def test_pooled_of_many_against_the_normal_law():
    rng = np.random.default_rng(0)
    p = rng.uniform(0.5, 1, 300)
    rows = [
        pair(int(k), 100_000, int(x), 1000)
        for k, x in zip(rng.binomial(100_000, p), rng.binomial(1000, p), strict=True)
    ]
    both = np.array([row.stored + row.fresh for row in rows])
    laws = stats.hypergeom(101_000, both, 1000)
    z = (sum(row.fresh for row in rows) + 0.5 - laws.mean().sum()) / np.sqrt(laws.var().sum())
    found = consistency.pooled_p_value(rows, two_sided=False)
    assert found == pytest.approx(stats.norm.cdf(z), abs=2e-3)


def test_many_uneven_inputs_leave_the_window_centred():
    # Means of x.5 all round one way: a window centred by rounded means would miss the sum.
    rows = [pair(1, 1, 0, 1)] * 400
    found = consistency.pooled_p_value(rows, two_sided=False)
    assert found < 1e-6
    half = [pair(1, 1, 0, 1)] * 200 + [pair(0, 1, 1, 1)] * 200
    assert consistency.pooled_p_value(half, two_sided=False) == pytest.approx(
        stats.binom.cdf(200, 400, 0.5), abs=1e-8
    )


@pytest.mark.parametrize(("x", "m", "p"), [(90, 100, 0.95), (100, 100, 0.5), (0, 10, 0.3)])
def test_contradiction_is_the_binomial_tail(x, m, p):
    exact = sum(comb(m, k) * Fraction(p) ** k * (1 - Fraction(p)) ** (m - k) for k in range(x + 1))
    assert close_above(consistency.contradiction_p_value(pair(0, 1, x, m, p)), exact)


def test_another_class_with_too_many_votes_contradicts_a_two_class_claim():
    claim = {"p_upper": 0.2, "classes": 3}
    few = consistency.contradiction_p_value(pair(0, 1, 70, 100, 0.6, others=15, **claim))
    many = consistency.contradiction_p_value(pair(0, 1, 62, 100, 0.6, others=38, **claim))
    assert few > 0.5
    assert many == pytest.approx(2 * 2 * stats.binom.sf(37, 100, 0.2), rel=1e-6)


def test_alarms_name_their_inputs():
    rows = [pair(950, 1000, 940, 1000, 0.93), pair(999, 1000, 900, 1000, 0.99)]
    said = consistency.consistency(rows, level=0.01, design=Design.FIXED)
    assert (said.contradicted, said.different, said.shifted, said.alarm) == ([1], [1], True, True)
    calm = consistency.consistency(rows[:1], level=0.01, design=Design.FIXED)
    assert not calm.alarm


@pytest.mark.parametrize(
    "counts", [(-1, 10, 0, 10), (11, 10, 0, 10), (1, 10, 11, 10), (0, 0, 0, 1), (0, 1, 0, 10**7)]
)
def test_counts_that_cannot_be(counts):
    with pytest.raises(InputError):
        pair(*counts)


def test_other_votes_that_cannot_be():
    with pytest.raises(InputError, match="another class"):
        pair(0, 1, 6, 10, others=5)


@pytest.mark.parametrize("level", [0.0, 1.0, 1e-12])
def test_levels_that_are_none(level):
    with pytest.raises(InputError, match="false alarms"):
        consistency.split_level(level, Design.FIXED)


def test_nothing_to_compare():
    with pytest.raises(InputError, match="at least one"):
        consistency.consistency([], level=0.01, design=Design.FIXED)
