import math

import pytest

from certiball import Gaussian, Grid, Norm, Reals, Rule, Votes
from certiball.certification.outlook import radius_above, radius_at_best, radius_now
from certiball.certification.question import Question, radius_of, vote_bounds
from certiball.claim import Bound, Claim
from certiball.statistics.mixture import mixture_lower_bound, mixture_upper_bound
from certiball.theorems.bounds import Bounds


def question(rule=Rule.ONE_SIDED, space=None):
    claim = Claim(
        law=Gaussian(sigma=1.0), norm=Norm.L2, rule=rule, alpha=1e-3,
        space=space or Grid.uint8(), bound=Bound.MIXTURE,
    )  # fmt: skip
    return Question(claim=claim, dimension=12)


@pytest.mark.parametrize("rule", [Rule.ONE_SIDED, Rule.TWO_CLASS])
def test_now_is_what_would_be_reported(rule):
    asked, votes = question(rule), Votes(counts=(5, 90, 5))
    assert radius_now(asked, votes, 1) == radius_of(asked, vote_bounds(asked.claim, votes, 1)) > 0
    assert radius_now(asked, votes, 0) == 0


@pytest.mark.parametrize("rule", [Rule.ONE_SIDED, Rule.TWO_CLASS])
def test_at_best_all_other_votes_are_for_the_class(rule):
    asked, votes = question(rule), Votes(counts=(5, 90, 5))
    later = Votes(counts=(5, 990, 5))
    assert radius_at_best(asked, votes, 1, 1000) == radius_now(asked, later, 1)
    assert radius_at_best(asked, votes, 1, 100) == radius_now(asked, votes, 1)


def test_above_is_the_radius_of_an_upper_bound():
    asked, votes = question(), Votes(counts=(20, 80))
    high = mixture_upper_bound(80, 100, 0.01)
    assert radius_above(asked, votes, 1, 0.01) == radius_of(asked, Bounds(p_lower=high))
    assert radius_above(asked, votes, 1, 0.01) > radius_now(asked, votes, 1)


def test_above_with_two_classes_splits_beta_over_the_class_and_all_others():
    asked, votes = question(Rule.TWO_CLASS), Votes(counts=(100, 600, 300))
    high = mixture_upper_bound(600, 1000, 0.005)
    low = mixture_lower_bound(300, 1000, 0.0025)
    expected = radius_of(asked, Bounds(p_lower=high, p_upper=low))
    assert radius_above(asked, votes, 1, 0.01) == expected > 0


@pytest.mark.parametrize("space", [Grid.uint8(), Reals()])
@pytest.mark.parametrize("rule", [Rule.ONE_SIDED, Rule.TWO_CLASS])
def test_unanimous_votes_rule_nothing_out(rule, space):
    assert radius_above(question(rule, space), Votes(counts=(0, 50)), 1, 0.01) == math.inf


def test_a_beta_too_small_for_its_parts_rules_less_out():
    """β = 10⁻¹² over 1,000 classes leaves each a level that no bound is examined at."""
    asked, votes = question(Rule.TWO_CLASS), Votes(counts=(100, 600, 300, *[0] * 997))
    high = mixture_upper_bound(600, 1000, 5e-13)
    expected = radius_of(asked, Bounds(p_lower=high, p_upper=0.0))
    assert radius_above(asked, votes, 1, 1e-12) == expected
    assert radius_above(asked, votes, 1, 1e-15) == math.inf
