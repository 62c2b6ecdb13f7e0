"""From stored campaigns to what a study says of attacks."""

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from certiball.attacks.attacked import Status
from certiball.attacks.judging.judgement import Judging
from certiball.balls import Norm, distance_up
from certiball.campaigns.read import Stored
from certiball.report.breach import AttackRow, Attacks, Breach
from certiball.report.study import Study
from certiball.runs.read import Results
from certiball.runs.spec import RunSpec
from certiball.shapes import Array
from certiball.spaces import Grid

LEAST_LEVEL = 0.5  # P_a


def with_attacks(study: Study, results: Results, stored: Sequence[Stored]) -> Study:
    """The study of a run with what attacks on its smoothed classifier found.

    Campaigns against another model, other data or other noise say nothing of its certificates and
    are left out, as are those judged by a rule that proves nothing or at a level below ½, where a
    point may succeed that the certificate rightly covers, and inputs that the run has not
    finished. Distances of the breaches are in the norm of the certificates, whichever an attack
    measured in.

    Args:
        study: of the run.
        results: the run.
        stored: campaigns, of the run's folder.
    """
    ours = [each for each in stored if each.verdicts and _is_about(each, results.spec)]
    entries = {entry.index for entry in study.entries}
    judged = sorted({number for each in ours for number in each.verdicts} & entries)
    if not judged or results.spec.claim.norm is Norm.PARAMETER:  # whose radii are no distances
        return study
    attacks = Attacks(
        rows=tuple(map(_row, ours)),
        breaches=tuple(_breach(number, ours, results.spec) for number in judged),
        planned=max(each.planned for each in ours),
    )
    return replace(study, attacks=attacks)


def _is_about(stored: Stored, run: RunSpec) -> bool:
    if stored.spec.level.judging is Judging.MAHO or stored.spec.level.P_a < LEAST_LEVEL:
        return False
    subject, target = stored.spec.subject, stored.spec.target
    model = replace(subject.model, name=run.model.name)
    return (model, subject.data.digest, subject.space, target.law) == (
        run.model,
        run.data.digest,
        repr(run.claim.space),
        repr(run.claim.law),
    )


def _breach(number: int, stored: Sequence[Stored], run: RunSpec) -> Breach:
    verified, claimed = [(math.inf, "")], [math.inf]
    for each in stored:
        outcome, verdict = each.outcomes.get(number), each.verdicts.get(number)
        x = each.inputs[number]
        if verdict is not None and verdict.distance < math.inf:
            verified.append((_distance(x, verdict.point, run), each.spec.name))
        if outcome is not None and outcome.distance < math.inf:
            claimed.append(_distance(x, outcome.point, run))
    closest, attack = min(verified)
    return Breach(index=number, verified=closest, claimed=min(claimed), attack=attack or None)


def _distance(x: Array, point: Array, run: RunSpec) -> float:
    step = run.claim.space.step if isinstance(run.claim.space, Grid) else Fraction(1)
    return distance_up(x, point, run.claim.norm, step)


def _row(stored: Stored) -> AttackRow:
    spec = stored.spec
    judged = [(stored.outcomes[number], verdict) for number, verdict in stored.verdicts.items()]
    return AttackRow(
        name=spec.name,
        norm=str(spec.norm),
        budget=spec.max_queries if any(outcome.queries for outcome, _ in judged) else None,
        votes=spec.target.n,
        level=spec.level.P_a,
        alpha=spec.level.alpha,
        planned=stored.planned,
        distances=tuple((outcome.distance, verdict.distance) for outcome, verdict in judged),
        misclassified=sum(outcome.status is Status.MISCLASSIFIED for outcome, _ in judged),
        queries=tuple(outcome.queries for outcome, _ in judged),
    )
