"""Level 2 of verification: votes drawn again with the seeds of the record.

On the same kind of machine with the same versions they must be identical. Elsewhere a vote may
flip where two scores nearly tie, and an input is refused only if more than one vote in a thousand
is another: more than rounding does in float32, and enough to hide a small fraud, for which there
is level 3.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from certiball.errors import ModelError
from certiball.execution import Execution
from certiball.records.record import Record
from certiball.records.redraw import redraw
from certiball.records.rows import Row
from certiball.records.subject import Subject
from certiball.runs.finding import Finding, Level
from certiball.runs.shards import shard_of_position
from certiball.samplers.streams import Phase, key_of
from certiball.sampling import clean_labels
from certiball.smoothed import encode

FLIPS = 1000  # one vote in so many may be another on another machine
SHOWN = 5

Tell = Callable[[float, float, float], None]


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """One input's votes beside those of the record.

    Args:
        row: the record's.
        flips: at least so many votes are another.
        votes: how many were drawn.
        clean: the label without noise; None where the record has none.
        failure: why the model gave no votes; None if it did.
    """

    row: Row
    flips: int = 0
    votes: int = 0
    clean: int | None = None
    failure: str | None = None

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return self.failure is None and self.flips == 0 and self.clean == self.row.clean

    @property
    def near(self) -> bool:
        """Whether no more differs than another machine may change."""
        return self.failure is None and self.flips <= max(1, self.votes // FLIPS)


def replay(
    record: Record,
    rows: Sequence[Row],
    subject: Subject,
    places: Sequence[int],
    tell: Tell = lambda *_: None,
) -> list[Finding]:
    """Draw the votes of some inputs again, and compare.

    Args:
        record: whose seeds and shapes are used.
        rows: of its table, checked at level 1.
        subject: the model and the data, checked to be the record's.
        places: which rows, chosen by the verifier.
        tell: is told how many are done, of how many.
    """
    found = []
    for done, place in enumerate(places):
        tell(done, len(places), 0.0)
        found.append(_replayed(record, place, rows[place], subject))
    tell(len(places), len(places), 0.0)
    left = sum(row.estimation is not None for row in rows) - len(places)
    failed = sum(row.estimation is None for row in rows)
    return [_compared(found, subject.alike), *_unreplayed(left, failed)]


def _replayed(record: Record, place: int, row: Row, subject: Subject) -> Replayed:
    spec, draws = record.spec, record.draws
    key = key_of(draws[shard_of_position(place, next(iter(draws)).of)], spec.digest)
    stored = {Phase.SELECTION: row.selection or {}, Phase.ESTIMATION: row.estimation or {}}
    wanted = {phase: sum(counts.values()) for phase, counts in stored.items()}
    try:
        drawn = redraw(subject.g, subject.dataset, spec, row.index, wanted, key)
        clean = None if row.clean is None else _clean(subject, row.index, spec.execution)
    except ModelError as error:
        return Replayed(row=row, failure=str(error))
    return Replayed(
        row=row,
        flips=sum(_moved(stored[phase], drawn[phase]) for phase in stored),
        votes=sum(wanted.values()),
        clean=clean,
    )


def _clean(subject: Subject, number: int, execution: Execution) -> int:
    x = encode(subject.g.space, subject.dataset[number][0][None])[0]
    return clean_labels(subject.g, {number: x}, execution)[number]


def _moved(stored: Mapping[int, int], drawn: Mapping[int, int]) -> int:
    """The fewest votes that must be another for one table of counts to become the other."""
    classes = stored.keys() | drawn.keys()
    return sum(max(0, drawn.get(label, 0) - stored.get(label, 0)) for label in classes)


def _compared(found: Sequence[Replayed], alike: bool) -> Finding:
    votes, flips = sum(each.votes for each in found), sum(each.flips for each in found)
    wrong = [each for each in found if not (each.same if alike else each.near)]
    if wrong:
        told = "; ".join(map(_told, wrong[:SHOWN]))
        more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
        return Finding(
            check="replay",
            level=Level.FAIL,
            text=f"{len(wrong)} of {len(found)} inputs give other votes than the record has: "
            f"{told}{more}",
        )
    clean = sum(each.clean != each.row.clean for each in found)
    if flips or clean:
        return Finding(
            check="replay",
            level=Level.WARN,
            text=f"{flips:,} of {votes:,} votes of {len(found)} inputs and {clean} labels without "
            f"noise are another, at most one in {FLIPS:,} at any input: another machine may do "
            "that, and so may a small fraud",
            remedy="replay with the recorded backend and versions, or verify at level 3",
        )
    return Finding(
        check="replay",
        level=Level.OK,
        text=f"{votes:,} votes of {len(found)} inputs, drawn again with the recorded seeds: "
        "identical",
    )


def _told(each: Replayed) -> str:
    if each.failure is not None:
        return f"input {each.row.index}: {each.failure}"
    if each.clean != each.row.clean and not each.flips:
        return f"input {each.row.index}: label {each.clean} without noise, not {each.row.clean}"
    return f"input {each.row.index}: at least {each.flips:,} of {each.votes:,}"


def _unreplayed(left: int, failed: int) -> list[Finding]:
    parts = [f"{left:,} inputs were not drawn again (--all)"] if left else []
    parts += [f"{failed:,} are recorded as failed, and count as not certified"] if failed else []
    return [Finding(check="replay", level=Level.OPEN, text="; ".join(parts))] if parts else []
