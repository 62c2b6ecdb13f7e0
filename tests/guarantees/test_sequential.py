"""Votes that stop by a rule: what is claimed of them errs at most α, by exact sums."""

from functools import cache

import numpy as np
import pytest
from scipy import special

import certiball as cb
from certiball.certification.looks import looks
from certiball.statistics import mixture
from guarantees import stopping

slow = pytest.mark.slow


@pytest.mark.parametrize(
    ("units", "most", "alpha"),
    [
        (0.5, 2000, 0.05),
        *[
            pytest.param(units, 20_000, alpha, marks=slow)
            for units in (0.25, 0.5, 1.0, 2.0, 2.5)
            for alpha in (0.001, 0.05)
        ],
    ],
)
def test_target_radius_on_its_schedule(units, most, alpha):
    stopping.target_radius_errs_at_most(units, most, alpha=alpha, beta=0.001)


@pytest.mark.parametrize("beta", [0.001, pytest.param(0.05, marks=slow)])
@pytest.mark.parametrize(
    ("units", "most"),
    [
        (1.0, 2000),
        (2.0, 2000),
        *[pytest.param(units, 20_000, marks=slow) for units in (0.5, 1.0, 2.0, 2.5)],
    ],
)
def test_thresholds_with_a_look_after_every_sample(units, most, beta):
    stopping.looking_always_errs_at_most(float(special.ndtr(units)), most, beta=beta)


def test_the_errors_are_as_computed_before_and_not_far_below_the_level():
    # By an independent programme: 8.96e-4 for 20,000 samples at r = 2σ; 2,000 are fewer.
    at, p0 = np.arange(1, 2001), float(special.ndtr(2))
    enough = mixture.acceptance_thresholds(p0, at, 0.001).tolist()
    few = mixture.futility_thresholds(p0, at, 0.001).tolist()
    rule = stopping.between(at.tolist(), enough, few)
    assert 4e-4 < stopping.chance(p0, at.tolist(), rule, enough) < 8.96e-4


@pytest.mark.parametrize(
    ("units", "p"),
    [
        (1.0, 0.8513),
        *[
            pytest.param(units, p, marks=slow)
            for units, p in [(2.0, 0.9792), (0.5, 0.7), (1.0, 0.84), (1.0, 0.95)]
        ],
    ],
)
def test_what_target_radius_reports(units, p):
    plan = cb.TargetRadius(radii=units * stopping.checks.LAW.sigma, max_n=20_000)
    asked = stopping.question(0.001)
    rule = stopping.between(*stopping.verdicts(asked, plan))
    stopping.reported_bound_covers(asked, plan, p, rule)


@pytest.mark.parametrize("most", [320, pytest.param(2000, marks=slow)])
def test_what_precision_reports(most):
    plan = cb.Precision(rel=0.4, max_n=most)
    asked = stopping.question(0.05)

    @cache
    def rule(look):
        votes = [cb.Votes(counts=(k, look - k)) for k in range(look + 1)]
        return np.array([plan.wanted(asked, stopping.SELECTION, v)[1] == look for v in votes])

    assert any(rule(look).any() for look in looks(most)[:-1])  # it does stop early
    for p in (0.6, 0.9, 0.99):
        stopping.reported_bound_covers(asked, plan, p, rule)


@pytest.mark.parametrize(
    ("probabilities", "most"),
    [
        ((0.5, 0.5, 0.0), 96),
        pytest.param((0.48, 0.48, 0.04), 40, marks=slow),
        pytest.param((0.45, 0.45, 0.1), 128, marks=slow),
    ],
)
def test_what_target_radius_reports_of_three_classes(probabilities, most):
    stopping.two_class_errs_at_most(probabilities, 0.2, most)


def hand_stops(p, at):
    """Rules that somebody might follow with a hand on the switch."""
    at_array = np.array(at)
    above = mixture.acceptance_thresholds(p, at_array, 0.001).tolist()
    never = [-1] * len(at)
    clopper = stopping.clopper_pearson_least(p, at_array, 0.001)
    estimate = [int(p * n + 3 * np.sqrt(n * p * (1 - p))) + 1 for n in at]
    return {
        "as soon as the bound is false": stopping.between(at, above, never),
        "as soon as Clopper–Pearson's would be": stopping.between(at, clopper, never),
        "on a lucky streak": stopping.between(at, estimate, never),
        "on bad news": stopping.between(at, [n + 1 for n in at], [int(p * n) - 3 for n in at]),
        "at the end": lambda look: np.zeros(look + 1, dtype=bool),
    }


@pytest.mark.parametrize("p", [0.5, 0.8513, 0.99])
@pytest.mark.parametrize("most", [500, pytest.param(10_000, marks=slow)])
def test_the_bound_whoever_stops(p, most):
    at = list(range(1, most + 1))
    stopping.every_bound_covers(p, at, hand_stops(p, at), 0.001)


@slow
def test_clopper_pearson_at_the_stop_errs_almost_six_times_as_often():
    # Why votes carry their design. By an independent programme: 5.8e-3 at p = .8513.
    at, p0 = np.arange(1, 20_001), float(special.ndtr(1))
    enough = mixture.acceptance_thresholds(p0, at, 0.001).tolist()
    few = mixture.futility_thresholds(p0, at, 0.001).tolist()
    rule = stopping.between(at.tolist(), enough, few)
    least = stopping.clopper_pearson_least(0.8513, at, 0.001)
    assert stopping.chance(0.8513, at.tolist(), rule, least) == pytest.approx(5.77e-3, rel=0.01)


@pytest.mark.parametrize("most", [600, pytest.param(5000, marks=slow)])
@pytest.mark.parametrize("alpha", [0.05, 0.001])
def test_predict_of_two_classes(most, alpha):
    stopping.predict_errs_at_most(most, alpha)


@pytest.mark.parametrize(
    "probabilities",
    [(0.34, 0.33, 0.33), (0.505, 0.495), (0.3, 0.28, *[0.42 / 8] * 8)],
)
def test_predict_of_more_classes(probabilities):
    stopping.predict_of_many_errs_at_most(probabilities)


@pytest.mark.parametrize(("n", "alpha"), [(1, 0.05), (20, 0.05), (70, 0.05), (40, 0.001)])
def test_randomized_clopper_pearson(n, alpha):
    stopping.randomized_covers(n, alpha)
