"""What is asked of every input of a job, and what votes prove about it."""

from dataclasses import dataclass
from fractions import Fraction

from certiball.claim import Bound, Claim, Rule
from certiball.errors import InputError
from certiball.spaces import Grid
from certiball.statistics.binomial import class_lower_bound, others_upper_bound
from certiball.statistics.mixture import mixture_lower_bound, mixture_upper_bound
from certiball.statistics.randomized import randomized_lower_bound, randomized_upper_bound
from certiball.statistics.rounding import fraction_down, fraction_up
from certiball.theorems import count_theorem, theorem_of
from certiball.theorems.bounds import Bounds
from certiball.votes import Design, Votes


@dataclass(frozen=True, kw_only=True)
class Question:
    """A claim about inputs of so many numbers.

    Args:
        claim: what is claimed.
        dimension: numbers per input; the slack of exact noise grows with it.

    Raises:
        InputError: if the law does not fit the claim's space, or inputs of so many numbers. A
            radius by counts takes no slack, but it is about that space too.
    """

    claim: Claim
    dimension: int

    def __post_init__(self) -> None:
        _ = self.slack  # a law without a slack there is refused, whatever the rule

    @property
    def slack(self) -> Fraction:
        """Total variation between the noise that is drawn and the noise of the theorem.

        For noise that is added in float mode it is zero, where nothing is known about it: a float
        certificate assumes exact reals.
        """
        space = self.claim.space
        step = space.step if isinstance(space, Grid) else None
        return self.claim.law.slack(step, self.dimension)


def vote_bounds(claim: Claim, votes: Votes, label: int, word: int | None = None) -> Bounds:
    """Bounds on the class probabilities by the claim's rule: α one-sided, or α/2 each.

    Args:
        claim: its rule, α and kind of bound decide.
        votes: those that were not used to choose the label.
        label: the class.
        word: 64 random bits of the input, for randomized bounds.

    Raises:
        InputError: if the votes stopped by a rule and the bound is for a fixed number, or a
            randomized bound has no word.
    """
    if claim.bound is Bound.EXACT:
        return _shares(votes, label)
    if claim.rule is Rule.ONE_SIDED:
        return Bounds(p_lower=_lower(claim.bound, votes, label, claim.alpha, word))
    return Bounds(
        p_lower=_lower(claim.bound, votes, label, claim.alpha / 2, word),
        p_upper=_upper(claim.bound, votes, label, claim.alpha / 2, word),
    )


def radius_from(
    question: Question,
    votes: Votes,
    label: int,
    word: int | None = None,
    bounds: Bounds | None = None,
) -> float:
    """The radius that votes prove, by bounds or, where every view voted, by their very counts.

    Args:
        question: what is claimed.
        votes: those that were not used to choose the label, or the votes of all views.
        label: the class.
        word: 64 random bits of the input, for randomized bounds.
        bounds: what `vote_bounds` gave, where it is known.

    Raises:
        InputError: as `vote_bounds`, or if not every view voted.
    """
    claim = question.claim
    if claim.bound is Bound.EXACT:
        radius = count_theorem(claim.law, claim.norm).radius
        return radius(claim.law, votes.counts, label)
    return radius_of(question, bounds or vote_bounds(claim, votes, label, word))


def radius_of(question: Question, bounds: Bounds) -> float:
    """The radius that follows from bounds on sampled votes; 0 where nothing is proven."""
    claim = question.claim
    radius = theorem_of(claim).radius
    return radius(claim.law, bounds, question.slack, question.dimension)


def _shares(votes: Votes, label: int) -> Bounds:
    """The shares of all views themselves: of the class, and the largest of another."""
    rest = max(count for other, count in enumerate(votes.counts) if other != label)
    return Bounds(
        p_lower=fraction_down(Fraction(votes.counts[label], votes.total)),
        p_upper=fraction_up(Fraction(rest, votes.total)),
    )


def _lower(bound: Bound, votes: Votes, label: int, alpha: float, word: int | None) -> float:
    if bound is Bound.MIXTURE:
        return mixture_lower_bound(votes.counts[label], votes.total, alpha)
    if bound is Bound.CLOPPER_PEARSON:
        return class_lower_bound(votes, label, alpha)
    return randomized_lower_bound(
        votes.counts[label], _fixed(votes).total, alpha, word=_given(word)
    )


def _upper(bound: Bound, votes: Votes, label: int, alpha: float, word: int | None) -> float:
    # No union over classes: see others_upper_bound. It holds for every kind of bound here.
    if bound is Bound.CLOPPER_PEARSON:
        return others_upper_bound(votes, label, alpha)
    rest = max(count for other, count in enumerate(votes.counts) if other != label)
    if bound is Bound.MIXTURE:
        return mixture_upper_bound(rest, votes.total, alpha)
    return randomized_upper_bound(rest, _fixed(votes).total, alpha, word=_given(word))


def _fixed(votes: Votes) -> Votes:
    if votes.design is not Design.FIXED:
        raise InputError(
            "these votes stopped by a rule, and randomized Clopper–Pearson holds only for a number "
            "fixed beforehand: use the mixture bound"
        )
    return votes


def _given(word: int | None) -> int:
    if word is None:
        raise InputError("a randomized bound needs the input's random word, and there is none")
    return word
