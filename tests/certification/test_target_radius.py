from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

import certiball as cb
from certiball import Gaussian, Grid, Norm, Rule, TargetRadius, Verdict, Votes
from certiball.certification.judge import check_feasible, judge
from certiball.certification.looks import looks
from certiball.certification.outlook import radius_above, radius_now
from certiball.certification.plan import Plan
from certiball.certification.question import Question
from certiball.claim import Bound, Claim, Draw
from certiball.errors import InfeasibleError, InputError
from certiball.votes import Design

SELECTED = Votes(counts=(64, 0))
DRAW = Draw(seed=1, chosen=True)


def question(rule=Rule.ONE_SIDED, alpha=1e-3):
    claim = Claim(
        law=Gaussian(sigma=1.0), norm=Norm.L2, rule=rule, alpha=alpha,
        space=Grid.uint8(), bound=Bound.MIXTURE,
    )  # fmt: skip
    return Question(claim=claim, dimension=12)


def walk(plan, asked, votes):
    """The look at which the plan stops on a fixed sequence of votes (1: for the class)."""
    held = None
    while True:
        _, wanted = plan.wanted(asked, SELECTED, held)
        top = int(votes[:wanted].sum())
        now = Votes(counts=(top, wanted - top))
        if now == held:
            return held
        held = now


def test_it_is_a_plan():
    plan = TargetRadius(radii=[1.0, 0.5, 1.0], max_n=2000)
    assert isinstance(plan, Plan)
    assert plan.ascending == (0.5, 1.0)
    assert (plan.selection, plan.most, plan.design) == (64, 2000, Design.STOPPED)
    assert plan.bound is Bound.MIXTURE
    assert plan == TargetRadius(radii=(0.5, 1.0), max_n=2000)
    assert "radii=(0.5, 1.0)" in str(plan)


def test_the_first_two_values_need_no_names():
    assert TargetRadius(0.5) == TargetRadius(radii=0.5, max_n=100_000)
    assert TargetRadius((0.5, 1.0), 2000) == TargetRadius(radii=(0.5, 1.0), max_n=2000)


@pytest.mark.parametrize("text", ["0.25", ".25,.5", ""])
def test_a_text_is_no_radius(text):
    plan = TargetRadius(0.5)
    object.__setattr__(plan, "radii", text)  # as users may, whose annotations nobody checks
    why = rf"radii must be numbers such as .25 or \(.25, .5\), not '{text}'"
    with pytest.raises(InputError, match=why):
        plan.__post_init__()


@pytest.mark.parametrize("radii", [np.array([0.5, 0.25]), np.array([[0.25, 0.5]])])
def test_arrays_are_radii_too(radii):
    plan = TargetRadius(radii)
    assert plan == TargetRadius((0.25, 0.5))
    assert hash(plan) == hash(TargetRadius((0.25, 0.5)))
    assert str(plan) == "TargetRadius(radii=(0.25, 0.5), max_n=100000, n0=64, beta=0.001)"
    assert TargetRadius(np.array(0.25)).ascending == (0.25,)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"radii": 0.0}, "a radius to aim at must be > 0 and finite, not 0.0"),
        ({"radii": (0.5, float("nan"))}, "must be > 0 and finite, not nan"),
        ({"radii": ()}, "no radius to aim at"),
        ({"radii": np.array([0.25, -0.5])}, "must be > 0 and finite, not -0.5"),
        ({"max_n": 0}, "max_n must be from 1 to"),
        ({"n0": 10**10}, "n0 must be from 1 to"),
        ({"beta": 0.0}, "beta must be from"),
        ({"beta": 1.0}, "beta must be from"),
    ],
)
def test_bad_values(wrong, why):
    with pytest.raises(InputError, match=why):
        TargetRadius(**({"radii": 0.5, "max_n": 100} | wrong))


@pytest.mark.parametrize(
    "rule", [Rule.ONE_SIDED, pytest.param(Rule.TWO_CLASS, marks=pytest.mark.slow)]
)
def test_certified_is_that_the_reported_radius_reaches_it_at_every_count(rule):
    # One object decides and is reported: the table of the plan against the report itself.
    plan, asked = TargetRadius(radii=(0.8, 1.2), max_n=260), question(rule)
    for trials in looks(plan.max_n)[:-1]:
        for top in range(trials + 1):
            votes = Votes(counts=(top, trials - top))
            stops = plan.wanted(asked, SELECTED, votes) == (64, trials)
            now = radius_now(asked, votes, 0)
            above = radius_above(asked, votes, 0, plan.beta)
            decided = [now >= r or above < r for r in plan.ascending]
            assert stops == all(decided), votes


def test_verdicts():
    plan, asked = TargetRadius(radii=(0.5, 1.0, 1.5), max_n=20_000), question()
    found = [
        [target.verdict for target in plan.targets(asked, 0, Votes(counts=counts))]
        for counts in ((400, 0), (700, 300), (90, 10), (200, 800))
    ]
    yes, no, open_ = Verdict.CERTIFIED, Verdict.NOT_CERTIFIED, Verdict.UNDECIDED
    assert found == [[yes, yes, yes], [open_, no, no], [yes, open_, open_], [no, no, no]]


