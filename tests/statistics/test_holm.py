from fractions import Fraction
from math import comb

import numpy as np
import pytest
from flint import arb, ctx

from certiball.errors import InputError
from certiball.statistics.holm import above_p_values, fewest_votes, rejected


def test_p_values_are_exact_tails_rounded_up():
    for n, share in ((1, 0.5), (20, 0.75), (60, 0.9)):
        counts = np.arange(n + 1)
        found = above_p_values(counts, n, share)
        p = Fraction(share)
        for count in counts.tolist():
            tail = sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(count, n + 1))
            assert tail <= Fraction(found[count]) <= min(1, tail * (1 + Fraction(1, 10**12)))


def test_p_values_of_many_votes_are_rounded_up():
    generator = np.random.default_rng(3)
    before, ctx.prec = ctx.prec, 200
    try:
        for _ in range(30):
            n, share = int(10 ** generator.uniform(2, 5)), generator.uniform(0.5, 0.99)
            count = min(n, int(n * share + generator.uniform(-2, 7) * np.sqrt(n * share)))
            [found] = above_p_values(np.array([count]), n, share)
            exact = arb(share).beta_lower(arb(count), arb(n - count + 1), regularized=True)
            assert exact <= found
            assert found <= exact * (1 + 1e-9) or found < 1e-15
    finally:
        ctx.prec = before


def by_the_book(p_values, alpha):
    """Holm's procedure as it is written down, in rationals."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    found = [False] * len(p_values)
    for i, place in enumerate(order, start=1):  # 1-based
        if Fraction(p_values[place]) > Fraction(alpha) / (len(p_values) - i + 1):
            break
        found[place] = True
    return found


def test_rejects_as_holm_wrote_and_stops_at_the_first_failure():
    generator = np.random.default_rng(1)
    for _ in range(300):
        p_values = 10 ** generator.uniform(-4, 0, int(generator.integers(1, 12)))
        assert rejected(p_values, 0.05).tolist() == by_the_book(p_values.tolist(), 0.05)
    assert rejected(np.array([0.06, 0.001, 0.03, 0.02]), 0.05).tolist() == [
        False,
        True,
        False,
        False,
    ]
    assert rejected(np.array([[0.01, 0.02], [0.012, 0.049]]), 0.05).all()
    assert not rejected(np.array([0.02, 0.024, 0.9]), 0.05).any()


def test_bonferroni_rejects_no_more():
    generator = np.random.default_rng(2)
    p_values = 10 ** generator.uniform(-6, 0, 500)
    found = rejected(p_values, 0.05)
    assert found[p_values <= 0.05 / 500 * (1 - 1e-12)].all()
    assert found.sum() > (p_values <= 0.05 / 500).sum()


def test_fewest_votes_is_the_least_number():
    for share, level in ((0.75, 1e-6), (0.5, 0.001), (0.99, 1e-9)):
        n = fewest_votes(share, level)
        assert above_p_values(np.array([n]), n, share)[0] <= level
        assert above_p_values(np.array([n - 1]), n - 1, share)[0] > level


def test_refuses_bad_numbers():
    with pytest.raises(InputError, match="counts must be from 0 to 5"):
        above_p_values(np.array([6]), 5, 0.5)
    with pytest.raises(InputError, match="share must lie between 0 and 1"):
        above_p_values(np.array([1]), 5, 1.0)
    with pytest.raises(InputError, match="number of votes must be from 1"):
        above_p_values(np.array([0]), 0, 0.5)
    with pytest.raises(InputError, match="nothing to test"):
        rejected(np.array([]), 0.05)
    with pytest.raises(InputError, match="alpha must be at least"):
        rejected(np.full(100, 0.5), 1e-14)
