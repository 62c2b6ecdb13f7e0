from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import ndtr

import certiball as cb
from certiball.certification.forecast import expected_samples, offers
from certiball.certification.judge import smallest_n
from certiball.certification.pilot import Pilot
from certiball.certification.question import Question
from certiball.claim import Bound, Claim
from certiball.errors import InfeasibleError, InputError
from certiball.execution import Execution
from certiball.votes import Design

CLAIM = Claim(
    law=cb.Gaussian(sigma=0.5),
    norm=cb.Norm.L2,
    rule=cb.Rule.ONE_SIDED,
    alpha=0.001,
    space=cb.Reals(),
)
QUESTION = Question(claim=CLAIM, dimension=12)


@pytest.fixture(autouse=True)
def few_runs(monkeypatch):
    monkeypatch.setattr("certiball.certification.forecast.RUNS", 60)


def pilot(*votes):
    return Pilot(execution=Execution(batch=32), rate=1000.0, stepwise_rate=500.0, votes=votes)


@dataclass(frozen=True, kw_only=True)
class UntilOneIsLost:
    """Goes on, vote by vote, until one is for another class."""

    design: Design = Design.STOPPED
    bound: Bound = Bound.MIXTURE
    selection: int = 5
    most: int = 1000

    def wanted(self, question, selection, estimation):
        if estimation is None:
            return 5, 1
        lost = estimation.counts[1]
        return 5, min(estimation.total + (lost == 0), self.most)

    def targets(self, question, label, estimation):
        return ()


def test_fixed_plans_take_what_they_say():
    plan = cb.FixedSamples(n0=10, n=990)
    [offer] = offers([plan], QUESTION, pilot((50, 100)), 3600)
    assert (offer.samples, offer.error) == (1000, 0)
    assert offer.device_hours == pytest.approx(1.0)
    assert offer.largest_radius == pytest.approx(0.5 * 2.46, abs=0.01)
    assert offer.plan == "FixedSamples(n0=10, n=990)"


def test_plans_that_stop_are_simulated():
    # the first lost vote comes after 1 / (1 − p) votes in the mean: 10 at p = .9
    taken = expected_samples(UntilOneIsLost(), QUESTION, pilot(*[(90_000, 100_000)] * 200)).mean()
    assert taken == pytest.approx(5 + 10, rel=0.05)
    again = expected_samples(UntilOneIsLost(), QUESTION, pilot(*[(90_000, 100_000)] * 200)).mean()
    assert taken == again


def test_inputs_that_differ_leave_an_error():
    [same] = offers([UntilOneIsLost()], QUESTION, pilot(*[(500_000, 1_000_000)] * 400), 1)
    [mixed] = offers([UntilOneIsLost()], QUESTION, pilot((1, 10**6), (999_999, 10**6)), 1)
    assert same.error < 0.1
    assert mixed.error > 100
    [single] = offers([UntilOneIsLost()], QUESTION, pilot((9, 10)), 1)
    assert single.error is None
    [fixed] = offers([cb.FixedSamples(n=100)], QUESTION, pilot((1, 10), (9, 10)), 1)
    assert fixed.error == 0


def test_few_votes_leave_the_share_open():
    # all of 10 votes may well be a share of .9: the mean is far below that of a share of 1
    certain = expected_samples(UntilOneIsLost(), QUESTION, pilot(*[(100_000, 100_000)] * 10)).mean()
    open_ = expected_samples(UntilOneIsLost(), QUESTION, pilot(*[(10, 10)] * 10)).mean()
    assert open_ < certain / 2


def test_plans_that_look_run_at_their_own_rate():
    [offer] = offers([UntilOneIsLost()], QUESTION, pilot((90, 100)), 3600)
    assert offer.device_hours == pytest.approx(offer.samples / 500)


def test_plans_that_cannot_certify_are_refused():
    with pytest.raises(InfeasibleError, match="n must be at least 10"):
        offers([cb.FixedSamples(n=9)], QUESTION, pilot((1, 1)), 1)


@pytest.mark.parametrize(("radius", "needed"), [(1e-9, 10), (0.5, 40), (1.0, 301), (1.5, 5114)])
def test_unanimous_votes_needed(radius, needed):
    # σ = .5, α = .001: the figures that Clopper–Pearson needs for r/σ = 0, 1, 2 and 3
    assert smallest_n(QUESTION, radius) == needed


def test_votes_needed_at_a_share():
    needed = smallest_n(QUESTION, 0.5, 0.9)
    assert needed is not None
    assert 300 < needed < 1000
    # a share of Φ(1) = .841 never proves a radius of σ
    assert smallest_n(QUESTION, 0.5, 0.84) is None
    assert smallest_n(QUESTION, 100.0) is None


@pytest.mark.parametrize(("radius", "share"), [(0.0, 1.0), (1.0, 1.5)])
def test_bad_questions(radius, share):
    with pytest.raises(InputError, match="must be"):
        smallest_n(QUESTION, radius, share)


def test_the_forecast_is_what_certification_takes():
    bright = cb.FunctionClassifier(lambda x: (x[:, 0] > 0.5).astype(int), num_classes=2)
    g = cb.Smoothed(bright, cb.Gaussian(sigma=0.5), space=cb.Reals())
    plan = cb.TargetRadius(radii=0.25, max_n=20_000)
    points = np.linspace(1.0, 1.5, 60, dtype=np.float32)[:, None]  # Φ(1) to Φ(2) of the votes
    results = cb.certify(g, points, plan=plan, seed=7)
    taken = np.mean([r.selection.total + r.estimation.total for r in results])
    votes = [(round(1e6 * ndtr((x - 0.5) / 0.5)), 10**6) for x in points[:, 0].tolist()]
    question = Question(claim=results[0].claim, dimension=1)
    assert expected_samples(plan, question, pilot(*votes)).mean() == pytest.approx(taken, rel=0.25)
