"""What plans are going to take, from the votes of a pilot."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from certiball.certification.judge import check_feasible, largest_radius
from certiball.certification.pilot import Pilot
from certiball.certification.plan import Plan
from certiball.certification.question import Question
from certiball.shapes import Array
from certiball.votes import Design, Votes

RUNS = 192  # simulated, over all inputs of the pilot


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One plan, and what it would take.

    Args:
        plan: the plan, in words.
        largest_radius: no input can get a larger one.
        samples: expected for each input, selection included.
        error: the standard error of that, by how the inputs looked at differ; 0 for fixed plans,
            None where one input alone was looked at.
        device_hours: for all inputs, at the pilot's rate.
    """

    plan: str
    largest_radius: float
    samples: float
    error: float | None
    device_hours: float


def offers(
    plans: Sequence[Plan], question: Question, pilot: Pilot, inputs: int
) -> tuple[Offer, ...]:
    """What each plan would take for so many inputs.

    Raises:
        InputError: if no votes could certify by a plan (with the n that could).
    """
    for plan in plans:
        check_feasible(asked_by(plan, question), plan)
    return tuple(_offer(plan, question, pilot, inputs) for plan in plans)


def expected_samples(plan: Plan, question: Question, pilot: Pilot) -> Array:
    """Expected samples of each input of the pilot, selection included, float64 [inputs].

    Each input of the pilot is certified some times over with simulated votes, at shares drawn
    from what its votes leave possible: Beta(k + ½, m − k + ½).

    Example:
        >>> from certiball import FixedSamples, Gaussian, Norm, Reals, Rule
        >>> from certiball.claim import Claim
        >>> from certiball.execution import Execution
        >>> law = Gaussian(sigma=0.5)
        >>> claim = Claim(law=law, norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=0.001, space=Reals())
        >>> shape = Execution(batch=32)
        >>> pilot = Pilot(execution=shape, rate=1000.0, stepwise_rate=900.0, votes=((99, 100),))
        >>> plan = FixedSamples(n0=100, n=900)
        >>> expected_samples(plan, Question(claim=claim, dimension=12), pilot)
        array([1000.])
    """
    asked = asked_by(plan, question)
    generator = np.random.default_rng(0)  # so that the forecast of one pilot is one number
    totals = [
        [
            _simulated(plan, asked, float(generator.beta(k + 0.5, m - k + 0.5)), generator)
            for _ in range(-(-RUNS // len(pilot.votes)))
        ]
        for k, m in pilot.votes
    ]
    means: Array = np.mean(totals, axis=1)
    return means


def _offer(plan: Plan, question: Question, pilot: Pilot, inputs: int) -> Offer:
    taken = expected_samples(plan, question, pilot)
    samples = float(taken.mean())
    error = float(taken.std(ddof=1) / math.sqrt(len(taken))) if len(taken) > 1 else None
    return Offer(
        plan=str(plan),
        largest_radius=largest_radius(asked_by(plan, question), plan),
        samples=samples,
        error=error if plan.design is Design.STOPPED else 0.0,
        device_hours=samples * inputs / _rate(plan, pilot) / 3600,
    )


def _rate(plan: Plan, pilot: Pilot) -> float:
    return pilot.stepwise_rate if plan.design is Design.STOPPED else pilot.rate


def asked_by(plan: Plan, question: Question) -> Question:
    """The question with the bound that belongs to a plan."""
    return replace(question, claim=replace(question.claim, bound=plan.bound))


def _simulated(plan: Plan, question: Question, share: float, generator: np.random.Generator) -> int:
    """Samples of one input whose votes are for its class with probability `share`."""
    n0, n = plan.wanted(question, None, None)
    selection, k, drawn = Votes(counts=(n0, 0)), 0, 0
    while n > drawn:
        k += int(generator.binomial(n - drawn, share))
        drawn = n
        _, n = plan.wanted(question, selection, Votes(counts=(k, drawn - k)))
    return n0 + drawn
