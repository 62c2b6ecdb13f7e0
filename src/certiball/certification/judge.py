"""What the votes prove: from counts to a certificate or an abstention. No model is run here."""

import math
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from certiball.balls import Norm, comparable, longest_up
from certiball.certificate import Abstention, Certificate, Classical, Result, Verdict
from certiball.certification.plan import Plan
from certiball.certification.question import Question, radius_from, radius_of, vote_bounds
from certiball.claim import Bound, Claim, Draw
from certiball.errors import InfeasibleError, InputError
from certiball.laws import Law
from certiball.laws.ablation import Ablation
from certiball.statistics import binomial, mixture
from certiball.statistics.rounding import format_down, format_up, fraction_up
from certiball.theorems import theorem_of
from certiball.theorems.bounds import Bounds
from certiball.votes import Design, Votes
from certiball.wording import unit_of

BEST_WORD, WORST_WORD = 0, 2**64 - 1  # of a randomized bound; other bounds take no word
CERTAIN = Bounds(p_lower=1.0)
TAKEN = "the noise's slack takes"


def judge(
    question: Question,
    plan: Plan,
    draw: Draw,
    selection: Votes,
    estimation: Votes,
    word: int | None = None,
) -> Result:
    """The certificate that the votes support, or the reason why there is none.

    Args:
        question: what is claimed.
        plan: what decided how many votes there are; it sets their design.
        draw: how the random numbers came.
        selection: votes that choose the class; none where every view votes.
        estimation: other votes, independent of those, that bound its probability; or those of
            every view.
        word: 64 random bits of this input, for randomized bounds.
    """
    claim = question.claim
    label = (estimation if plan.design is Design.ENUMERATED else selection).winner
    if plan.design is not Design.FIXED:
        estimation = replace(estimation, design=plan.design)
    bounds = vote_bounds(claim, estimation, label, word)
    radius = radius_from(question, estimation, label, bounds=bounds)
    targets = plan.targets(question, label, estimation)
    classical = _classical(question, estimation, label)
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
            targets=targets,
            classical=classical,
        )
    return Abstention(
        claim=claim,
        draw=draw,
        selection=selection,
        estimation=estimation,
        label=label,
        p_lower=bounds.p_lower,
        p_upper=bounds.p_upper,
        reason=_reason(question, bounds, estimation, label),
        targets=targets,
        classical=classical,
    )


def _classical(question: Question, votes: Votes, label: int) -> Classical | None:
    """What votes give without the random number; None where the bound is not randomized."""
    if question.claim.bound is not Bound.RANDOMIZED:
        return None
    plain = replace(question, claim=replace(question.claim, bound=Bound.CLOPPER_PEARSON))
    bounds = vote_bounds(plain.claim, votes, label)
    radius = radius_from(plain, votes, label, bounds=bounds)
    return Classical(p_lower=bounds.p_lower, p_upper=bounds.p_upper, radius=radius)


def largest_radius(question: Question, plan: Plan) -> float:
    """The radius of unanimous votes: no input can get a larger one under this claim and plan.

    By a randomized bound it is that of the most favourable word, so that no word gives more.
    """
    return _radius_at(question, plan.most, word=BEST_WORD)


def check_feasible(question: Question, plan: Plan) -> None:
    """Refuse a claim that no votes could support, before any sample is drawn.

    By a randomized bound, unanimous votes must support it whatever the word.

    Raises:
        InfeasibleError: with the smallest n that can certify, at a radius that the plan asks for.
        InputError: if the claim's bound does not hold for votes of the plan, or it asks for a
            radius that is no whole number where radii count.
    """
    claim = question.claim
    if claim.bound is Bound.EXACT:
        _check_views(question, plan)
        return
    if plan.design is not Design.FIXED and claim.bound is not Bound.MIXTURE:
        raise InputError(
            f"{plan} stops by its votes, for which the {claim.bound.value} bound does not hold: "
            "use the mixture bound"
        )
    name = "n" if plan.design is Design.FIXED else "max_n"
    how = f"at alpha = {claim.alpha} by the {claim.rule.value} rule even if all votes agree"
    if not _radius_at(question, plan.most) > 0:
        enough = smallest_n(question, math.ulp(0.0))
        if enough is None:
            raise InfeasibleError(_hopeless(question, name))
        raise InfeasibleError(
            f"{name} = {plan.most} cannot certify {how}; {name} must be at least {enough}"
        )
    for target in plan.targets(question, 0, Votes(counts=(plan.most, 0))):
        _check_unit(claim, target.radius)
        if target.verdict is not Verdict.CERTIFIED:
            enough = smallest_n(question, target.radius)
            remedy = (
                f"{name} must be at least {enough}"
                if enough is not None
                else f"nor can any {name} up to {_largest_n(claim)}: ask for a smaller radius"
                + _in_doubt(question, target.radius)
            )
            raise InfeasibleError(
                f"{name} = {plan.most} cannot certify radius {target.radius!r} {how}; {remedy}"
            )


def _check_unit(claim: Claim, radius: float) -> None:
    """Refuse a target that no radius meets and the next whole number hides."""
    if claim.norm.counts and not radius.is_integer():
        above = math.ceil(radius)
        near = f"{above - 1} or {above}" if above > 1 else "1"
        raise InputError(
            f"radii in {claim.norm} are whole numbers, and {radius} is none; ask for {near}"
        )


def _check_views(question: Question, plan: Plan) -> None:
    law = question.claim.law
    if plan.design is not Design.ENUMERATED:
        raise InputError(f"the exact bound is for the votes of all views, and {plan} asks fewer")
    if not _radius_at(question, plan.most) > 0:
        raise InfeasibleError(
            f"{law} can certify nothing even if all {plan.most} views agree: each must see less of "
            "an input, or there must be more of them"
        )


