"""What the votes prove: from counts to a certificate or an abstention. No model is run here."""

from fractions import Fraction

from certiball.certificate import Abstention, Certificate, Claim, Draw, Result, Rule
from certiball.certification.plan import Plan
from certiball.errors import InfeasibleError, InputError
from certiball.spaces import Grid
from certiball.statistics.binomial import LARGEST, class_lower_bound, others_upper_bound
from certiball.statistics.rounding import format_down, format_up
from certiball.theorems import theorem
from certiball.theorems.bounds import Bounds
from certiball.votes import Design, Votes


def judge(claim: Claim, draw: Draw, selection: Votes, estimation: Votes, dimension: int) -> Result:
    """The certificate that the votes support, or the reason why there is none.

    Args:
        claim: what is claimed.
        draw: how the random numbers came.
        selection: votes that choose the class.
        estimation: other votes, independent of those, that bound its probability.
        dimension: numbers per input; the slack of the arithmetic grows with it.
    """
    label = selection.winner
    bounds = vote_bounds(claim, estimation, label)
    radius = theorem(claim.law, claim.norm)(claim.law, bounds, slack(claim, dimension))
    if radius > 0:
        return Certificate(
            claim=claim,
            draw=draw,
            selection=selection,
            estimation=estimation,
            label=label,
            p_lower=bounds.p_lower,
            p_upper=bounds.p_upper,
            radius=radius,
        )
    return Abstention(
        claim=claim,
        draw=draw,
        selection=selection,
        estimation=estimation,
        label=label,
        p_lower=bounds.p_lower,
        p_upper=bounds.p_upper,
        reason=_reason(bounds, estimation, label),
    )


def vote_bounds(claim: Claim, votes: Votes, label: int) -> Bounds:
    """Bounds on the class probabilities by the claim's rule: α one-sided, or α/2 each."""
    if claim.rule is Rule.ONE_SIDED:
        return Bounds(p_lower=class_lower_bound(votes, label, claim.alpha))
    return Bounds(
        p_lower=class_lower_bound(votes, label, claim.alpha / 2),
        p_upper=others_upper_bound(votes, label, claim.alpha / 2),
    )


def slack(claim: Claim, dimension: int) -> Fraction:
    """Total variation between the noise that is drawn and the noise of the theorem.

    Zero in float mode, where nothing is known about it: a float certificate assumes exact reals.
    """
    if isinstance(claim.space, Grid):
        return claim.law.on_grid(claim.space.step).slack(dimension)
    return Fraction(0)


def largest_radius(claim: Claim, plan: Plan, dimension: int) -> float:
    """The radius of unanimous votes: no input can get a larger one under this claim and plan."""
    return _unanimous_radius(claim, plan.most, dimension)


def check_feasible(claim: Claim, plan: Plan, dimension: int) -> None:
    """Refuse a claim that no votes could support, before any sample is drawn.

    Raises:
        InfeasibleError: with the smallest n that can certify.
        InputError: for a plan that stops by its votes; no theorem here holds for those.
    """
    if plan.design is not Design.FIXED:
        raise InputError(
            f"{plan} stops by its votes, for which Clopper–Pearson does not hold: use FixedSamples"
        )
    if _unanimous_radius(claim, plan.most, dimension) > 0:
        return
    raise InfeasibleError(
        f"n = {plan.most} cannot certify at alpha = {claim.alpha} by the {claim.rule.value} rule "
        f"even if all votes agree; n must be at least {_smallest_n(claim, dimension)}"
    )


def _unanimous_radius(claim: Claim, n: int, dimension: int) -> float:
    bounds = vote_bounds(claim, Votes(counts=(n, 0)), 0)
    return theorem(claim.law, claim.norm)(claim.law, bounds, slack(claim, dimension))


def _smallest_n(claim: Claim, dimension: int) -> int:
    enough = 1
    while not _unanimous_radius(claim, enough, dimension) > 0:
        if enough == LARGEST:
            raise InfeasibleError(
                f"no n up to {LARGEST} can certify at alpha = {claim.alpha} on {claim.space}: "
                "the grid is too fine for this noise; use a coarser one"
            )
        enough = min(2 * enough, LARGEST)
    too_few = enough // 2
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        if _unanimous_radius(claim, middle, dimension) > 0:
            enough = middle
        else:
            too_few = middle
    return enough


def _reason(bounds: Bounds, votes: Votes, label: int) -> str:
    support = f"class {label} has {votes.counts[label]} of {votes.total} votes"
    lower = format_down(bounds.p_lower)
    if bounds.p_upper is None and bounds.p_lower > 0.5:
        return f"{support}; its lower bound {lower} exceeds one half by less than the noise's slack"
    if bounds.p_upper is None:
        return f"{support}, which proves a probability of {lower}, not above one half"
    upper = format_up(bounds.p_upper)
    return f"{support}; its lower bound {lower} is not above the others' upper bound {upper}"
