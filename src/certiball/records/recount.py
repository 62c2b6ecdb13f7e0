"""What the counts of a row give, computed anew: class, bounds, radius, verdicts, status."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypedDict

from certiball.certificate import Certificate, Verdict
from certiball.certification.judge import judge
from certiball.claim import Bound, Rule
from certiball.errors import InputError
from certiball.records.given import Given
from certiball.records.rows import Row, Status, votes_of
from certiball.runs.shards import shard_of_position
from certiball.samplers.streams import key_of, random_word
from certiball.votes import Design, Votes


class Judged(TypedDict):
    """The part of a row that follows from counts, whichever input and class they are of."""

    status: Status
    p_lower: float | None
    p_upper: float | None
    radius: float
    radius_classical: float | None
    verdicts: tuple[Verdict, ...]


NOTHING = Judged(
    status=Status.FAILED, p_lower=None, p_upper=None, radius=0.0, radius_classical=None, verdicts=()
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Recount:
    """Judges rows by their counts; equal counts are judged once.

    Args:
        given: what the record was told.
        known: what was judged so far, by selection votes, votes for the class, for its largest
            rival, for all classes, and the random word.
    """

    given: Given
    known: dict[tuple[int, int, int, int, int | None], Judged] = field(default_factory=dict)

    def row(self, position: int, row: Row) -> Row:
        """The row as its counts, and its reason if it failed, say that it must be.

        Raises:
            InputError: if the counts are none that the plan could have ended with.
        """
        selection, estimation = row.selection, row.estimation
        listed = self.given.spec.claim.bound is Bound.EXACT
        if listed and selection is not None:
            raise InputError("it has votes that choose a class, where all views do")
        if estimation is None or (selection is None and not listed):
            if selection or estimation or not row.reason:
                raise InputError("it has no votes, and no reason for that")
            return replace(row, selection=None, estimation=None, predicted=None, **NOTHING)
        classes = self.given.spec.model.classes
        choosing = selection or estimation
        if max((*choosing, *estimation)) >= classes:
            raise InputError(f"it has votes for a class that is none of 0…{classes - 1}")
        winner = min(choosing, key=lambda label: (-choosing[label], label))
        found = self._judged(position, row, winner)
        return replace(row, predicted=winner, reason="", **found)

    def _judged(self, position: int, row: Row, winner: int) -> Judged:
        selection, estimation = row.selection or {}, row.estimation or {}
        if self.given.spec.claim.bound is Bound.EXACT:
            return _counted(self.given, estimation)
        count, total = estimation.get(winner, 0), sum(estimation.values())
        rival = total - count  # which the one-sided rule does not look at
        if self.given.spec.claim.rule is Rule.TWO_CLASS:
            rival = max((n for label, n in estimation.items() if label != winner), default=0)
        word = self._word(position, row.index)
        key = sum(selection.values()), count, rival, total, word
        if key not in self.known:
            self.known[key] = _judge(self.given, key)
        return self.known[key]

    def radius(self, position: int, row: Row, estimation: Mapping[int, int]) -> float:
        """The radius that other votes would have given for the class of a row.

        Args:
            position: of the row.
            row: whose class and selection votes are kept.
            estimation: the other votes, as many.
        """
        label, word = row.predicted or 0, self._word(position, row.index)
        given, classes = self.given, self.given.spec.model.classes
        if given.spec.claim.bound is Bound.EXACT:
            same = votes_of(estimation, classes).winner == label
            return _counted(given, estimation)["radius"] if same else 0.0
        chosen = Votes(counts=tuple(int(other == label) for other in range(classes)))
        draw = next(iter(given.draws.values()))
        found = judge(
            given.spec.question, given.spec.plan, draw, chosen, votes_of(estimation, classes), word
        )
        return found.radius if isinstance(found, Certificate) else 0.0

    def _word(self, position: int, index: int) -> int | None:
        spec, draws = self.given.spec, self.given.draws
        if spec.claim.bound is not Bound.RANDOMIZED:
            return None
        shard = shard_of_position(position, next(iter(draws)).of)
        if shard not in draws:
            raise InputError(f"there is no seed of its shard {shard}")
        draw = draws[shard]
        return random_word(key_of(draw, spec.digest), index)


def _judge(given: Given, key: tuple[int, int, int, int, int | None]) -> Judged:
    """What votes of the same size, class and rival give; the class is called 0 here."""
    selected, count, rival, total, word = key
    spec, question = given.spec, given.spec.question
    others = total - count
    spread = [rival] * (others // rival) + [others % rival] if rival else [0]
    # The number of classes enters where votes stop by a rule, and nowhere else.
    missing = spec.model.classes - 1 - len(spread) if spec.plan.design is not Design.FIXED else 0
    selection = Votes(counts=(selected, 0))
    estimation = Votes(counts=(count, *spread, *[0] * missing))
    wanted = spec.plan.wanted(question, selection, estimation)
    if (selected, total) != wanted:
        raise InputError(
            f"it has {selected} and {total} votes, where the plan ends with {wanted[0]} and "
            f"{wanted[1]}"
        )
    return _judged_by(given, selection, estimation, word)


def _counted(given: Given, counts: Mapping[int, int]) -> Judged:
    """What the votes of all views give; which class is which decides between equal counts."""
    spec = given.spec
    estimation = votes_of(counts, spec.model.classes)
    if estimation.total != spec.plan.most:
        raise InputError(f"it has {estimation.total} votes, and there are {spec.plan.most} views")
    none = Votes(counts=(0,) * spec.model.classes)
    return _judged_by(given, none, estimation, None)


def _judged_by(given: Given, selection: Votes, estimation: Votes, word: int | None) -> Judged:
    draw = next(iter(given.draws.values()))
    result = judge(given.spec.question, given.spec.plan, draw, selection, estimation, word)
    radius = result.radius if isinstance(result, Certificate) else 0.0
    return Judged(
        status=Status.CERTIFIED if radius > 0 else Status.ABSTAINED,
        p_lower=result.p_lower,
        p_upper=result.p_upper,
        radius=radius,
        radius_classical=None if result.classical is None else result.classical.radius,
        verdicts=tuple(target.verdict for target in result.targets),
    )
