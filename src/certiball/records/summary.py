"""A record's rows in a few numbers, and what α for each input means for all of them."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from certiball.certification.judge import largest_radius
from certiball.certification.precision import Precision
from certiball.certification.target_radius import TargetRadius
from certiball.claim import Bound
from certiball.records.rows import Row, Status
from certiball.runs.spec import RunSpec
from certiball.statistics.guarantees import robust_at
from certiball.statistics.multiplicity import GAMMA, any_false, false_certificates
from certiball.statistics.rounding import exact_down, exact_up, significant_up
from certiball.statistics.steps import radii_up_to

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
    robust, within = robust_at(counts, tried, alpha), "each radius, at all radii at once"
    if len(counts) == 1:
        within = "this one radius, which was fixed beforehand"
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
                {"radius": exact_down(radius), "robustAtLeast": found.here}
                for radius, found in robust.items()
            ],
            "sentence": f"{'At' if exact else _EXCEPT} least so many of these inputs keep the "
            f"right answer of the smoothed classifier within {within}.",
        },
        "population": {
            "gamma": GAMMA,
            "at": [
                {"radius": exact_down(radius), "shareAtLeast": exact_down(found.population)}
                for radius, found in robust.items()
            ],
            "sentence": "If the inputs were drawn independently from a population, then except "
            f"with probability {GAMMA} over inputs{'' if exact else ' and noise'}, at least this "
            f"share of it keeps the right answer, at all of these {len(counts)} radii at once.",
        },
    }


def radii_of(spec: RunSpec) -> tuple[float, ...]:
    """Where a record counts: radii fixed by the specification, never by its results.

    Those that the plan asks for; else those of a report, up to the largest that was asked about
    or that the claim can certify.
    """
    plan, whole = spec.plan, spec.claim.norm.counts
    if isinstance(plan, TargetRadius):
        return tuple(plan.ascending)
    if isinstance(plan, Precision) and plan.radius_cap is not None:
        return tuple(sorted({*radii_up_to(plan.radius_cap, whole=whole), plan.radius_cap}))
    return radii_up_to(largest_radius(spec.question, plan), whole=whole)


def _counts(spec: RunSpec, rows: Sequence[Row]) -> dict[float, int]:
    """At each radius the inputs that are certified there with their true class."""
    right = sorted(row.radius for row in rows if row.right)
    return {radius: len(right) - bisect_left(right, radius) for radius in radii_of(spec)}


def _votes(row: Row) -> int:
    return sum((row.selection or {}).values()) + sum((row.estimation or {}).values())
