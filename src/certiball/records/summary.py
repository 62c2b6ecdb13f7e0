"""A record's rows in a few numbers, and what α for each input means for all of them."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from certiball.certificate import Bound
from certiball.certification.judge import largest_radius
from certiball.certification.precision import Precision
from certiball.certification.target_radius import TargetRadius
from certiball.records.rows import Row, Status
from certiball.runs.spec import RunSpec
from certiball.statistics.multiplicity import (
    GAMMA,
    any_false,
    false_certificates,
    robust_in_population,
    robust_in_table,
)
from certiball.statistics.rounding import exact_down, exact_up, significant_up

STEPS = 8  # radii at most, besides 0
_EXCEPT = f"Except with probability {GAMMA} over the noise, at"


def summary_of(spec: RunSpec, rows: Sequence[Row]) -> dict[str, Any]:
    """Counts over all inputs tried."""
    cleans = [row.clean == row.label for row in rows if row.clean is not None]
    return {
        "inputs": len(rows),
        "certified": sum(row.status is Status.CERTIFIED for row in rows),
        "abstained": sum(row.status is Status.ABSTAINED for row in rows),
        "failed": sum(row.status is Status.FAILED for row in rows),
        "certifiedRight": sum(row.right for row in rows),
        "cleanKnown": len(cleans),
        "cleanRight": sum(cleans),
        "votes": sum(_votes(row) for row in rows),
        "at": [
            {"radius": exact_down(radius), "certifiedRight": count}
            for radius, count in _counts(spec, rows).items()
        ],
    }


def guarantees_of(spec: RunSpec, rows: Sequence[Row]) -> dict[str, Any]:
    """The three statements of a table: about false certificates, these inputs, a population."""
    alpha, tried, counts = spec.claim.alpha, len(rows), _counts(spec, rows)
    share = GAMMA / len(counts)
    exact, any_at_most = spec.claim.bound is Bound.EXACT, any_false(alpha, tried)
    expected = f"{false_certificates(alpha, tried).normalize():f}"
    return {
        "falseCertificates": {
            "expectedAtMost": expected,
            "anyAtMost": exact_up(any_at_most),
            "sentence": "Every view was asked, and no certificate is false by chance."
            if exact
            else f"Of {tried} inputs tried, at most {expected} are expected to have a false "
            "certificate, over all radii together. The chance that at least one is false is at "
            f"most {significant_up(any_at_most, 3)}, if noise is independent between inputs.",
        },
        "thisTable": {
            "gamma": GAMMA,
            "at": [
                {
                    "radius": exact_down(radius),
                    "robustAtLeast": robust_in_table(count, tried, alpha, GAMMA),
                }
                for radius, count in counts.items()
            ],
            "sentence": f"{'At' if exact else _EXCEPT} least so many of these inputs keep the "
            "right answer of the smoothed classifier within each radius, at all radii at once.",
        },
        "population": {
            "gamma": GAMMA,
            "at": [
                {
                    "radius": exact_down(radius),
                    "shareAtLeast": exact_down(robust_in_population(count, tried, alpha, share)),
                }
                for radius, count in counts.items()
            ],
            "sentence": "If the inputs were drawn independently from a population, then except "
            f"with probability {GAMMA} over inputs{'' if exact else ' and noise'}, at least this "
            f"share of it keeps the right answer, at all of these {len(counts)} radii at once.",
        },
    }


def radii_of(spec: RunSpec) -> tuple[float, ...]:
    """Where a record counts: radii fixed by the specification, never by its results.

    Those that the plan asks for; else 0, which counts any radius, and multiples of a power of two
    up to the largest that the claim can certify, whole ones where lengths are.
    """
    plan = spec.plan
    if isinstance(plan, TargetRadius):
        return tuple(plan.ascending)
    reach = largest_radius(spec.question, plan)
    if isinstance(plan, Precision) and plan.radius_cap is not None:
        reach = min(reach, plan.radius_cap)
    step = 1.0 if spec.claim.norm.counts else 2.0**-10
    while reach / step > STEPS:
        step *= 2
    return tuple(step * k for k in range(int(reach / step) + 1))


def _counts(spec: RunSpec, rows: Sequence[Row]) -> dict[float, int]:
    """At each radius the inputs that are certified there with their true class."""
    right = sorted(row.radius for row in rows if row.right)
    return {radius: len(right) - bisect_left(right, radius) for radius in radii_of(spec)}


def _votes(row: Row) -> int:
    return sum((row.selection or {}).values()) + sum((row.estimation or {}).values())