def test_a_radius_is_claimed_only_if_all_smaller_ones_are():
    plan, asked = TargetRadius(radii=(0.3, 0.6, 0.9, 1.2), max_n=20_000), question()
    order = [Verdict.CERTIFIED, Verdict.UNDECIDED, Verdict.NOT_CERTIFIED]
    for top in range(501):
        targets = plan.targets(asked, 0, Votes(counts=(top, 500 - top)))
        places = [order.index(target.verdict) for target in targets]
        assert places == sorted(places)


def test_judge_gives_the_verdicts_and_marks_the_votes_as_stopped():
    plan, asked = TargetRadius(radii=(1.0, 2.0), max_n=20_000), question()
    result = judge(asked, plan, DRAW, SELECTED, Votes(counts=(100, 0)))
    assert isinstance(result, cb.Certificate)
    assert result.estimation.design is Design.STOPPED
    assert [t.verdict for t in result.targets] == [Verdict.CERTIFIED, Verdict.UNDECIDED]
    assert 1.0 <= result.radius < 2.0
    other = judge(asked, plan, DRAW, SELECTED, Votes(counts=(30, 70)))
    assert isinstance(other, cb.Abstention)
    assert {t.verdict for t in other.targets} == {Verdict.NOT_CERTIFIED}


@pytest.mark.parametrize("rule", [Rule.ONE_SIDED, Rule.TWO_CLASS])
def test_a_plan_is_a_function_of_the_prefix_and_never_goes_back(rule):
    plan, asked = TargetRadius(radii=1.0, max_n=3000), question(rule)
    generator = np.random.default_rng(3)
    for share in (0.3, 0.8, 0.84, 0.88, 1.0):
        votes = (generator.random(3000) < share).astype(int)
        stop = walk(plan, asked, votes)
        assert stop.total in looks(3000)
        # What an interruption leaves between two looks decides nothing.
        for before, after in pairwise(looks(stop.total)):
            for drawn in {before + 1, after - 32} - {before, after}:
                top = int(votes[:drawn].sum())
                held = Votes(counts=(top, drawn - top))
                assert plan.wanted(asked, SELECTED, held)[1] == after


def test_nothing_is_decided_before_the_class_is_chosen():
    plan, asked = TargetRadius(radii=1.0, max_n=3000), question()
    assert plan.wanted(asked, None, None) == (64, 32)
    assert plan.wanted(asked, Votes(counts=(32, 0)), Votes(counts=(64, 0))) == (64, 64)
    assert plan.wanted(asked, SELECTED, Votes(counts=(64, 0))) == (64, 64)
    assert plan.wanted(asked, SELECTED, Votes(counts=(32, 0))) == (64, 64)
    assert TargetRadius(radii=1.0, max_n=20).wanted(asked, None, None) == (64, 20)


def test_radii_out_of_reach_are_refused_with_the_votes_they_need():
    with pytest.raises(
        InfeasibleError, match=r"max_n = 300 cannot certify radius 2\.0 .*n must be at least 351$"
    ):
        check_feasible(question(), TargetRadius(radii=(1.0, 2.0), max_n=300))
    check_feasible(question(), TargetRadius(radii=(1.0, 2.0), max_n=351))
    apart = (
        "for no two inputs differ by so much, which lie from 0 to 1; did you mean 0.03529, which"
    )
    with pytest.raises(
        InfeasibleError, match=rf"nor can any .* a smaller radius, {apart} is 9/255"
    ):
        check_feasible(question(), TargetRadius(radii=9.0, max_n=300))
    wide = replace(question().claim, space=Grid(step=Fraction(1), low=0, high=255))
    with pytest.raises(InfeasibleError, match=r"nor can any max_n up to .* a smaller radius$"):
        check_feasible(replace(question(), claim=wide), TargetRadius(radii=9.0, max_n=300))
    with pytest.raises(InfeasibleError, match="max_n must be at least 12"):
        check_feasible(question(), TargetRadius(radii=0.1, max_n=11))
    fixed = replace(question().claim, bound=Bound.CLOPPER_PEARSON)
    with pytest.raises(InputError, match="stops by its votes"):
        check_feasible(replace(question(), claim=fixed), TargetRadius(radii=0.5, max_n=300))


def test_end_to_end_on_images():
    bright = cb.FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
    g = cb.Smoothed(bright, cb.Gaussian(sigma=0.25), space=cb.Grid.uint8())
    levels = np.array([0, 90, 128, 255], np.uint8)
    images = np.tile(levels[:, None, None], (1, 2, 2))
    plan = TargetRadius(radii=(0.25, 0.4), max_n=20_000)
    black, dark, grey, white = cb.certify(g, images, plan=plan, seed=5)
    for result in (black, white):
        assert isinstance(result, cb.Certificate)
        assert result.radius >= 0.4
        assert result.estimation.total == 160
    assert [t.verdict for t in dark.targets] == [Verdict.CERTIFIED, Verdict.NOT_CERTIFIED]
    assert isinstance(grey, cb.Abstention)
    assert {t.verdict for t in grey.targets} == {Verdict.NOT_CERTIFIED}
    assert grey.estimation.total < 500
    # One input gets the same votes alone and among others, but for the key of the whole job.
    again = cb.certify(g, images, plan=plan, seed=5)
    assert again == [black, dark, grey, white]
