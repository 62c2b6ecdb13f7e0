"""How much noise, and how many votes, a certificate against a threat would take.

Every law with one parameter of scale is tried, each through the theorems that the table holds for
it: the threat's longest length in the theorem's norm must lie below the radius. Radii grow in
proportion to the scale, so a division finds the least that is enough.
"""

import math
from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, fields
from fractions import Fraction
from typing import Any

from certiball.balls import Norm, comparable, longest_up
from certiball.certification.judge import smallest_n
from certiball.certification.question import Question, radius_of, vote_bounds
from certiball.claim import Bound, Claim, Rule
from certiball.errors import InputError
from certiball.laws import Law
from certiball.laws.gaussian import Gaussian
from certiball.spaces import Reals
from certiball.statistics.rounding import fraction_up, up
from certiball.theorems import TABLE
from certiball.threats.threat import Threat
from certiball.votes import Votes

VOTES = (1_000, 10_000, 100_000, 1_000_000)
UNANIMOUS, NEARLY = 1.0, 0.99  # shares of votes for the class
SCALES = ("sigma", "scale")  # what a law's parameter of scale is called
MODERATE, WIDEST = 0.5, 1.0  # of noise, in ranges of the data


@dataclass(frozen=True, kw_only=True)
class Need:
    """The least noise of a law under which votes certify a threat.

    Args:
        law: whose scale is the least that is enough, rounded up.
        norm: of the theorem that gives the radius.
        length: the longest of the threat in that norm, rounded up.
        deviation: the standard deviation of the noise in one number.
        votes: how many.
        share: of them for the class.
    """

    law: Law
    norm: Norm
    length: float
    deviation: float
    votes: int
    share: float


def needed(
    threat: Threat, dimension: int, alpha: float, votes: int, share: float = UNANIMOUS
) -> tuple[Need, ...]:
    """What each law of scale would need, the least noise first; none for a threat in words.

    Args:
        threat: a ball.
        dimension: numbers per input.
        alpha: of the claim, one-sided.
        votes: how many, a fixed number.
        share: of them for the class.

    Raises:
        InputError: if the share or alpha cannot be, or no such votes certify anything.

    Example:
        >>> from certiball.threats.threat import parse_threat
        >>> gaussian = [
        ...     need for need in needed(parse_threat("linf:8/255"), 3 * 224 * 224, 0.001, 100_000)
        ...     if isinstance(need.law, Gaussian) and need.norm is Norm.L2
        ... ]
        >>> round(gaussian[0].deviation, 3), round(gaussian[0].length, 2)
        (3.194, 12.17)
    """
    if not 0.5 < share <= 1:
        raise InputError(f"the share of votes for the class must be above .5 and ≤ 1, not {share}")
    agreed = math.floor(share * votes)
    counted = Votes(counts=(agreed, votes - agreed))
    found = [
        need
        for law, norm in _unit_laws()
        if (need := _least(threat, dimension, law, norm, alpha, counted)) is not None
    ]
    return tuple(sorted(found, key=lambda need: need.deviation))


def gaussian_needed(threat: Threat, dimension: int, alpha: float) -> tuple[tuple[Need, Need], ...]:
    """What Gaussian noise would need at usual numbers of votes: all for the class, and 99 %."""
    return tuple(
        (first, second)
        for votes in VOTES
        for first in _gaussian(needed(threat, dimension, alpha, votes))
        for second in _gaussian(needed(threat, dimension, alpha, votes, NEARLY))
    )


def _gaussian(needs: tuple[Need, ...]) -> list[Need]:
    return [n for n in needs if isinstance(n.law, Gaussian) and n.norm is Norm.L2]


@dataclass(frozen=True, kw_only=True)
class Enough:
    """What a claim needs against a threat, under the claim's own noise.

    Args:
        radius: in the claim's norm, that certificates must have: the threat's longest length.
        unanimous: how many votes give it if all agree; None where no number does, or where every
            view votes and there are no more.
        nearly: likewise if 99 % of them do.
    """

    radius: float
    unanimous: int | None
    nearly: int | None


