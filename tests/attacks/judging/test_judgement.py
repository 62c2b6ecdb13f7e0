from math import comb

import mpmath
import numpy as np
import pytest

from certiball.attacks.criterion import Misclassification, TargetedMisclassification
from certiball.attacks.judging.judgement import (
    Judging,
    Level,
    called_level,
    check_provable,
    outvoted,
    proven_level,
    votes_needed,
    wrong_votes,
)
from certiball.attacks.judging.level import Tie, deployed_tie, pi0_threshold
from certiball.errors import InfeasibleError, InputError
from certiball.statistics.binomial import lower_bound
from guarantees.levels import plurality_level


def exactly(other, own, n, tie):
    """P(one class has more of n votes than another), term by term in 40 digits."""
    with mpmath.workdps(40):
        one, two = mpmath.mpf(other), mpmath.mpf(own)
        total = mpmath.mpf(0)
        for k in range(n + 1):
            for j in range(min(k + (tie is Tie.ADVERSARY), n - k + 1)):
                ways = comb(n, k) * comb(n - k, j)
                total += ways * one**k * two**j * (1 - one - two) ** (n - k - j)
        return total


@pytest.mark.parametrize("tie", [Tie.CLASS, Tie.ADVERSARY])
@pytest.mark.parametrize("n", [1, 2, 9, 60])
def test_outvoting_is_summed_on_the_safe_side(n, tie):
    for other, own in ((0.5, 0.25), (0.2, 0.2), (0.0625, 0.5), (0.0, 0.5), (0.5, 0.0), (1.0, 0.0)):
        exact = exactly(other, own, n, tie)
        found = outvoted(other, own, n, tie)
        assert exact * (1 - mpmath.mpf("1e-9")) <= found <= exact


def test_outvoting_with_many_votes_is_still_on_the_safe_side():
    # P(n₁ > n₂) = (1 − P(n₁ = n₂)) / 2 for equal probabilities, exactly.
    n = 100_000
    with mpmath.workdps(40):
        m = np.arange(0, n + 1, 2)
        log = [
            mpmath.loggamma(n + 1) - 2 * mpmath.loggamma(k // 2 + 1) - mpmath.loggamma(n - k + 1)
            + k * mpmath.log(mpmath.mpf("0.375")) + (n - k) * mpmath.log(mpmath.mpf("0.25"))
            for k in (int(k) for k in m[(m > 0.74 * n) & (m < 0.76 * n)])
        ]  # fmt: skip
        equal = mpmath.fsum(mpmath.exp(term) for term in log)
    found = outvoted(0.375, 0.375, n, Tie.CLASS)
    assert (1 - equal) / 2 * (1 - mpmath.mpf("1e-7")) <= found <= (1 - equal) / 2


def test_outvoting_grows_with_the_one_and_falls_with_the_other():
    for tie in (Tie.CLASS, Tie.ADVERSARY):
        levels = [outvoted(p, 0.3, 10, tie) for p in (0.1, 0.2, 0.4, 0.7)]
        assert levels == sorted(levels)
        levels = [outvoted(0.3, p, 10, tie) for p in (0.1, 0.2, 0.4, 0.7)]
        assert levels == sorted(levels, reverse=True)


def test_for_two_classes_a_level_is_proven_where_q_reaches_one_less_the_threshold():
    for label in (0, 1):
        for n in (1, 10, 11):
            for P_a in (0.5, 0.8):
                for wrong in range(0, 401, 7):
                    counts = np.array([400 - wrong, wrong])[:: 1 if label == 0 else -1]
                    proven = proven_level(counts, label, n, 0.01) >= P_a
                    q = lower_bound(wrong, 400, 0.01)
                    assert proven == (q >= 1 - pi0_threshold(n, P_a, deployed_tie(label)))


def test_with_more_classes_q_above_one_half_proves_nothing():
    # c has .4 of the votes and two others .3 each: with many votes g = c nearly always.
    counts = np.array([4000, 3000, 3000])
    assert plurality_level([0.4, 0.3, 0.3], 25, 0) < 0.4
    assert proven_level(counts, 0, 100, 0.001, rival=1) < 0.1
    assert proven_level(counts, 1, 100, 0.001, rival=0) > 0.8
    assert proven_level(counts, 0, 1, 0.001) > 0.55  # of single votes it is q itself
    with pytest.raises(InputError, match="a rival that other votes chose"):
        proven_level(counts, 0, 100, 0.001)


def test_the_protocols_shortcut_is_not_the_definition():
    # attacks.md §2.2: n = 100, P_a = .8
    n, P_a = 100, 0.8
    passes = lambda q: sum(  # noqa: E731
        comb(n, k) * q**k * (1 - q) ** (n - k) for k in range(votes_needed(n, P_a), n + 1)
    )
    assert passes(1 - pi0_threshold(n, P_a)) == pytest.approx(6e-8, rel=0.1)
    assert passes(0.794) == pytest.approx(0.5, abs=0.01)
    assert pi0_threshold(n, 1 - 1e-9) > 1 - 0.794  # g ≠ c nearly surely there


def test_the_shortcut_takes_the_level_for_the_decimal_that_was_meant():
    # In floats .8 · 5 is 4, and .07 · 100 is above 7.
    assert [votes_needed(n, P_a) for n, P_a in ((5, 0.8), (100, 0.07), (10, 0.7))] == [4, 7, 7]
    assert votes_needed(2, 0.5) == 1  # a tie counts as adversarial


def test_whole_calls_are_counted_by_any_criterion():
    assert called_level(10, 10, 0.001) == pytest.approx(0.001 ** (1 / 10))
    counts = np.array([[3, 5, 2], [0, 1, 9]])
    assert wrong_votes(Misclassification([1]), 0, counts) == 14
    assert wrong_votes(TargetedMisclassification([2]), 0, counts) == 11


def test_votes_that_could_prove_nothing_are_refused():
    with pytest.raises(InfeasibleError, match="5 votes cannot prove level 0.8 .*; take 64"):
        check_provable(Level(P_a=0.8, votes=5), 2, 1, 1e-5)
    check_provable(Level(P_a=0.8, votes=64), 2, 1, 1e-5)
    with pytest.raises(InfeasibleError, match="ask for a lower level"):
        check_provable(Level(P_a=1 - 1e-9), 2, 1, 1e-5)


def test_calls_are_enough_to_prove_the_level_if_most_are_adversarial():
    rule = Level(P_a=0.8, judging=Judging.CALLS, votes=100)
    calls = rule.calls(100, 1e-4)
    assert called_level(calls, calls, 1e-4) > 0.8
    assert rule.calls(1, 1e-4) == 100
    with pytest.raises(InfeasibleError, match="ask for a lower level"):
        Level(P_a=1 - 1e-6, judging=Judging.CALLS).calls(100, 1e-4)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"P_a": 1.0}, "P_a must be above 0 and below 1"),
        ({"votes": 0}, "votes must be from 1"),
        ({"alpha": 0.0}, "alpha must lie between 0 and 1"),
    ],
    ids=["certainty", "no votes", "no level"],
)
def test_bad_rules_are_refused(named, said):
    with pytest.raises(InputError, match=said):
        Level(**named)
    with pytest.raises(InputError, match="are no probabilities"):
        outvoted(0.7, 0.7, 10, Tie.CLASS)
    with pytest.raises(InputError, match="n must be from 1"):
        outvoted(0.7, 0.2, 0, Tie.CLASS)


def test_classes_without_votes_outvote_nobody():
    assert outvoted(0.0, 0.0, 10, Tie.ADVERSARY) == 0.0
