"""The numbers at the head of a study's page, and the verdicts on radii that were asked for."""

from dataclasses import dataclass

from certiball.report.curves import (
    Share,
    abstentions,
    average_radius,
    certified_accuracy,
    clean_accuracy,
    share,
    smoothed_accuracy,
)
from certiball.report.study import Study
from certiball.report.texts import interval, number, percent, plain
from certiball.report.verdicts import mean_samples, most_samples, saving, undecided, verdict_counts
from certiball.statistics.rounding import format_down

UNKNOWN = "—"
LEAST_SAVING = 1.05  # below, nothing worth a word was saved
AT_THE_STOP = " at the stop"  # what depends on where a rule stopped the votes


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One number with its name."""

    name: str
    value: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class VerdictRow:
    """What became of one radius that was asked for; every cell is a number of inputs."""

    radius: str
    certified: str
    right: str
    not_certified: str
    undecided: str
    failed: str


def tiles(study: Study) -> tuple[Tile, ...]:
    """The numbers at the head of a study."""
    absent = "not in the log" if study.claim is None else "not measured"
    failures = any(entry.failed for entry in study.entries)
    none = "Abstentions and failures" if failures else "Abstentions"
    stop = "" if study.asked is None else AT_THE_STOP
    least = study.targets[0] if study.targets else 0.0
    where = f"radius {plain(least)}" if study.targets else "any radius"
    return (
        _rate("Base classifier, clean", clean_accuracy(study), absent),
        _rate(f"Smoothed accuracy{stop}", smoothed_accuracy(study), absent),
        _rate(f"Certified at {where}", certified_accuracy(study, least), absent),
        _rate(f"{none}{stop}", abstentions(study), absent, up=True),
        *(_radius_tiles(study, absent) if study.asked is None else _sample_tiles(study)),
    )


def _radius_tiles(study: Study, absent: str) -> tuple[Tile, Tile]:
    largest = study.largest
    digits = 0 if study.claim is not None and study.claim.norm.counts else 3
    return (
        _average(study),
        Tile(
            name="Largest radius possible",
            value=UNKNOWN if largest is None else format_down(largest, digits),
            detail=absent if largest is None else "at unanimous votes",
        ),
    )


def _sample_tiles(study: Study) -> tuple[Tile, Tile]:
    """Where votes stopped by a rule: what was left open, or the radius, and what it took."""
    mean = mean_samples(study)
    first = _average(study)
    if study.targets:
        open_ones = share(undecided(study), study.size, unfinished=study.unfinished)
        first = Tile(
            name="Undecided", value=percent(open_ones, up=True), detail="at a radius asked for"
        )
    return first, Tile(
        name="Samples per input",
        value=UNKNOWN if mean is None else number(round(mean)),
        detail="" if mean is None else f"mean{of_the_most(study)}",
    )


def of_the_most(study: Study) -> str:
    """What to say after a mean of samples: the most there might have been, and what was saved."""
    most, fewer = most_samples(study), saving(study)
    of = "" if most is None else f", of at most {number(most)}"
    return of if fewer is None or fewer < LEAST_SAVING else f"{of}: {fewer:,.1f} times fewer"


def _average(study: Study) -> Tile:
    cap = "" if study.limit is None else f"; votes stop at {plain(study.limit)}"
    return Tile(
        name="Average certified radius",
        value=format_down(average_radius(study), 3),
        detail=f"0 where wrong or abstained{cap}",
    )


def verdict_rows(study: Study) -> tuple[VerdictRow, ...]:
    """A row for each radius that was asked for."""
    return tuple(
        VerdictRow(
            radius=plain(row.radius),
            certified=number(row.certified),
            right=number(row.right),
            not_certified=number(row.not_certified),
            undecided=number(row.undecided),
            failed=number(row.failed) if row.failed else "",
        )
        for row in verdict_counts(study)
    )


def _rate(name: str, share: Share | None, absent: str, *, up: bool = False) -> Tile:
    if share is None:
        return Tile(name=name, value=UNKNOWN, detail=absent)
    return Tile(name=name, value=percent(share, up=up), detail=f"{interval(share)} (95\u202f%)")
