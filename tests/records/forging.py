"""Frauds that levels 0 and 1 cannot see: whoever forges recomputes all that follows."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from certiball.classifiers.function import FunctionClassifier
from certiball.records.canonical import canonical_bytes
from certiball.records.document import statement_of
from certiball.records.record import Record, record_of
from certiball.records.recount import Recount
from certiball.records.rows import Row
from certiball.records.subject import Subject, subject_of
from certiball.records.table import sha256, write_table
from certiball.records.verify import check_counts
from certiball.runs.finding import Finding, Level
from records.conftest import Made, bright, greys


def forged(made: Made, change: Callable[[Row], Row], **given: object) -> tuple[Record, list[Row]]:
    """A record with other rows and all that follows from them; level 1 has nothing against it."""
    recount = Recount(given=made.record.given)
    rows = [recount.row(place, change(row)) for place, row in enumerate(made.rows)]
    table = write_table(rows, "tsv")
    known = made.record.given
    other = replace(known, table=replace(known.table, sha256=sha256(table)), **given)
    record = record_of(canonical_bytes(statement_of(other, rows)), Path("certificate.json"))
    assert levels(check_counts(record, rows)) <= {Level.OK, Level.OPEN}
    return record, rows


def raised(votes: int, index: int | None = None) -> Callable[[Row], Row]:
    """So many votes more for the class, at one input or at all."""

    def change(row: Row) -> Row:
        if row.estimation is None or index not in (None, row.index):
            return row
        counts, label = dict(row.estimation), row.predicted
        others = [other for other in counts if other != label]
        moved = 0
        for other in others:
            taken = min(votes - moved, counts[other])
            counts[other] -= taken
            moved += taken
        counts[label] = counts.get(label, 0) + moved
        return replace(row, estimation={c: n for c, n in counts.items() if n})

    return change


def at_hand(record: Record, function=bright, name="v1", dataset=None) -> Subject:
    """The model and data that a verifier has."""
    classifier = FunctionClassifier(function, num_classes=3, name=name)
    return subject_of(record, classifier, dataset or greys())


def levels(findings: list[Finding]) -> set[Level]:
    return {finding.level for finding in findings}


def failed(findings: list[Finding]) -> list[str]:
    """The checks that fail."""
    return [finding.check for finding in findings if finding.level is Level.FAIL]