def _radius_at(question: Question, n: int, share: float = 1.0, word: int = WORST_WORD) -> float:
    k = int(share * n)
    return radius_from(question, Votes(counts=(k, n - k)), 0, word)


def smallest_n(question: Question, radius: float, share: float = 1.0) -> int | None:
    """The least n whose votes give a radius, if a share of them is for the class.

    Args:
        question: what is claimed, and by which bound; if randomized, by its worst word.
        radius: wanted, > 0.
        share: of votes for the class; 1 asks what unanimous votes need.

    Returns:
        The number, or None where no number that the bound allows is enough.

    Raises:
        InputError: if the radius is not positive or the share not from 0 to 1.
    """
    if not radius > 0:
        raise InputError(f"the radius must be > 0, not {radius}")
    if not 0 <= share <= 1:
        raise InputError(f"the share of votes must be from 0 to 1, not {share}")
    enough, most = 1, _largest_n(question.claim)
    while not _radius_at(question, enough, share) >= radius:
        if enough == most:
            return None
        enough = min(2 * enough, most)
    too_few = enough // 2
    while enough - too_few > 1:
        middle = (enough + too_few) // 2
        if _radius_at(question, middle, share) >= radius:
            enough = middle
        else:
            too_few = middle
    return enough


def _largest_n(claim: Claim) -> int:
    """The most votes that the claim's bound has been examined for."""
    return mixture.LARGEST if claim.bound is Bound.MIXTURE else binomial.LARGEST


def _in_doubt(question: Question, radius: float) -> str:
    """A question about the unit of a radius that is more than any two inputs differ by."""
    low, high = question.claim.space.bounds
    norm = question.claim.norm
    if not comparable(Norm.LINF, norm) or not math.isfinite(high - low):
        return ""
    width = Fraction(high) - Fraction(low)
    if radius <= longest_up(width, Norm.LINF, norm, question.dimension):
        return ""
    meant = (
        f"; did you mean {radius / 255:.4g}, which is {radius:g}/255?" if high - low == 1 else ""
    )
    return f", for no two inputs differ by so much, which lie from {low:g} to {high:g}{meant}"


def _hopeless(question: Question, name: str) -> str:
    """Why no number of votes can certify, and what to change."""
    claim = question.claim
    if not _gives(question, CERTAIN, slack=False):
        return f"even a probability of 1 gives no radius under {claim.law}; {_to_hide(claim.law)}"
    none = f"no {name} up to {_largest_n(claim)} can certify at alpha = {claim.alpha} on "
    if not _gives(question, CERTAIN):
        return f"{none}{claim.space}: the grid is too fine for this noise; use a coarser one"
    return f"{none}{claim.space} under {claim.law}; take a larger alpha, or noise that hides more"


def _to_hide(law: Law) -> str:
    if isinstance(law, Ablation):
        half = (law.pixels + 1) // 2
        return f"a pixel must be seen less than half of the time: keep fewer than {half}"
    return "take noise that hides more of an input"


def _gives(question: Question, bounds: Bounds, *, slack: bool = True) -> bool:
    """Whether bounds on probabilities prove a radius, if the noise is drawn with its slack."""
    if slack:
        return radius_of(question, bounds) > 0
    radius = theorem_of(question.claim).radius
    return radius(question.claim.law, bounds, Fraction(0), question.dimension) > 0


@lru_cache(maxsize=64)  # many inputs of one run abstain
def _too_low(question: Question) -> float:
    """The largest lower bound on a class's probability that alone proves no radius."""
    low, high = 0.5, 1.0
    if not _gives(question, Bounds(p_lower=high)):
        return high
    while low < (middle := (low + high) / 2) < high:
        if _gives(question, Bounds(p_lower=middle)):
            high = middle
        else:
            low = middle
    return low


def _reason(question: Question, bounds: Bounds, votes: Votes, label: int) -> str:
    support = f"class {label} has {votes.counts[label]} of {votes.total} votes"
    if votes.design is Design.ENUMERATED:
        second = votes.runner_up
        return (
            f"{support} and class {second} has {votes.counts[second]}: the smallest change may "
            "reach enough views to end that lead"
        )
    lower = format_down(bounds.p_lower)
    if bounds.p_upper is not None:
        return f"{support}; its lower bound {lower} {_beside_others(question, bounds)}"
    if bounds.p_lower <= 0.5:
        return f"{support}, which proves a probability of {lower}, not above one half"
    if _gives(question, bounds, slack=False):
        return f"{support}; its lower bound {lower} exceeds what is needed by less than {TAKEN}"
    claim = question.claim
    least = f"one {unit_of(claim)[:-1]}" if claim.norm is Norm.L0 else "a radius"
    needed = format_down(_too_low(question))
    return f"{support}, which proves a probability of {lower}, and {least} needs more than {needed}"


def _beside_others(question: Question, bounds: Bounds) -> str:
    """What a lower bound lacks for the two-class rule."""
    rest = 1 - Fraction(bounds.p_lower)  # together all others have no more
    other = min(rest if bounds.p_upper is None else Fraction(bounds.p_upper), rest)
    upper = format_up(fraction_up(other))
    if bounds.p_lower <= other:
        return f"is not above the others' upper bound {upper}"
    if _gives(question, bounds, slack=False):
        return f"exceeds the others' upper bound {upper} by less than {TAKEN}"
    law = question.claim.law
    return f"exceeds the others' upper bound {upper} by too little for a radius under {law}"
