import numpy as np
import pytest

import certiball as cb
from certiball import Gaussian, Grid, Norm, Precision, Rule, Votes
from certiball.certification import precision
from certiball.certification.judge import check_feasible
from certiball.certification.looks import looks
from certiball.certification.outlook import radius_above, radius_at_best, radius_now
from certiball.certification.plan import Plan
from certiball.certification.question import Question
from certiball.claim import Bound, Claim
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


def direct(plan, asked, votes):
    """The rule of the docstring, from bounds."""
    now = radius_now(asked, votes, 0)
    best = radius_at_best(asked, votes, 0, plan.max_n)
    above = radius_above(asked, votes, 0, plan.beta)
    small = best <= (1 + plan.rel) * now or above <= (1 + plan.rel) * now
    none_left = best == 0 or above == 0
    return small or none_left or (plan.radius_cap is not None and now >= plan.radius_cap)


def decisions(plan, asked, look, tops):
    """Those of a plan at one look, for counts in this order, and those of the rule."""
    votes = [Votes(counts=(top, look - top)) for top in tops]
    found = [plan.wanted(asked, SELECTED, each) == (64, look) for each in votes]
    return found, [direct(plan, asked, each) for each in votes]


@pytest.mark.parametrize("rule", [Rule.ONE_SIDED, Rule.TWO_CLASS])
@pytest.mark.parametrize("cap", [None, pytest.param(0.7, marks=pytest.mark.slow)])
def test_votes_stop_where_more_could_not_move_the_radius_and_only_there(rule, cap):
    """At every count of some looks, in any order: what one count gave may settle the next."""
    plan, asked = Precision(rel=0.2, max_n=1500, radius_cap=cap), question(rule)
    generator, stopped = np.random.default_rng(3), 0
    for look, step in ((32, 1), (96, 1), (256, 1), (768, 7), (1024, 7)):
        tops = generator.permutation(np.arange(0, look + 1, step)).tolist()
        found, right = decisions(plan, asked, look, tops)
        assert found == right
        stopped += sum(found)
    assert stopped > 50


@pytest.mark.parametrize(("max_n", "rel"), [(100_000, 0.05), (10**6, 0.01)])
def test_decisions_are_the_rules_next_to_where_they_change(max_n, rel):
    plan, asked = Precision(rel=rel, max_n=max_n, radius_cap=1.5), question()
    generator = np.random.default_rng(4)
    for look in looks(max_n)[90:-1:50]:
        known = sorted({0, look, *generator.integers(0, look, 8).tolist()})
        _, right = decisions(plan, asked, look, known)
        places = [p for p in range(len(known) - 1) if right[p] != right[p + 1]]
        assert places
        for place in places:
            low, high = known[place], known[place + 1]
            while high - low > 1:
                middle = (low + high) // 2
                (found,), (truly,) = decisions(plan, asked, look, [middle])
                assert found == truly
                low, high = (middle, high) if truly == right[place] else (low, middle)
            found, truly = decisions(plan, asked, look, range(max(0, low - 3), high + 3))
            assert found == truly


def test_most_decisions_need_no_bounds(monkeypatch):
    plan, asked, computed = Precision(rel=0.05, max_n=99_999), question(), []

    def counted(*arguments):
        computed.append(arguments)
        return radius_above(*arguments)

    monkeypatch.setattr(precision, "radius_above", counted)
    look = looks(plan.max_n)[75]
    for top in np.random.default_rng(6).binomial(look, 0.97, 300).tolist():
        plan.wanted(asked, SELECTED, Votes(counts=(top, look - top)))
    assert 2 <= len(computed) <= 40


@pytest.mark.parametrize("total", [12, 320, 10**5, 10**9])
def test_one_more_vote_for_the_class_lowers_no_outlook(total):
    """What lets counts be settled by their neighbours: bounds grow with the count, as floats."""
    asked, most = question(), min(2 * total, 10**9)
    generator = np.random.default_rng(total)
    shares = [*generator.uniform(0.3, 1, 40), *(1 - generator.uniform(0, 20, 20) / total)]
    for top in {max(0, min(total - 1, int(total * share))) for share in shares}:
        fewer, more = (Votes(counts=(k, total - k)) for k in (top, top + 1))
        assert radius_now(asked, fewer, 0) <= radius_now(asked, more, 0)
        assert radius_above(asked, fewer, 0, 1e-3) <= radius_above(asked, more, 0, 1e-3)
        assert radius_at_best(asked, fewer, 0, most) <= radius_at_best(asked, more, 0, most)


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
