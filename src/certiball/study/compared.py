"""Which rows of the table are compared with which, and by which distance."""

import math
from collections.abc import Callable, Iterator
from enum import Enum
from itertools import pairwise

from certiball.study.table import Network, Results, Row


class Measure(Enum):
    """Which distances decide."""

    CLAIMED = "claimed"
    VERIFIED = "verified"


def distance(row: Row, measure: Measure) -> float:
    """The mean distance of a row; NaN where it has none."""
    return row.mean_claimed if measure is Measure.CLAIMED else row.mean_verified


def counted(row: Row, measure: Measure) -> int:
    """Over how many images that mean is."""
    return row.found if measure is Measure.CLAIMED else row.verified


def smoothed(results: Results, attack: str, *networks: Network) -> Iterator[Row]:
    return (row for row in results.of(attack, *networks) if row.defence.smoothed)


def series(rows: Iterator[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Rows that differ in n alone, by n ascending."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        title = f"{row.defence.network} at σ = {row.defence.sigma:g}, P_a = {row.level:g}"
        groups.setdefault(title, []).append(row)
    for title, group in groups.items():
        yield title, sorted(group, key=lambda row: row.defence.n or 0)


def pairs(
    rows: Iterator[Row], same: Callable[[Row], object], by: Callable[[Row], float]
) -> Iterator[tuple[Row, Row]]:
    """Neighbours in one respect among rows that are the same in the others."""
    groups: dict[object, list[Row]] = {}
    for row in rows:
        groups.setdefault(same(row), []).append(row)
    for group in groups.values():
        ordered = sorted(group, key=by)
        yield from pairwise(ordered)


def noisier(rows: Iterator[Row]) -> Iterator[tuple[Row, Row]]:
    return pairs(rows, lambda row: (row.defence.n, row.level), lambda row: row.defence.sigma or 0)


def levels(rows: Iterator[Row], measure: Measure) -> Iterator[tuple[Row, Row]]:
    """Neighbouring levels. What is claimed from one vote is right or wrong at any level."""
    several = (row for row in rows if row.defence.n != 1 or measure is Measure.VERIFIED)
    return pairs(several, lambda row: row.defence, lambda row: row.level or 0)


def against_bare(results: Results, attack: str, measure: Measure) -> list[float]:
    return [ratio for _, ratio in ratios(results, attack, attack, measure)]


def by_defence(
    results: Results, attack: str, measure: Measure
) -> Iterator[tuple[tuple[object, float], float]]:
    """The base network under noise, against what HSJA as published does to it without noise."""
    for row, ratio in ratios(results, attack, "HSJA", measure):
        if row.defence.network == Network.BASE.value:
            yield (row.defence, row.level or 0.0), ratio


def ratios(
    results: Results, attack: str, reference: str, measure: Measure
) -> Iterator[tuple[Row, float]]:
    bare = results.bare(reference)
    if bare is None:
        return
    for row in smoothed(results, attack):
        ratio = distance(row, measure) / distance(bare, measure)
        if math.isfinite(ratio):
            yield row, ratio
