"""One input of a record: what was counted, and what follows from it. One line of the table.

A line has one text: what is read must be what would be written, to the last digit.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from certiball.certificate import Verdict
from certiball.errors import InputError
from certiball.records.strict import UNSEEN
from certiball.statistics.rounding import exact_down, exact_up
from certiball.votes import Votes

COLUMNS = (
    "index",
    "content",
    "label",
    "status",
    "selection",
    "estimation",
    "clean",
    "predicted",
    "p_lower",
    "p_upper",
    "radius",
    "radius_classical",
    "verdicts",
    "seconds",
    "reason",
)
_CONTENT = re.compile(r"(?:[0-9a-f]{32})?")


class Status(Enum):
    """What became of an input."""

    CERTIFIED = "certified"  # with a radius above 0, for the class `predicted`
    ABSTAINED = "abstained"  # its votes prove no radius
    FAILED = "failed"  # the model gave no votes for it; it counts as not certified


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One input of a record.

    Args:
        index: its number in the data set.
        content: a hash of the input as decoded (see `runs.items.content_of`); None if unknown.
        label: its true class.
        status: what became of it.
        selection: votes that chose the class, by class; those without any are left out. None
            where it failed.
        estimation: votes that bound its probability; likewise.
        clean: the base classifier's class without noise; None if unknown.
        predicted: the class that was chosen.
        p_lower: lower bound on its probability under noise.
        p_upper: upper bound on every other class's; None for the one-sided rule.
        radius: certified, in the units of the space; 0 where nothing is.
        radius_classical: beside a randomized bound, what the classical one gives.
        verdicts: on the radii that the plan asks for, smallest first.
        seconds: the time that its samples took.
        reason: why it failed.
    """

    index: int
    content: str | None
    label: int
    status: Status
    selection: dict[int, int] | None = None
    estimation: dict[int, int] | None = None
    clean: int | None = None
    predicted: int | None = None
    p_lower: float | None = None
    p_upper: float | None = None
    radius: float = 0.0
    radius_classical: float | None = None
    verdicts: tuple[Verdict, ...] = ()
    seconds: float = 0.0
    reason: str = ""

    @property
    def right(self) -> bool:
        """Whether it is certified with its true class."""
        return self.status is Status.CERTIFIED and self.predicted == self.label


def votes_of(counts: Mapping[int, int], classes: int) -> Votes:
    """Votes for every class, from those that have any."""
    return Votes(counts=tuple(counts.get(label, 0) for label in range(classes)))


def counts_of(votes: Votes) -> dict[int, int]:
    """The classes that have votes."""
    return {label: count for label, count in enumerate(votes.counts) if count}


def row_line(row: Row) -> str:
    """A row as a line of the table, without its end. Lower bounds go down, upper bounds up."""
    return "\t".join(
        (
            str(row.index),
            row.content or "",
            str(row.label),
            row.status.value,
            _counts(row.selection),
            _counts(row.estimation),
            "" if row.clean is None else str(row.clean),
            "" if row.predicted is None else str(row.predicted),
            "" if row.p_lower is None else exact_down(row.p_lower),
            "" if row.p_upper is None else exact_up(row.p_upper),
            exact_down(row.radius),
            "" if row.radius_classical is None else exact_down(row.radius_classical),
            ",".join([verdict.value for verdict in row.verdicts]),
            repr(row.seconds),
            row.reason,
        )
    )


def parse_row(line: str) -> Row:
    """The row that `row_line` wrote.

    Raises:
        InputError: if it wrote no such line.
    """
    cells = line.split("\t")
    if len(cells) != len(COLUMNS):
        raise InputError(f"a row has {len(COLUMNS)} cells, not {len(cells)}")
    index, content, label, status, selection, estimation, clean, predicted, *bounds = cells
    p_lower, p_upper, radius, radius_classical, verdicts, seconds, reason = bounds
    if not _CONTENT.fullmatch(content):
        raise InputError(f"content must be 32 hexadecimal digits, not {content[:40]!r}")
    if UNSEEN.search(reason):
        raise InputError("its reason has control or format characters")
    try:
        row = Row(
            index=_whole(index),
            content=content or None,
            label=_whole(label),
            status=Status(status),
            selection=_parsed(selection),
            estimation=_parsed(estimation),
            clean=_optional(clean),
            predicted=_optional(predicted),
            p_lower=_float(p_lower),
            p_upper=_float(p_upper),
            radius=_number(radius),
            radius_classical=_float(radius_classical),
            verdicts=tuple(map(Verdict, verdicts.split(","))) if verdicts else (),
            seconds=_number(seconds),
            reason=reason,
        )
    except ValueError as error:  # InputErrors among them
        raise InputError(str(error)[:200]) from None
    if row_line(row) != line:
        raise InputError("its numbers are not written as certiball writes them")
    return row


def _counts(counts: Mapping[int, int] | None) -> str:
    return "" if counts is None else ",".join([f"{k}:{n}" for k, n in sorted(counts.items())])


def _parsed(text: str) -> dict[int, int] | None:
    if not text:
        return None
    numbers = list(map(int, text.replace(":", ",").split(",")))
    counts = dict(zip(numbers[::2], numbers[1::2], strict=True))
    if min(counts) < 0 or min(counts.values()) < 1:
        raise InputError("classes without votes are left out, and labels are ≥ 0")
    return counts


def _whole(text: str) -> int:
    value = int(text)  # laxer than it should be: that a row is written otherwise is seen later
    if value < 0:
        raise InputError(f"{text[:40]!r} is no whole number ≥ 0")
    return value


def _optional(text: str) -> int | None:
    return _whole(text) if text else None


def _float(text: str) -> float | None:
    return _number(text) if text else None


def _number(text: str) -> float:
    value = float(text)
    if not (value >= 0 and math.isfinite(value)) or math.copysign(1, value) < 0:
        raise InputError(f"{text[:40]!r} is no finite number ≥ 0")
    return value
