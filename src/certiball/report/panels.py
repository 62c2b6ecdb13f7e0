"""Certified accuracy as a page shows it: a chart and a table for each norm and unit of radii."""

from collections.abc import Sequence
from dataclasses import dataclass

from certiball.report.charts import NARROW, WIDE, curve_chart
from certiball.report.curves import certified_accuracy, clean_accuracy
from certiball.report.measure import radius_name
from certiball.report.palette import colour, dash
from certiball.report.study import Study
from certiball.report.texts import interval, percent, plain
from certiball.report.tiles import UNKNOWN


@dataclass(frozen=True, kw_only=True)
class Key:
    """A line of a legend: a study, with its colour and dashes."""

    name: str
    colour: str
    dash: str
    unfinished: bool


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Studies whose radii share an axis, and which marks are on it."""

    measure: str
    keys: tuple[Key, ...]
    wide: str
    narrow: str
    rows: tuple[tuple[str, list[tuple[int, str, str]]], ...]
    has_targets: bool
    has_clean: bool
    has_largest: bool


def panel(studies: Sequence[Study], radii: Sequence[float], first: int) -> Panel:
    """The chart and table of some studies.

    Args:
        studies: whose radii are of one norm and unit.
        radii: where the table has rows.
        first: the place of the first of them among all studies of the page.
    """
    return Panel(
        measure=radius_name(studies),
        keys=tuple(
            Key(name=s.title, colour=colour(i), dash=dash(i), unfinished=bool(s.unfinished))
            for i, s in enumerate(studies, first)
        ),
        wide=curve_chart(studies, WIDE, first),
        narrow=curve_chart(studies, NARROW, first),
        rows=tuple(_rows(studies, radii)),
        has_targets=any(study.targets for study in studies),
        has_clean=any(clean_accuracy(study) for study in studies),
        has_largest=any(study.largest for study in studies),
    )


def _rows(
    studies: Sequence[Study], radii: Sequence[float]
) -> list[tuple[str, list[tuple[int, str, str]]]]:
    rows = [(plain(radius), [_cell(study, radius) for study in studies]) for radius in radii]
    some = [place for place, (_, cells) in enumerate(rows) if any(count for count, _, _ in cells)]
    return rows[: some[-1] + 2 if some else 1]  # more rows of zeros say nothing


def _cell(study: Study, radius: float) -> tuple[int, str, str]:
    """The count, the share and its interval; nothing where nothing was asked."""
    if not study.asks(radius):
        return 0, UNKNOWN, "not asked"
    share = certified_accuracy(study, radius)
    return share.count, percent(share), interval(share)
