"""What a study's certificates say of threats: the same verdict as in a record."""

from collections.abc import Sequence
from dataclasses import dataclass

from certiball.errors import InputError
from certiball.report.study import Study
from certiball.report.texts import number
from certiball.statistics.rounding import format_down
from certiball.threats.threat import Threat, question, usual_threats
from certiball.threats.verdict import Proven, Verdict, judged

NAMED = "Threats that were named for this page."
USUAL = "Nobody named a threat; these are the usual ones for such inputs."
NONE = "—"


@dataclass(frozen=True, kw_only=True)
class ThreatRow:
    """A threat and its verdict; every cell is a text."""

    threat: str
    word: str
    covered: str
    right: str
    largest: str
    sentence: str


def threat_rows(study: Study, threats: Sequence[Threat] | None) -> tuple[ThreatRow, ...]:
    """A row for each threat; for the usual ones if none is given.

    Raises:
        InputError: as `verdicts`.
    """
    return tuple(
        ThreatRow(
            threat=f"{verdict.threat.norm} {verdict.threat.budget}"
            if verdict.threat.norm is not None
            else verdict.threat.text,
            word=verdict.word,
            covered=f"{number(verdict.covered)} of {number(verdict.tried)}",
            right=number(verdict.right),
            largest=NONE if verdict.largest is None else _radius(verdict, verdict.largest),
            sentence=verdict.sentence,
        )
        for verdict in verdicts(study, threats)
    )


def _radius(verdict: Verdict, radius: float) -> str:
    counts = verdict.threat.norm is not None and verdict.threat.norm.counts
    return format_down(radius, 0 if counts else 4)


def verdicts(study: Study, threats: Sequence[Threat] | None = None) -> tuple[Verdict, ...]:
    """The verdict on each threat; on the usual ones of the norm if none is given.

    Inputs that are not finished count as not covered. A published log without a claim has no
    verdicts: nobody knows which balls its radii are of.

    Raises:
        InputError: for a budget that seems to be in other units than the inputs'.
    """
    claim, dimension = study.claim, study.dimension
    if claim is None or dimension is None:
        return ()
    asked = usual_threats(claim.space, claim.norm) if threats is None else threats
    certified = [
        Proven(radius=entry.radius, right=entry.predicted == entry.label)
        for entry in study.entries
        if entry.radius > 0
    ]
    for threat in asked:
        question(threat, claim.space, dimension)
    return tuple(judged(threat, claim, dimension, certified, study.planned) for threat in asked)


def verdict_on(threat: Threat, study: Study) -> Verdict:
    """The verdict on one threat.

    Raises:
        InputError: if the study is a log without a claim; else as `verdicts`.
    """
    found = verdicts(study, (threat,))
    if not found:
        raise InputError(
            f"{study.title} states no claim, so nothing says which balls its radii are of: take a "
            "run"
        )
    return found[0]
