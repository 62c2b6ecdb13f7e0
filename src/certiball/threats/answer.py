"""Everything that can be said of a threat before anything is certified."""

from dataclasses import dataclass

from certiball.balls import Norm, comparable, longest_up
from certiball.threats.fitting import advice, laws_for
from certiball.threats.needed import Need, gaussian_needed, needed
from certiball.threats.threat import LENGTHS, Threat


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A threat, looked at.

    Args:
        threat: what was asked.
        dimension: numbers per input.
        width: of the range in which inputs lie.
        lengths: the longest of its perturbations in each norm of lengths, rounded up; empty for
            threats that no such norm bounds.
        gaussian: what Gaussian noise needs through L2, at usual numbers of votes: with all of them
            for the class, and with 99 %.
        laws: what each law needs where all votes agree, the least noise first.
        names: of the laws that have a theorem in just this norm.
        advice: which method fits, in sentences.
    """

    threat: Threat
    dimension: int
    width: float
    lengths: dict[Norm, float]
    gaussian: tuple[tuple[Need, Need], ...]
    laws: tuple[Need, ...]
    names: tuple[str, ...]
    advice: str


def answer(threat: Threat, dimension: int, *, alpha: float, votes: int, width: float) -> Answer:
    """What a threat amounts to, and what certifying it would take.

    Args:
        threat: a ball, or anything in words.
        dimension: numbers per input.
        alpha: of the certificates.
        votes: for the comparison of laws; all of them for one class.
        width: of the range in which inputs lie.

    Example:
        >>> from certiball.threats.threat import parse_threat
        >>> found = answer(
        ...     parse_threat("linf:4/255"), 3 * 224 * 224, alpha=0.001, votes=1000, width=1.0
        ... )
        >>> round(found.lengths[Norm.L2], 2)
        6.09
    """
    return Answer(
        threat=threat,
        dimension=dimension,
        width=width,
        lengths=lengths_of(threat, dimension),
        gaussian=gaussian_needed(threat, dimension, alpha),
        laws=needed(threat, dimension, alpha, votes),
        names=() if threat.norm is None else laws_for(threat.norm),
        advice=advice(threat),
    )


def lengths_of(threat: Threat, dimension: int) -> dict[Norm, float]:
    """The longest of a threat's perturbations in each norm that bounds it, rounded up."""
    norm, budget = threat.norm, threat.budget
    if norm is None or budget is None:
        return {}
    return {
        other: longest_up(budget, norm, other, dimension)
        for other in LENGTHS
        if comparable(norm, other)
    }
