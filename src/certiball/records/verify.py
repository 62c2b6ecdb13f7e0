"""Levels 0 and 1 of verification: the files are whole, and everything follows from the counts.

Neither torch nor the model is needed. What is not checked is said as well.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import Any

from certiball.claim import Bound, Claim
from certiball.errors import InputError
from certiball.reading import read_plain
from certiball.records.document import statement_of
from certiball.records.record import Record, table_path
from certiball.records.recount import Recount
from certiball.records.rows import Row
from certiball.records.table import MOST_BYTES, sha256
from certiball.runs.finding import Finding, Level
from certiball.statistics.multiplicity import false_certificates

SHOWN = 3  # faults of one check that are told apart
WINDOW = 70  # characters of a text that differs


def check_files(record: Record, *, table: Path | None, expect: str | None) -> list[Finding]:
    """Level 0: the record's form, its digest and its table's.

    Args:
        record: as read, which has checked its form.
        table: where the table is; beside the record if None.
        expect: the digest that the record should have, "sha256:…"; None where nobody said.

    Raises:
        InputError: if the expected digest is none, or a table that is named cannot be read.
    """
    return [
        _ok("form", "canonical JSON of the published schema, version 1"),
        _expected(record, expect),
        _table(record, table),
    ]


def check_counts(record: Record, rows: Sequence[Row]) -> list[Finding]:
    """Level 1: all that follows from specification, seeds and counts, computed anew.

    Args:
        record: the record.
        rows: of its table.
    """
    spec, recount = record.spec, Recount(given=record.given)
    found = [_specification(record), _inputs(record, rows), _classes(record)]
    wrong = _wrong_rows(recount, rows)
    found.append(
        _all_or(
            "rows",
            wrong,
            f"counts, class, bounds, radius, verdicts and status of {len(rows):,} rows",
        )
    )
    rebuilt = statement_of(record.given, rows)
    found.append(
        _all_or(
            "statement",
            _differences(record.statement, rebuilt, ""),
            "every field that follows from others: claim, sentence, threats, method, statistics, "
            "summary, guarantees, limits, assumptions, subjects",
        )
    )
    return [*found, _alpha(spec.claim, len(rows)), *_twice(rows)]


def _alpha(claim: Claim, tried: int) -> Finding:
    """What the error rate leaves to expect, or that there is none."""
    if claim.bound is Bound.EXACT:
        text = "every view was asked; no α: no certificate is false by chance"
        return _ok("alpha", text)
    expected = f"{false_certificates(claim.alpha, tried).normalize():f}"
    return Finding(
        check="alpha",
        level=Level.OPEN,
        text=f"α = {claim.alpha} is per input: of {tried:,} inputs, up to {expected} false "
        "certificates are expected of an honest run",
    )


def check_expected(expect: str | None) -> None:
    """Refuse an expected digest that is none; this needs no record.

    Raises:
        InputError: unless it is "sha256:" and 64 characters more, or None.
    """
    if expect is not None and (len(expect) != 71 or not expect.startswith("sha256:")):
        raise InputError(f"--expect {expect[:80]!r} is no digest: sha256: and 64 hex digits are")


def _expected(record: Record, expect: str | None) -> Finding:
    if expect is None:
        return Finding(
            check="digest",
            level=Level.OPEN,
            text=f"{record.digest}; nobody said what it should be (--expect)",
        )
    check_expected(expect)
    if expect.lower() == record.digest:
        return _ok("digest", f"{record.digest}, as expected")
    return _fail("digest", f"the record's is {record.digest}, not {expect}: it is another")


def _table(record: Record, named: Path | None) -> Finding:
    stated, path = record.given.table, table_path(record, named)
    if named is None and not path.is_file():
        return Finding(
            check="table",
            level=Level.OPEN,
            text=f"{stated.name} is not beside the record: its {stated.rows:,} rows are unchecked",
        )
    if sha256(read_plain(path, most=MOST_BYTES)) == stated.sha256:
        return _ok("table", f"{path.name} has the digest that the record states")
    return _fail("table", f"{path.name} is not the table of this record: its digest is another")


def _specification(record: Record) -> Finding:
    stated = record.statement["predicate"]["specificationDigest"]
    if record.spec.digest != stated:
        return _fail("specification", f"its digest is {record.spec.digest}, not {stated}")
    draws = record.draws
    of = {shard.of for shard in draws}
    if len(of) != 1 or len(draws) != next(iter(of)):
        return _fail("specification", f"seeds of {len(draws)} shards are not those of one run")
    return _ok("specification", f"its digest is {stated[:16]}…, which all votes hang on")


def _inputs(record: Record, rows: Sequence[Row]) -> Finding:
    data, classes, stated = record.spec.data, record.spec.model.classes, record.given.table.rows
    if not len(rows) == data.count == stated:
        return _fail(
            "inputs",
            f"the table has {len(rows):,} rows, where the specification says {data.count:,} and "
            f"the record {stated:,}",
        )
    if data.first is not None and data.first < data.count:
        return _fail("inputs", f"{data.count:,} inputs are not the first {data.first:,}")
    wrong = (
        f"row {place} has index {row.index}, label {row.label}, clean {row.clean}"
        for place, row in enumerate(rows)
        if row.index != place * data.every or not max(row.label, row.clean or 0) < classes
    )
    return _all_or("inputs", wrong, "one row for each input that was to be tried, in order")


def _classes(record: Record) -> Finding:
    names, classes = len(record.given.classes), record.spec.model.classes
    if names not in (0, classes):
        return _fail("classes", f"{names} names are not those of {classes} classes")
    return _ok("classes", f"{names or 'no'} names of {classes} classes")


def _twice(rows: Sequence[Row]) -> list[Finding]:
    """Inputs that are in the table more than once: no sample of a population has them."""
    times = Counter(row.content for row in rows if row.content is not None)
    more = sum(count - 1 for count in times.values())
    if not more:
        return []
    return [
        Finding(
            check="duplicates",
            level=Level.WARN,
            text=f"{more:,} of {len(rows):,} inputs are copies of others by their hashes, so what "
            "is said of a population counts them too often",
        )
    ]


def _wrong_rows(recount: Recount, rows: Sequence[Row]) -> Iterator[str]:
    for place, row in enumerate(rows):
        try:
            right = recount.row(place, row)
        except InputError as error:
            yield f"row {place} (index {row.index}): {error}"
            continue
        if right != row:
            yield f"row {place} (index {row.index}): {_unlike(row, right)}"


def _unlike(row: Row, right: Row) -> str:
    parts = [
        f"{each.name} is {getattr(row, each.name)}, and its counts give {getattr(right, each.name)}"
        for each in fields(row)
        if getattr(row, each.name) != getattr(right, each.name)
    ]
    return "; ".join(parts)


def _differences(stated: Any, rebuilt: Any, place: str) -> Iterator[str]:
    """The places at which a statement is not what its own parts make it."""
    if isinstance(stated, dict) and isinstance(rebuilt, dict):
        for name in stated | rebuilt:
            inner = f"{place}.{name}".removeprefix(".predicate").removeprefix(".")
            if name not in stated or name not in rebuilt:
                yield f"{inner} {'is missing' if name in rebuilt else 'is unknown'}"
            else:
                yield from _differences(stated[name], rebuilt[name], inner)
    elif isinstance(stated, list) and isinstance(rebuilt, list) and len(stated) == len(rebuilt):
        for number, (one, other) in enumerate(zip(stated, rebuilt, strict=True)):
            yield from _differences(one, other, f"{place}[{number}]")
    elif isinstance(stated, bool) != isinstance(rebuilt, bool) or stated != rebuilt:
        said, follows = _from_where_they_differ(str(stated), str(rebuilt))
        yield f"{place} is {said}, and follows as {follows}"


def _from_where_they_differ(first: str, second: str) -> tuple[str, str]:
    """Two texts, each cut to what shows how they differ."""
    pairs = zip(first, second, strict=False)
    same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))
    start = max(0, same - 20)
    return _cut(first, start), _cut(second, start)


def _cut(text: str, start: int) -> str:
    end = start + WINDOW
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def _all_or(check: str, wrong: Iterator[str], right: str) -> Finding:
    """A failure with the first faults, or what is right where there is none."""
    first = list(islice(wrong, SHOWN + 1))
    if not first:
        return _ok(check, right)
    more = "; and more" if len(first) > SHOWN else ""
    return _fail(check, "; ".join(first[:SHOWN]) + more)


def _ok(check: str, text: str) -> Finding:
    return Finding(check=check, level=Level.OK, text=text)


def _fail(check: str, text: str) -> Finding:
    return Finding(check=check, level=Level.FAIL, text=text)
