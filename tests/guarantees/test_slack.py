"""What sampling from 64 bits may cost, τ, is paid wherever the proof changes between two laws.

Votes bound probabilities under the sampled law; the theorem speaks of the ideal law; the
classifier that runs at a perturbed input samples again. Real slacks are 10⁻¹²: here they are
made large enough that each place where one is forgotten shows.
"""

from fractions import Fraction

import mpmath
import numpy as np
import pytest

import certiball as cb
from certiball.certification import outlook, target_radius
from certiball.certification.judge import largest_radius
from certiball.certification.plan import FixedSamples
from certiball.certification.precision import Precision
from certiball.certification.question import Question
from certiball.certification.target_radius import TargetRadius
from certiball.claim import Rule
from certiball.errors import InfeasibleError
from certiball.laws.gaussian import Gaussian
from certiball.report.from_run import study_of_run
from certiball.runs.read import read_run
from certiball.theorems import gaussian_l2
from certiball.theorems.bounds import Bounds

TAU = 2.0**-14
LAW = Gaussian(sigma=1.0)


def survives(p, q, distance):
    """Whether the sampled answer at a distance is the same, in the worst case of everything.

    Sampled probabilities ≥ p and ≤ q are ideal ones ≥ p − τ and ≤ q + τ; the worst half-spaces
    shift those; and the sampled ones there are τ worse again.
    """
    with mpmath.workdps(40):
        first = mpmath.mpf(p) - TAU
        other = 1 - first if q is None else mpmath.mpf(q) + TAU
        moved = [
            mpmath.ncdf(mpmath.sqrt(2) * mpmath.erfinv(2 * start - 1) + shift)
            for start, shift in ((first, -mpmath.mpf(distance)), (other, mpmath.mpf(distance)))
        ]
        return moved[0] - TAU >= moved[1] + TAU


ONE_SIDED, TWO_CLASS = [(0.6, None), (0.9, None), (0.9999, None)], [(0.4, 0.2), (0.6, 0.3)]
CASES = ONE_SIDED + TWO_CLASS


@pytest.mark.parametrize(("p", "q"), [*CASES, (0.9, 0.05), (0.3, 0.001)])
def test_radii_survive_the_worst_case(p, q):
    radius = gaussian_l2.radius(LAW, Bounds(p_lower=p, p_upper=q), Fraction(TAU))
    assert radius > 0
    assert survives(p, q, radius)


@pytest.mark.parametrize(("p", "q"), CASES)
def test_the_slack_of_the_lower_bound_cannot_be_left_out(p, q):
    bounds = Bounds(p_lower=p + TAU, p_upper=q)  # from which the theorem takes it away again
    assert not survives(p, q, gaussian_l2.radius(LAW, bounds, Fraction(TAU)))


@pytest.mark.parametrize(("p", "q"), TWO_CLASS)
def test_the_slack_of_the_upper_bound_cannot_be_left_out(p, q):
    bounds = Bounds(p_lower=p, p_upper=q - TAU)
    assert not survives(p, q, gaussian_l2.radius(LAW, bounds, Fraction(TAU)))


@pytest.mark.parametrize(("p", "q"), CASES)
def test_the_slack_at_the_perturbed_input_cannot_be_left_out(p, q):
    ideal = Bounds(p_lower=p - TAU, p_upper=None if q is None else q + TAU)
    assert not survives(p, q, gaussian_l2.radius(LAW, ideal))


GRID = cb.Grid.uint8()
WHITE = np.full((1, 2, 2), 255, dtype=np.uint8)
G = cb.Smoothed(
    cb.FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2, name="bright"),
    Gaussian(sigma=0.25),
    space=GRID,
)
PLANS = [
    FixedSamples(n0=50, n=1000),
    FixedSamples(n0=50, n=1000, bound=cb.Bound.RANDOMIZED),
    TargetRadius(0.3, max_n=1000),
    Precision(0.05, max_n=1000),
]


@pytest.fixture(autouse=True)
def answers_are_computed_anew():
    """Those that are kept were computed under another slack."""
    kept = (
        outlook.radius_now,
        outlook.radius_at_best,
        outlook.radius_above,
        target_radius._borders,
    )
    for function in kept:
        function.cache_clear()
    yield
    for function in kept:
        function.cache_clear()


def enlarge(monkeypatch, per_number):
    monkeypatch.setattr(
        Gaussian, "slack", lambda self, step, dimension: Fraction(per_number) * dimension
    )


@pytest.mark.parametrize("rule", [Rule.ONE_SIDED, Rule.TWO_CLASS])
@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_every_plan_bound_and_rule_pays(plan, rule, monkeypatch):
    enlarge(monkeypatch, TAU)
    [result] = cb.certify(G, WHITE, plan=plan, rule=rule)
    bounds = Bounds(p_lower=result.p_lower, p_upper=result.p_upper)
    paid = gaussian_l2.radius(G.law, bounds, Fraction(4 * TAU))
    assert result.radius == paid < gaussian_l2.radius(G.law, bounds)
    if result.classical is not None:
        bounds = Bounds(p_lower=result.classical.p_lower, p_upper=result.classical.p_upper)
        assert result.classical.radius == gaussian_l2.radius(G.law, bounds, Fraction(4 * TAU))


@pytest.mark.parametrize("rule", [Rule.ONE_SIDED, Rule.TWO_CLASS])
def test_verdicts_on_targets_pay(rule, monkeypatch):
    """A radius that unanimous votes reach without slack, and not with it, is refused."""
    [free] = cb.certify(G, WHITE, plan=TargetRadius(0.3, max_n=1000), rule=rule)
    largest = largest_radius(Question(claim=free.claim, dimension=4), TargetRadius(0.3, max_n=1000))
    plan = TargetRadius(largest, max_n=1000)
    [result] = cb.certify(G, WHITE, plan=plan, rule=rule)
    assert result.targets[0].verdict is cb.Verdict.CERTIFIED
    outlook.radius_now.cache_clear()
    enlarge(monkeypatch, TAU)
    with pytest.raises(InfeasibleError, match="cannot certify radius"):
        cb.certify(G, WHITE, plan=plan, rule=rule)


def test_answers_in_a_report_pay_for_every_vote(tmp_path, monkeypatch):
    from certiball.cli import main

    monkeypatch.chdir(tmp_path)
    command = "certify --model certiball_bright:Bright --data d.npz --sigma .25 --n0 40 --n 500"
    (tmp_path / "certiball_bright.py").write_text(
        "import torch\n"
        "class Bright(torch.nn.Module):\n"
        "    def forward(self, x):\n"
        "        total = x.double().mean((1, 2, 3)) - .5\n"
        "        return torch.stack([-total, total], 1)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    np.savez(tmp_path / "d.npz", x=WHITE[None], y=np.array([1]), classes=np.array(["a", "b"]))
    assert main([*command.split(), "--out", "run"]) == 0
    results = read_run(tmp_path / "run")
    assert study_of_run(results).entries[0].answer.label == 1
    enlarge(monkeypatch, 0.0011 / 500 / 4)  # above α with all the votes' noise, far below with one
    assert study_of_run(results).entries[0].answer.label is None
