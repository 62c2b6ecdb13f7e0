"""Level 2 of verification: votes drawn again with the seeds of the record.

On the same kind of machine with the same versions they must be identical. Elsewhere a vote may
flip where two scores nearly tie: seldom, by little, and as often against the record as for it. What
is more than that is refused (`FLIPS`, `EXCESS`, `LEVEL`); what is left can hide a small fraud, for
which there is level 3.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scipy import special

from certiball.certification.judge import largest_radius
from certiball.claim import Bound
from certiball.errors import ModelError
from certiball.execution import Execution
from certiball.records.record import Record
from certiball.records.recount import Recount
from certiball.records.redraw import redraw
from certiball.records.rows import Row
from certiball.records.subject import Subject
from certiball.runs.finding import Finding, Level
from certiball.runs.shards import shard_of_position
from certiball.samplers.streams import Phase, key_of
from certiball.sampling import clean_labels
from certiball.smoothed import encode
from certiball.statistics.rounding import format_up

FLIPS = 1000  # one vote in so many may be another on another machine, and one label
EXCESS = 0.01  # of the largest radius, by which flips of an input may raise its own
LEVEL = 0.001  # of the test that flips are for a record's class as often as against it
SHOWN = 5

Tell = Callable[[float, float, float], None]


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """One input's votes beside those of the record.

    Args:
        row: the record's.
        flips: at least so many votes are another.
        gain: so many estimation votes more than were drawn are the class's in the record.
        excess: by which the record's radius is above that of the votes drawn, as a share of the
            largest that the plan can give.
        votes: how many were drawn.
        clean: the label without noise; None where the record has none.
        failure: why the model gave no votes; None if it did.
    """

    row: Row
    flips: int = 0
    gain: int = 0
    excess: float = 0.0
    votes: int = 0
    clean: int | None = None
    failure: str | None = None

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return self.failure is None and self.flips == 0 and not self.mislabelled

    @property
    def near(self) -> bool:
        """Whether no more votes differ than another machine may change; one may anywhere."""
        few = self.flips <= max(1, self.votes // FLIPS)
        return self.failure is None and few and (self.flips <= 1 or self.excess <= EXCESS)

    @property
    def mislabelled(self) -> bool:
        """Whether the label without noise is another."""
        return self.failure is None and self.clean != self.row.clean


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
    compared = _identical(record, found) if subject.alike else _similar(record, found)
    return [compared, *_unreplayed(left, failed)]


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
    flips = sum(_moved(stored[phase], drawn[phase]) for phase in stored)
    label, votes = row.predicted or 0, drawn[Phase.ESTIMATION]
    return Replayed(
        row=row,
        flips=flips,
        gain=stored[Phase.ESTIMATION].get(label, 0) - votes.get(label, 0),
        excess=_excess(record, place, row, votes) if flips else 0.0,
        votes=sum(wanted.values()),
        clean=clean,
    )


def _excess(record: Record, place: int, row: Row, votes: Mapping[int, int]) -> float:
    """By how much the record's radius is above that of other votes, of the largest there is."""
    radius = Recount(given=record.given).radius(place, row, votes)
    return max(0.0, row.radius - radius) / largest_radius(record.spec.question, record.spec.plan)


def _clean(subject: Subject, number: int, execution: Execution) -> int:
    x = encode(subject.g.space, subject.dataset[number][0][None])[0]
    return clean_labels(subject.g, {number: x}, execution)[number]


def _moved(stored: Mapping[int, int], drawn: Mapping[int, int]) -> int:
    """The fewest votes that must be another for one table of counts to become the other."""
    classes = stored.keys() | drawn.keys()
    return sum(max(0, drawn.get(label, 0) - stored.get(label, 0)) for label in classes)


def _identical(record: Record, found: Sequence[Replayed]) -> Finding:
    wrong = [each for each in found if not each.same]
    if wrong:
        return _refused(wrong, found)
    votes = sum(each.votes for each in found)
    again = "drawn again with the recorded seeds"
    if record.spec.claim.bound is Bound.EXACT:
        again = "every view asked again"
    text = f"{votes:,} votes of {len(found)} inputs, {again}: identical"
    return Finding(check="replay", level=Level.OK, text=text)


def _similar(record: Record, found: Sequence[Replayed]) -> Finding:
    wrong = [each for each in found if not each.near]
    if wrong:
        return _refused(wrong, found)
    labels = [each for each in found if each.mislabelled]
    if len(labels) > max(1, len(found) // FLIPS):
        return _fail(
            f"{len(labels)} of {len(found)} labels without noise are another: {_first(labels)}"
        )
    gains, losses = sum(each.gain > 0 for each in found), sum(each.gain < 0 for each in found)
    if _one_sided(gains, losses):
        return _fail(
            f"votes flip towards the record's class at {gains} inputs and away from it at {losses}:"
            " rounding takes no side"
        )
    if not (labels or any(each.flips for each in found)):
        return _identical(record, found)
    return _flipped(found, len(labels))


def _flipped(found: Sequence[Replayed], labels: int) -> Finding:
    votes, flips = sum(each.votes for each in found), sum(each.flips for each in found)
    excess = format_up(100 * max(each.excess for each in found), 2)
    return Finding(
        check="replay",
        level=Level.WARN,
        text=f"{flips:,} of {votes:,} votes of {len(found)} inputs and {labels} labels without "
        f"noise are another, at most one vote in {FLIPS:,} (or one) at any input; they raise a "
        f"radius by at most {excess} % of the largest possible: another machine may do that, and "
        "so may a small fraud",
        remedy="replay with the recorded backend and versions, or verify at level 3",
    )


def _one_sided(gains: int, losses: int) -> bool:
    """Whether coins that show heads as often as tails would hardly ever fall so."""
    return gains > 0 and bool(special.bdtrc(gains - 1, gains + losses, 0.5) <= LEVEL)


def _refused(wrong: Sequence[Replayed], found: Sequence[Replayed]) -> Finding:
    return _fail(
        f"{len(wrong)} of {len(found)} inputs give other votes than the record has: {_first(wrong)}"
    )


def _first(wrong: Sequence[Replayed]) -> str:
    more = f"; and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return "; ".join(map(_told, wrong[:SHOWN])) + more


def _fail(text: str) -> Finding:
    return Finding(check="replay", level=Level.FAIL, text=text)


def _told(each: Replayed) -> str:
    if each.failure is not None:
        return f"input {each.row.index}: {each.failure}"
    if each.clean != each.row.clean and not each.flips:
        return f"input {each.row.index}: label {each.clean} without noise, not {each.row.clean}"
    radius = f", a radius higher by {format_up(100 * each.excess, 2)} % of the largest possible"
    return (
        f"input {each.row.index}: at least {each.flips:,} of {each.votes:,}"
        f"{radius if each.excess else ''}"
    )


def _unreplayed(left: int, failed: int) -> list[Finding]:
    parts = [f"{left:,} inputs were not drawn again (--all)"] if left else []
    parts += [f"{failed:,} are recorded as failed, and count as not certified"] if failed else []
    return [Finding(check="replay", level=Level.OPEN, text="; ".join(parts))] if parts else []
