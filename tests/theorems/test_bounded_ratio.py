import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from certiball.theorems.bounded_ratio import ratio_allowed
from certiball.theorems.bounds import Bounds


def lead(p, q, ratio, tau):
    """How far A stays ahead, at least, when all probabilities may change by a ratio."""
    first, second = mpmath.mpf(p) - tau, mpmath.mpf(q) + tau
    moved = max(1 - ratio * (1 - first), first / ratio)
    return moved - min(ratio * second, 1) - 2 * tau


@pytest.mark.parametrize("slack", [Fraction(0), Fraction(1, 10**12), Fraction(1, 1000)])
def test_the_largest_ratio_that_leaves_the_answer(slack):
    generator = np.random.default_rng(5)
    tau = mpmath.mpf(slack.numerator) / slack.denominator
    with mpmath.workdps(50):
        for _ in range(200):
            p = float(generator.uniform(0.01, 1 - 1e-9))
            q = float(generator.uniform(0, 0.99 * min(p, 1 - p)))
            for bounds, other in ((Bounds(p_lower=p, p_upper=q), q), (Bounds(p_lower=p), 1 - p)):
                found = ratio_allowed(bounds, slack)
                if found == 0:
                    assert lead(p, mpmath.mpf(other), 1 + mpmath.mpf(10) ** -12, tau) < 0
                    continue
                other = 1 - mpmath.mpf(p) if bounds.p_upper is None else other
                assert lead(p, other, mpmath.exp(found), tau) >= 0
                if slack == 0:  # with slack the root is taken a little below
                    assert lead(p, other, mpmath.exp(mpmath.mpf(found) * (1 + 1e-12)), tau) < 0


def test_closed_forms():
    for p in (0.55, 0.75, 0.9, 0.99, 0.999):
        assert ratio_allowed(Bounds(p_lower=p), Fraction(0)) == pytest.approx(
            -math.log(2 * (1 - p)), rel=1e-12
        )
    assert ratio_allowed(Bounds(p_lower=0.2, p_upper=0.1), Fraction(0)) == pytest.approx(
        math.log(2) / 2, rel=1e-12
    )
    assert ratio_allowed(Bounds(p_lower=0.9, p_upper=0.05), Fraction(0)) == pytest.approx(
        -math.log(0.15), rel=1e-12
    )


def test_nothing_is_proven_at_or_below_the_boundary():
    for bounds in (
        Bounds(p_lower=0.5),
        Bounds(p_lower=0.2),
        Bounds(p_lower=0.3, p_upper=0.3),
        Bounds(p_lower=0.3, p_upper=1.0),
        Bounds(p_lower=0.0, p_upper=0.0),
    ):
        assert ratio_allowed(bounds, Fraction(0)) == 0.0
    assert ratio_allowed(Bounds(p_lower=0.5005), Fraction(1, 1000)) == 0.0
    assert ratio_allowed(Bounds(p_lower=1.0), Fraction(0)) < 800  # and not infinite
    assert ratio_allowed(Bounds(p_lower=1.0, p_upper=0.0), Fraction(0)) < 800


def test_two_class_is_never_below_one_sided_at_the_same_bound():
    for p in (0.51, 0.7, 0.99):
        for q in (0.0001, 0.3, 1.0):
            both = ratio_allowed(Bounds(p_lower=p, p_upper=q), Fraction(0))
            assert both >= ratio_allowed(Bounds(p_lower=p), Fraction(0))