def enough_for(threat: Threat, claim: Claim, dimension: int) -> Enough | None:
    """The radius and the votes that a claim needs; None where its norm bounds no such threat.

    Example:
        >>> from certiball.spaces import Grid
        >>> from certiball.threats.threat import parse_threat
        >>> claim = Claim(
        ...     law=Gaussian(sigma=0.5), norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=0.001,
        ...     space=Grid.uint8(),
        ... )
        >>> enough_for(parse_threat("linf:8/255"), claim, 784)
        Enough(radius=0.8784313725490197, unanimous=172, nearly=370)
    """
    norm, budget = threat.norm, threat.budget
    if norm is None or budget is None or not comparable(norm, claim.norm):
        return None
    length = longest_up(budget, norm, claim.norm, dimension)
    radius = math.nextafter(length, math.inf) if claim.strict else length
    if claim.bound is Bound.EXACT:  # all votes that there are have been asked for
        return Enough(radius=length, unanimous=None, nearly=None)
    question = Question(claim=claim, dimension=dimension)
    return Enough(
        radius=length,
        unanimous=smallest_n(question, radius),
        nearly=smallest_n(question, radius, NEARLY),
    )


def realistic(deviation: float, width: float) -> tuple[bool, str]:
    """Whether noise of a standard deviation leaves of data what a classifier could see, in words.

    It compares the noise with the range of the data and no more: what accuracy a classifier keeps
    under it only a measurement says.

    Args:
        deviation: of the noise, in one number.
        width: of the range of the data.
    """
    ratio = deviation / width
    if ratio <= MODERATE:
        return True, "moderate: at most half the range of the data"
    if ratio <= WIDEST:
        return True, "strong: more than half the range of the data"
    return False, f"not realistic: {ratio:.1f} times the range of the data"


def _least(
    threat: Threat, dimension: int, law: Law, norm: Norm, alpha: float, votes: Votes
) -> Need | None:
    """The least scale of a law, given at scale 1; None where its theorem says nothing here."""
    if threat.norm is None or threat.budget is None or not comparable(threat.norm, norm):
        return None
    claim = Claim(
        law=law,
        norm=norm,
        rule=Rule.ONE_SIDED,
        alpha=alpha,
        space=Reals(),
        strict=TABLE[type(law), norm].strict,
    )
    try:
        radius = radius_of(Question(claim=claim, dimension=dimension), vote_bounds(claim, votes, 0))
        deviation = law.deviation(dimension)
    except InputError:  # a law that is not for inputs of so few numbers
        return None
    if not radius > 0 or deviation is None:
        return None
    length = longest_up(threat.budget, threat.norm, norm, dimension)
    scale = up(fraction_up(Fraction(length) / Fraction(radius)))
    scaled = _scaled(type(law), scale)
    found = scaled.deviation(dimension)
    return (
        None
        if found is None
        else Need(
            law=scaled,
            norm=norm,
            length=length,
            deviation=found,
            votes=votes.total,
            share=votes.counts[0] / votes.total,
        )
    )


def _unit_laws() -> Iterator[tuple[Law, Norm]]:
    """Laws at scale 1, with the norms that a theorem gives a radius in."""
    for kind, norm in TABLE:
        if _scale_of(kind) is not None:
            yield _scaled(kind, 1.0), norm


def _scale_of(kind: type) -> Field[Any] | None:
    """A law's only parameter without a default, if it is one of scale."""
    missing = [f for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING]
    return missing[0] if len(missing) == 1 and missing[0].name in SCALES else None


def _scaled(kind: type, scale: float) -> Law:
    """A law of a scale; some want it as a fraction."""
    field = _scale_of(kind)
    if field is None:
        raise InputError(f"{kind.__name__} has no parameter of scale alone")
    law: Law = kind(**{field.name: Fraction(scale) if field.type is Fraction else scale})
    return law
