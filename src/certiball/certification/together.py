"""What votes prove of all inputs at once: a certificate errs at rate α, and N of them err more.

Both readings take votes that are there already. They are new statements beside the certificates,
at levels that N and α fix beforehand; choosing the better for each input would be neither. Votes
that stopped by a rule may be read so too, for the mixture holds at any level; but they stopped for
the level α, and will often fall short of the target at a smaller one.
"""

from collections.abc import Sequence
from dataclasses import replace

from certiball.certification.question import Question, radius_from
from certiball.claim import Bound
from certiball.errors import InputError
from certiball.statistics.multiplicity import shared_level
from certiball.votes import Votes

Ballot = tuple[int, Votes]  # the class that was selected, and the votes that bound its probability


def radii_together(question: Question, ballots: Sequence[Ballot | None]) -> tuple[float, ...]:
    """A radius for each input, all of them true at once except with probability α (Bonferroni).

    Each bound is taken at level α/N. All radii hold together, so they may be read as a curve, and
    any of them may be picked by its size.

    Args:
        question: what is claimed; randomized bounds are read by the classical one.
        ballots: one for each input *tried*; None where there are no votes.

    Returns:
        Radii rounded down, 0 where nothing is proven.

    Raises:
        InputError: if there is no input, or α/N is below 10⁻¹⁵.

    Example:
        >>> from certiball.balls import Norm
        >>> from certiball.claim import Claim, Rule
        >>> from certiball.laws.gaussian import Gaussian
        >>> from certiball.spaces import Reals
        >>> law = Gaussian(sigma=0.25)
        >>> claim = Claim(law=law, norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=0.001, space=Reals())
        >>> ballot = (0, Votes(counts=(990, 10)))
        >>> asked = Question(claim=claim, dimension=64)
        >>> [round(radius, 4) for radius in radii_together(asked, [ballot, ballot, None])]
        [0.4871, 0.4871, 0.0]
    """
    asked = _sharing(question, len(ballots))
    return tuple(_radius(asked, ballot) for ballot in ballots)


def certified_together(
    question: Question, ballots: Sequence[Ballot | None], radius: float
) -> tuple[bool, ...]:
    """Which inputs are certified at one radius, any of them falsely at most α often (Holm).

    It certifies whatever Bonferroni does at that radius, and more: once R inputs are, the others
    need only the level α/(N − R). It holds at that one radius, if it was fixed before the votes:
    read as a curve, it would err far more often than α.

    Args:
        question: what is claimed; randomized bounds are read by the classical one.
        ballots: one for each input *tried*; None where there are no votes.
        radius: the radius, > 0.

    Raises:
        InputError: if there is no input, the radius is not positive, or α/N is below 10⁻¹⁵.
    """
    if not radius > 0:
        raise InputError(f"the radius must be > 0, not {radius}")
    certified = [False] * len(ballots)
    while True:
        asked = _sharing(question, len(ballots) - sum(certified))
        more = [
            sure or _radius(asked, ballot) >= radius
            for sure, ballot in zip(certified, ballots, strict=True)
        ]
        if more == certified or all(more):
            return tuple(more)
        certified = more


def _sharing(question: Question, statements: int) -> Question:
    """The same question at the level of each of so many statements; what is exact needs none."""
    if question.claim.bound is Bound.EXACT:
        return question
    claim = replace(question.claim, alpha=shared_level(question.claim.alpha, statements))
    if claim.bound is Bound.RANDOMIZED:
        claim = replace(claim, bound=Bound.CLOPPER_PEARSON)
    return replace(question, claim=claim)


def _radius(question: Question, ballot: Ballot | None) -> float:
    if ballot is None:
        return 0.0
    label, votes = ballot
    return radius_from(question, votes, label)
