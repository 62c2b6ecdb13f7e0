"""A study's votes once more, read for all of its inputs at once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from certiball.certification.question import Question
from certiball.certification.together import Ballot, certified_together, radii_together
from certiball.errors import InputError
from certiball.report.curves import certified_count
from certiball.report.exact import is_exact
from certiball.report.study import Entry, Family, Study
from certiball.report.texts import number, plain
from certiball.statistics.guarantees import holm_sentence, simultaneous_sentence

NOT_ASKED = "—"


@dataclass(frozen=True, kw_only=True)
class FamilyRow:
    """How many inputs are certified with the right class at a radius: each by itself, together.

    A dash stands where nothing was asked.
    """

    radius: str
    alone: str
    together: str
    holm: str


def with_family(study: Study, *, simultaneous: bool = False, holm: float | None = None) -> Study:
    """The study with what its votes prove of all inputs at once; their certificates stay.

    Args:
        study: with a claim and votes.
        simultaneous: whether to read a radius for every input, all true at once (Bonferroni).
        holm: a radius at which to say which inputs are certified, all rightly at once. It is
            declared where it is the one radius that the plan aimed at, and else exploratory.

    Raises:
        InputError: if the study is a published log without votes, or the radius is not positive.
    """
    claim, dimension = study.claim, study.dimension
    if not simultaneous and holm is None:
        return study
    if claim is None or dimension is None:
        raise InputError(
            f"{study.title} is a log without counts of votes, and a radius for all inputs at once "
            "is read from those: name a run"
        )
    question = Question(claim=claim, dimension=dimension)
    ballots = [*map(_ballot, study.entries), *[None] * study.unfinished]
    radii = radii_together(question, ballots)[: study.size] if simultaneous else None
    there = None if holm is None else certified_together(question, ballots, holm)[: study.size]
    return replace(
        study,
        family=Family(radii=radii, holm=holm, certified=there, declared=study.targets == (holm,)),
    )


def family_sentences(study: Study) -> tuple[str, ...]:
    """What the family says, one sentence for each part; none without one."""
    claim, family = study.claim, study.family
    if claim is None or family is None:
        return ()
    if is_exact(claim):
        return ("Every view was asked: all of these radii are true at once, with no error rate.",)
    said = []
    if family.radii is not None:
        said.append(simultaneous_sentence(claim.alpha, study.planned))
    if family.holm is not None:
        said.append(holm_sentence(claim.alpha, study.planned, family.holm, family.declared))
    return tuple(said)


def family_rows(study: Study, radii: Sequence[float]) -> tuple[FamilyRow, ...]:
    """A row for each radius that is shown, and for that of Holm's procedure; none without any."""
    family = study.family
    if family is None:
        return ()
    shown = {radius for radius in radii if study.asks(radius)} if family.radii else set()
    shown |= set() if family.holm is None else {family.holm}
    return tuple(_row(study, family, radius) for radius in sorted(shown))


def _row(study: Study, family: Family, radius: float) -> FamilyRow:
    together = holm = NOT_ASKED
    if family.radii is not None:
        pairs = zip(study.entries, family.radii, strict=True)
        read_again = replace(study, entries=tuple(_at(entry, each) for entry, each in pairs))
        together = number(certified_count(read_again, radius))
    if family.certified is not None and radius == family.holm:
        pairs_holm = zip(study.entries, family.certified, strict=True)
        holm = number(sum(there and _selected(e) == e.label for e, there in pairs_holm))
    alone = number(certified_count(study, radius)) if study.asks(radius) else NOT_ASKED
    return FamilyRow(radius=plain(radius), alone=alone, together=together, holm=holm)


def _at(entry: Entry, radius: float) -> Entry:
    return replace(entry, radius=radius, predicted=_selected(entry) if radius > 0 else None)


def _selected(entry: Entry) -> int | None:
    """The class that selection votes chose or, where every view votes, those."""
    choosing = entry.selection
    if choosing is not None and not choosing.total:
        choosing = entry.estimation
    return None if choosing is None else choosing.winner


def _ballot(entry: Entry) -> Ballot | None:
    label = _selected(entry)
    return None if label is None or entry.estimation is None else (label, entry.estimation)
