"""What certificates say of a threat: covered for all inputs, for some, or not at all."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from certiball.balls import Ball, Norm, comparable, radius_in, root_text
from certiball.claim import Bound, Claim
from certiball.spaces import Grid
from certiball.threats.threat import Threat
from certiball.wording import reach, unit_of


@dataclass(frozen=True, kw_only=True)
class Proven:
    """What was certified for one of the inputs tried.

    Args:
        radius: in the norm of the claim, > 0.
        right: whether it is for the right class.
    """

    radius: float
    right: bool


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A threat judged.

    Args:
        threat: what was asked.
        word: covered, partly covered or not covered.
        formula: how a radius of the claim becomes one in the threat's norm; None where it cannot.
        largest: the largest certified radius in the threat's norm, rounded down; None where
            nothing is certified, or nothing in that norm.
        tried: all inputs, those without a certificate included.
        covered: inputs whose certificate has every perturbation of the threat.
        right: of these, those with the right class.
        sentence: all of it in words.
    """

    threat: Threat
    word: str
    formula: str | None
    largest: float | None
    tried: int
    covered: int
    right: int
    sentence: str


def judged(
    threat: Threat, claim: Claim, dimension: int, certified: Sequence[Proven], tried: int
) -> Verdict:
    """Whether certificates cover a threat: its closed ball must lie in theirs, open or closed.

    Args:
        threat: a ball of any norm, or anything in words, which no ball bounds.
        claim: what the certificates claim.
        dimension: numbers per input.
        certified: the inputs that have a certificate.
        tried: how many were tried.

    Example:
        >>> from certiball import Gaussian, Grid, Rule
        >>> from certiball.threats.threat import parse_threat
        >>> law = Gaussian(sigma=0.25)
        >>> claim = Claim(
        ...     law=law, norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=0.001, space=Grid.uint8()
        ... )
        >>> found = [Proven(radius=0.9, right=True), Proven(radius=0.4, right=True)]
        >>> verdict = judged(parse_threat("linf:8/255"), claim, 784, found, tried=3)
        >>> verdict.word, verdict.covered, verdict.tried
        ('partly covered', 1, 3)
    """
    norm, budget = threat.norm, threat.budget
    if norm is None or budget is None or not comparable(norm, claim.norm):
        return _unbounded(threat, claim, tried)
    radii = sorted({each.radius for each in certified})
    least = _least_covering(claim, dimension, radii, norm, budget)
    covered = [each for each in certified if least is not None and each.radius >= least]
    right = sum(each.right for each in covered)
    word = "partly covered" if covered else "not covered"
    word = "covered" if len(covered) == tried else word
    divisor = root_text(claim.norm, norm, dimension)
    return Verdict(
        threat=threat,
        word=word,
        formula=f"R in {norm} = R in {claim.norm}{f' / {divisor}' if divisor else ''}",
        largest=_converted(claim, dimension, radii[-1], norm) if radii else None,
        tried=tried,
        covered=len(covered),
        right=right,
        sentence=f"{word.capitalize()}: of {tried} inputs, {len(covered)} are proven to "
        f"keep their answer, and {right} of those the right one, under every "
        f"{_changes(claim, norm, budget)}{'' if norm.counts else _where(claim)}"
        f"{'' if claim.bound is Bound.EXACT else ', if their certificates are true'}.",
    )


def _unbounded(threat: Threat, claim: Claim, tried: int) -> Verdict:
    why = "is no ball of a norm" if threat.norm is None else "is not compared with other norms"
    return Verdict(
        threat=threat,
        word="not covered",
        formula=None,
        largest=None,
        tried=tried,
        covered=0,
        right=0,
        sentence=f"Not covered: “{threat.text}” {why}: what is compared is "
        f"{reach(claim, 'the radius')}.",
    )


def _least_covering(
    claim: Claim, dimension: int, radii: Sequence[float], norm: Norm, budget: Fraction
) -> float | None:
    """The smallest of some radii whose ball has the closed ball of the threat."""

    def enough(radius: float) -> bool:
        found = Fraction(_converted(claim, dimension, radius, norm))
        return found > budget or (found == budget and not claim.strict)

    place = bisect_left(radii, True, key=enough)
    return radii[place] if place < len(radii) else None


def _converted(claim: Claim, dimension: int, radius: float, norm: Norm) -> float:
    return radius_in(Ball(norm=claim.norm, radius=radius, strict=claim.strict), norm, dimension)


def _changes(claim: Claim, norm: Norm, budget: Fraction) -> str:
    if norm is Norm.PATCH:
        return f"change inside a square of {budget} × {budget} pixels"
    if norm is Norm.L0:
        unit = unit_of(claim)
        return f"change of at most {budget} {unit[:-1] if budget == 1 else unit}"
    return f"perturbation of {norm} norm at most {budget}"


def _where(claim: Claim) -> str:
    if not isinstance(claim.space, Grid):
        return ""
    return f" that moves by whole steps of {claim.space.step}"
