"""What a study's certificates say of threats: the same verdict as in a record."""

from collections.abc import Sequence

from certiball.errors import InputError
from certiball.report.study import Study
from certiball.threats.threat import Threat, question, usual_threats
from certiball.threats.verdict import Proven, Verdict, judged


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
