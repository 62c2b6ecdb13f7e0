"""What an attack came to, as a table for people and as numbers for programs."""

import math
import sys
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from certiball.cli.output import counted

if TYPE_CHECKING:
    from certiball.campaigns.read import Stored
    from certiball.campaigns.spec import CampaignSpec

MOST_ROWS = 20  # of inputs; --json has all
HEAD = ("input", "status", "claimed", "its level", "verified", "queries", "forwards")
WIDTHS = (7, 22, 9, 9, 9, 8, 10)


def among(stored: "Stored", asked: Collection[int]) -> "Stored":
    """Of what is stored, what these inputs came to: more may have been attacked before."""
    outcomes = {number: each for number, each in stored.outcomes.items() if number in asked}
    verdicts = {number: each for number, each in stored.verdicts.items() if number in asked}
    return replace(stored, planned=len(asked), outcomes=outcomes, verdicts=verdicts)


def lines(stored: "Stored", epsilon: float | None = None) -> Iterator[str]:
    """A line for each of the first inputs, and what they come to together.

    Args:
        stored: a campaign.
        epsilon: the largest distance of interest: how many verified points are within is said.
    """
    spec = stored.spec
    yield f"{spec.name} ({spec.norm}), {answered_by(spec)}"
    yield _line(HEAD)
    for number, outcome in [*stored.outcomes.items()][:MOST_ROWS]:
        verdict = stored.verdicts.get(number)
        yield _line(
            (
                str(number),
                outcome.status.value,
                _distance(outcome.distance),
                "–" if verdict is None else f"≥ {_level(verdict.level)}",
                "–" if verdict is None else _distance(verdict.distance),
                str(outcome.queries),
                str(outcome.forwards + (0 if verdict is None else verdict.forwards)),
            )
        )
    if len(stored.outcomes) > MOST_ROWS:
        yield f"… and {counted(len(stored.outcomes) - MOST_ROWS, 'input')} more: --json has all"
    yield _together(stored, epsilon)


def numbers(stored: "Stored", epsilon: float | None = None) -> dict[str, Any]:
    """The same in full, for programs; no distance is null."""
    spec = stored.spec
    return {
        "attack": spec.name,
        "parameters": spec.attack,
        "norm": spec.norm.value,
        "target": answered_by(spec),
        "max_queries": spec.max_queries,
        "epsilon": epsilon if spec.epsilon is None else spec.epsilon,
        "level": spec.level.P_a,
        "judging": spec.level.judging.value,
        "alpha": spec.level.alpha,
        "planned": stored.planned,
        "complete": stored.complete,
        **_counts(stored),
        "within_epsilon": None if epsilon is None else len(_within(stored, epsilon)),
        "inputs": [_numbers(stored, number, epsilon) for number in stored.outcomes],
    }


def answered_by(spec: "CampaignSpec") -> str:
    """What answers, such as "Gaussian(sigma=0.25), n = 25"; nobody knows an endpoint's noise."""
    if spec.subject.model.backend == "endpoint":
        return "an endpoint that always answers the same" if spec.target.frozen else "an endpoint"
    return str(spec.target)


def _numbers(stored: "Stored", number: int, epsilon: float | None) -> dict[str, Any]:
    outcome, verdict = stored.outcomes[number], stored.verdicts.get(number)
    return {
        "input": number,
        "status": outcome.status.value,
        "claimed_distance": _finite(outcome.distance),
        "verified_distance": None if verdict is None else _finite(verdict.distance),
        "within_epsilon": None if epsilon is None else number in _within(stored, epsilon),
        "verified_level": None if verdict is None else verdict.level,
        "judged": verdict is not None,
        "queries": outcome.queries,
        "forwards": outcome.forwards,
        "backwards": outcome.backwards,
        "judging_forwards": None if verdict is None else verdict.forwards,
        "history": [[queries, _finite(distance)] for queries, distance in outcome.history],
    }


def _counts(stored: "Stored") -> dict[str, int]:
    """How many inputs came to what."""
    from certiball.attacks.attacked import Status

    outcomes = stored.outcomes
    wrong = {n for n, o in outcomes.items() if o.status is Status.MISCLASSIFIED}
    claimed = {n for n, o in outcomes.items() if o.distance < math.inf} - wrong
    verified = _within(stored, sys.float_info.max)
    judged = claimed & stored.verdicts.keys()
    return {
        "attacked": len(outcomes),
        "misclassified": len(wrong),
        "claimed": len(claimed),
        "verified": len(verified),
        "not_confirmed": len(judged - verified),
        "not_judged": len(claimed - judged),
    }


def _within(stored: "Stored", epsilon: float) -> set[int]:
    """The inputs with a verified point so near, without those that were wrong before."""
    from certiball.attacks.attacked import Status

    return {
        number
        for number, verdict in stored.verdicts.items()
        if verdict.distance <= epsilon
        and stored.outcomes[number].status is not Status.MISCLASSIFIED
    }


def _together(stored: "Stored", epsilon: float | None) -> str:
    from statistics import median

    counts = _counts(stored)
    verified = [
        verdict.distance
        for number, verdict in stored.verdicts.items()
        if stored.outcomes[number].distance > 0
    ]
    middle = median(verified) if verified else math.inf
    far = "" if middle == math.inf else f", median distance {_distance(middle)}"
    if epsilon is not None:
        far += f", {len(_within(stored, epsilon))} of {counts['verified']} within ε = {epsilon:g}"
    waiting = f"{counts['not_judged']} not judged yet, " if counts["not_judged"] else ""
    return (
        f"{counts['attacked']} of {counted(stored.planned, 'input')}: {counts['misclassified']} "
        f"misclassified before, {counts['verified']} verified{far}, {counts['not_confirmed']} "
        f"found but not confirmed, {waiting}"
        f"{counts['attacked'] - counts['misclassified'] - counts['claimed']} not found, which "
        "proves nothing"
    )


def _line(cells: tuple[str, ...]) -> str:
    padded = (cell.rjust(width) for cell, width in zip(cells, WIDTHS, strict=True))
    return " ".join(padded).rstrip()


def _distance(distance: float) -> str:
    from certiball.statistics.rounding import format_up

    return "none" if distance == math.inf else format_up(distance)


def _level(level: float) -> str:
    from certiball.statistics.rounding import format_down

    return format_down(level, 3)


def _finite(distance: float) -> float | None:
    return distance if math.isfinite(distance) else None
