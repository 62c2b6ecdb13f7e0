"""Level 3 of verification: fresh votes, with noise that the author of a record cannot know.

It finds what level 2 cannot: seeds that were shopped for, a model made for the recorded noise.
The tests and their level are those of `statistics.consistency`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from certiball.claim import Bound
from certiball.errors import InputError
from certiball.records.record import Record
from certiball.records.redraw import redraw
from certiball.records.rows import Row
from certiball.records.subject import Subject
from certiball.runs.finding import Finding, Level
from certiball.samplers.streams import Phase
from certiball.statistics.consistency import (
    MOST_FRESH,
    Compared,
    Consistency,
    consistency,
    split_level,
)
from certiball.statistics.detectable import detectable
from certiball.statistics.multiplicity import false_certificates
from certiball.statistics.rounding import significant_up
from certiball.votes import Design

Tell = Callable[[float, float, float], None]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a verifier asks for.

    Args:
        votes: fresh ones for each input.
        false_alarm: how often an honest record may raise an alarm, at most.
        key: of the noise, the verifier's.

    Raises:
        InputError: for a number of votes or a rate that is none.
    """

    votes: int
    false_alarm: float
    key: int

    def __post_init__(self) -> None:
        if not 1 <= self.votes <= MOST_FRESH:
            raise InputError(
                f"fresh votes of an input must be from 1 to {MOST_FRESH:,}, not {self.votes}"
            )
        split_level(self.false_alarm, Design.FIXED)


def fresh(
    record: Record,
    rows: Sequence[Row],
    subject: Subject,
    places: Sequence[int],
    wanted: Wanted,
    tell: Tell = lambda *_: None,
) -> list[Finding]:
    """Draw fresh votes for some inputs, and test whether the record agrees with them.

    Args:
        record: what is claimed.
        rows: of its table, checked at level 1.
        subject: the model and the data, checked to be the record's.
        places: which rows, chosen by the verifier without a look at their votes.
        wanted: how many votes, and how often a false alarm.
        tell: is told how many are done, of how many.

    Raises:
        ModelError: if the model gives no votes for an input that has some in the record.
    """
    if record.spec.claim.bound is Bound.EXACT:
        raise InputError(
            f"there are no fresh votes under {record.spec.claim.law}: every view was asked. "
            "Verify at level 2, which asks them again"
        )
    compared = []
    for done, place in enumerate(places):
        tell(done, len(places), 0.0)
        compared.append(_compared(record, rows[place], subject, wanted))
    tell(len(places), len(places), 0.0)
    design = record.spec.plan.design
    said = consistency(compared, level=wanted.false_alarm, design=design)
    numbers = [rows[place].index for place in places]
    alpha = f"{false_certificates(record.spec.claim.alpha, len(places)).normalize():f}"
    findings = [_contradiction(said, numbers, alpha)]
    if design is Design.FIXED:
        findings += [_same(said, numbers), _pooled(said)]
    return [*findings, _power(said, compared, wanted), *_unseen(len(rows) - len(places), design)]


def _compared(record: Record, row: Row, subject: Subject, wanted: Wanted) -> Compared:
    stored = row.estimation or {}
    label = -1 if row.predicted is None else row.predicted
    votes = {Phase.ESTIMATION: wanted.votes}
    drawn = redraw(subject.g, subject.dataset, record.spec, row.index, votes, wanted.key)
    counts = drawn[Phase.ESTIMATION]
    return Compared(
        stored=stored.get(label, 0),
        n=sum(stored.values()),
        fresh=counts.get(label, 0),
        m=wanted.votes,
        p_lower=row.p_lower or 0.0,
        p_upper=row.p_upper,
        others=max((count for other, count in counts.items() if other != label), default=0),
        classes=record.spec.model.classes,
    )


def _contradiction(said: Consistency, numbers: Sequence[int], alpha: str) -> Finding:
    honest = (
        f"of {len(numbers)} inputs an honest record has up to {alpha} false claims in the mean, "
        "so one alarm is evidence, not proof"
    )
    if said.contradicted:
        told = _told(said.contradiction, said.contradicted, numbers)
        return _fail("contradiction", f"fresh votes refute the claim at {told}; {honest}")
    return Finding(
        check="contradiction",
        level=Level.OK,
        text=f"no fresh votes refute a claimed bound (smallest p-value "
        f"{significant_up(min(said.contradiction))}); {honest}",
    )


def _same(said: Consistency, numbers: Sequence[int]) -> Finding:
    if said.different:
        told = _told(said.same, said.different, numbers)
        return _fail("same votes", f"stored and fresh votes are of two laws at {told}")
    return Finding(
        check="same votes",
        level=Level.OK,
        text="stored and fresh votes of each input agree (smallest p-value "
        f"{significant_up(min(said.same))})",
    )


def _pooled(said: Consistency) -> Finding:
    p = significant_up(1.0 if said.pooled is None else said.pooled)
    if said.shifted:
        return _fail("pooled", f"stored and fresh votes of all inputs are shifted (p-value {p})")
    text = f"stored and fresh votes of all inputs together agree (p-value {p})"
    return Finding(check="pooled", level=Level.OK, text=text)


def _power(said: Consistency, compared: Sequence[Compared], wanted: Wanted) -> Finding:
    """What such tests can find, at the input where they can find least."""
    found = detectable(compared, said.levels)
    kinds = [("a claimed bound too high", found.bound)]
    if said.same:
        kinds.append(("votes of one input raised", found.one))
        kinds.append(("votes of every input raised", found.every))
    told = "; ".join(
        f"{what}: never, with so few votes" if by is None else f"{what} by {significant_up(by)}"
        for what, by in kinds
    )
    text = (
        "an honest record whose claims here are true raises an alarm with probability at most "
        f"{wanted.false_alarm:g} ({len(compared)} inputs, {wanted.votes:,} fresh votes each). "
        f"Found half of the time: {told}"
    )
    return Finding(check="power", level=Level.OK, text=text)


def _unseen(left: int, design: Design) -> list[Finding]:
    parts = [f"{left:,} inputs had no fresh votes (--inputs, --all)"] if left else []
    if design is not Design.FIXED:
        parts.append(
            "votes that stopped by a rule are compared with their claims alone: a two-sample test "
            "would have another level than it says"
        )
    return [Finding(check="fresh", level=Level.OPEN, text="; ".join(parts))] if parts else []


def _told(p_values: Sequence[float], places: Sequence[int], numbers: Sequence[int]) -> str:
    first = ", ".join(
        f"input {numbers[place]} (p-value {significant_up(p_values[place])})"
        for place in places[:5]
    )
    return f"{len(places)} of {len(numbers)} inputs: {first}{', …' if len(places) > 5 else ''}"


def _fail(check: str, text: str) -> Finding:
    return Finding(check=check, level=Level.FAIL, text=text)
