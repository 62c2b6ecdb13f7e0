import numpy as np
import pytest

import certiball as cb
from certiball import Gaussian, Grid, Norm, Precision, Rule, Votes
from certiball.certificate import Bound, Claim
from certiball.certification.judge import check_feasible
from certiball.certification.looks import looks
from certiball.certification.outlook import radius_above, radius_at_best, radius_now
from certiball.certification.plan import Plan
from certiball.certification.question import Question
from certiball.errors import InfeasibleError, InputError
from certiball.votes import Design

SELECTED = Votes(counts=(64, 0))


def question(rule=Rule.ONE_SIDED):
    claim = Claim(
        law=Gaussian(sigma=1.0), norm=Norm.L2, rule=rule, alpha=1e-3,
        space=Grid.uint8(), bound=Bound.MIXTURE,
    )  # fmt: skip
    return Question(claim=claim, dimension=12)


def stop(plan, asked, votes):
    """The votes at which the plan stops on a fixed sequence (1: for the class)."""
    held = None
    while True:
        _, wanted = plan.wanted(asked, SELECTED, held)
        top = int(votes[:wanted].sum())
        now = Votes(counts=(top, wanted - top))
        if now == held:
            return held
        held = now


def test_it_is_a_plan():
    plan = Precision(rel=0.1, max_n=3000)
    assert isinstance(plan, Plan)
    assert (plan.selection, plan.most, plan.design) == (64, 3000, Design.STOPPED)
    assert plan.bound is Bound.MIXTURE
    assert plan.targets(question(), 0, Votes(counts=(32, 0))) == ()
    assert "radius_cap=0.5" in str(Precision(rel=0.1, max_n=30, radius_cap=0.5))
    with pytest.raises(InfeasibleError, match="max_n must be at least 12"):
        check_feasible(question(), Precision(rel=0.1, max_n=11))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"rel": 0.0}, "rel must be > 0 and finite, not 0.0"),
        ({"rel": float("inf")}, "rel must be > 0"),
        ({"radius_cap": -1.0}, "radius_cap must be > 0 and finite, not -1.0"),
        ({"max_n": 0}, "max_n must be from 1 to"),
        ({"beta": 2.0}, "beta must be from"),
    ],
)
def test_bad_values(wrong, why):
    with pytest.raises(InputError, match=why):
        Precision(**({"rel": 0.1, "max_n": 100} | wrong))


@pytest.mark.parametrize("rule", [Rule.ONE_SIDED, Rule.TWO_CLASS])
@pytest.mark.parametrize("cap", [None, 0.7])
def test_votes_stop_where_more_could_not_move_the_radius_and_only_there(rule, cap):
    plan, asked = Precision(rel=0.2, max_n=1500, radius_cap=cap), question(rule)
    stopped = 0
    for trials in looks(plan.max_n)[4:-1:3]:
        for top in range(0, trials + 1, 7):
            votes = Votes(counts=(top, trials - top))
            now = radius_now(asked, votes, 0)
            best = radius_at_best(asked, votes, 0, 1500)
            above = radius_above(asked, votes, 0, plan.beta)
            small = best <= 1.2 * now or above <= 1.2 * now
            none_left = best == 0 or above == 0
            expected = small or none_left or (cap is not None and now >= cap)
            assert (plan.wanted(asked, SELECTED, votes) == (64, trials)) == expected, votes
            stopped += expected
    assert stopped > 50


def test_unanimous_votes_need_about_half_of_the_most_and_the_cap_saves():
    asked, votes = question(), np.ones(100_000, dtype=int)
    free = stop(Precision(rel=0.05, max_n=100_000), asked, votes)
    assert 0.4 < free.total / 100_000 < 0.6
    capped = stop(Precision(rel=0.05, max_n=100_000, radius_cap=1.0), asked, votes)
    assert capped.total == 64  # 47 unanimous votes show radius σ


def test_the_radius_is_as_precise_as_asked():
    # Deterministic stops: whatever the rest of the votes, max_n of them give no more than 5 %.
    asked, generator = question(), np.random.default_rng(5)
    plan = Precision(rel=0.05, max_n=20_000, beta=1e-12)
    for share in (0.95, 0.99, 0.999):
        votes = (generator.random(20_000) < share).astype(int)
        held = stop(plan, asked, votes)
        assert held.total < 20_000
        top = int(votes.sum())
        final = radius_now(asked, Votes(counts=(top, 20_000 - top)), 0)
        assert final <= 1.05 * radius_now(asked, held, 0)


def test_end_to_end_on_images():
    bright = cb.FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
    g = cb.Smoothed(bright, cb.Gaussian(sigma=0.25), space=cb.Grid.uint8())
    images = np.tile(np.array([0, 90, 255], np.uint8)[:, None, None], (1, 2, 2))
    plan = Precision(rel=0.1, max_n=3000, radius_cap=0.5)
    black, dark, white = cb.certify(g, images, plan=plan, seed=5)
    assert black.estimation.total == white.estimation.total == 352  # unanimous: the cap
    assert 0.5 <= black.radius < 0.52
    assert 0 < dark.radius < 0.5
    assert dark.estimation.total < 3000
    assert {r.estimation.design for r in (black, dark, white)} == {Design.STOPPED}


def test_values_by_place():
    assert Precision(0.05) == Precision(rel=0.05, max_n=100_000)
    assert Precision(0.05, 2000, 1.0) == Precision(rel=0.05, max_n=2000, radius_cap=1.0)
