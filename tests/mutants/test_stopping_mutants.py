"""Broken statistics of stopped votes: each must make an exact check fail."""

import numpy as np
import pytest
from scipy import special

import certiball as cb
from certiball.certification import question as judging
from certiball.statistics import binomial, mixture, randomized
from guarantees import stopping

P0 = float(special.ndtr(1))


def caught(check, *arguments, **named):
    with pytest.raises(AssertionError):
        check(*arguments, **named)


def test_clopper_pearson_after_looking(monkeypatch):
    plan = cb.TargetRadius(radii=stopping.checks.LAW.sigma, max_n=5000)
    asked = stopping.question(0.001)
    rule = stopping.between(*stopping.verdicts(asked, plan))
    stopping.reported_bound_covers(asked, plan, 0.8513, rule)
    monkeypatch.setattr(judging, "mixture_lower_bound", binomial.lower_bound)
    caught(stopping.reported_bound_covers, asked, plan, 0.8513, rule)


def test_twice_the_level_as_for_two_sides(monkeypatch):
    # "Stop at 1/(2α), one half for each side": Ville proves 2α, and the error is above α.
    right = mixture.acceptance_thresholds
    monkeypatch.setattr(mixture, "acceptance_thresholds", lambda p, n, a: right(p, n, 2 * a))
    caught(stopping.looking_always_errs_at_most, P0, 2000)


def test_twice_the_level_of_futility(monkeypatch):
    right = mixture.futility_thresholds
    monkeypatch.setattr(mixture, "futility_thresholds", lambda p, n, b: right(p, n, 2 * b))
    caught(stopping.looking_always_errs_at_most, 0.691, 2000)


def test_the_likelihood_ratio_of_the_estimate_instead_of_a_mixture(monkeypatch):
    def thresholds(p0, trials, alpha):
        def says(k, n):
            ratio = special.xlogy(k, k / n / p0) + special.xlogy(n - k, (1 - k / n) / (1 - p0))
            return k > p0 * n and ratio >= np.log(1 / alpha)

        return np.array(
            [stopping.first_where(n, lambda k, n=n: says(k, n)) for n in trials.tolist()]
        )

    monkeypatch.setattr(mixture, "acceptance_thresholds", thresholds)
    caught(stopping.looking_always_errs_at_most, P0, 1000)


def test_predict_by_the_test_for_a_fixed_number(monkeypatch):
    monkeypatch.setattr(
        mixture, "decided_p_value", lambda a, b, rivals: rivals * binomial.top_two_p_value(a, b)
    )
    caught(stopping.predict_errs_at_most, 600)


def test_the_best_of_many_words(monkeypatch):
    # W = U: a seed can be shopped for by it.
    monkeypatch.setattr(randomized, "LEAST", 0.06)
    caught(stopping.randomized_covers, 20, alpha=0.05)


def test_the_others_share_where_its_bound_is_meant(monkeypatch):
    # The two-class rule with p̄ and p̲ estimated instead of bounded.
    for name in ("mixture_lower_bound", "mixture_upper_bound"):
        monkeypatch.setattr(judging, name, lambda k, n, alpha: k / n)
    caught(stopping.two_class_errs_at_most, (0.48, 0.48, 0.04), 0.2, 32)
