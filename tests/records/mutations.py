"""Changes to a record and its table, one at a time: systematic and random."""

import copy
import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from certiball.errors import CertiballError
from certiball.records.canonical import canonical_bytes
from certiball.records.record import record_of
from certiball.records.strict import parse_strict
from certiball.records.table import read_table, sha256
from certiball.records.verify import check_counts, check_files
from certiball.runs.finding import Level

# What nothing else in an unsigned record determines; docs/record.md lists the same.
FREE = (
    "predicate.issued",
    "predicate.attempts",
    "predicate.environments",
    "predicate.assumptions[0].tried",
    "predicate.classes",
    "predicate.randomness.draws",
)
FREE_LISTS = ("predicate.threatModel.threats",)  # a threat can be left out, not altered


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A record after one change, and where it was made."""

    where: str
    payload: bytes
    table: bytes


def free(where: str) -> bool:
    """Whether nothing else in the record says what stands there."""
    return where.startswith(FREE) or where in FREE_LISTS


def caught(payload: bytes, table: bytes, folder: Path, expect: str | None = None) -> bool:
    """Whether levels 0 and 1 refuse a record, or find a fault in it."""
    path = folder / "certificate.json"
    try:
        record = record_of(payload, path)
        named = folder / record.given.table.name
        if not named.is_file() or named.read_bytes() != table:
            named.write_bytes(table)
        files = check_files(record, table=None, expect=expect)
        if any(finding.level is Level.FAIL for finding in files):
            return True
        rows = read_table(table, record.given.table.format)
        return any(finding.level is Level.FAIL for finding in check_counts(record, rows))
    except CertiballError:
        return True


def fields(payload: bytes) -> Iterator[Callable[[bytes], tuple[str, bytes]]]:
    """Every change of a member, item or value of the statement."""
    for place, change in _changes(parse_strict(payload), ""):

        def mutate(data: bytes, change: Any = change, place: str = place) -> tuple[str, bytes]:
            value = parse_strict(data)
            change(value)
            return place, canonical_bytes(value)

        yield mutate


def field_mutations(payload: bytes, table: bytes, every: int = 1) -> Iterator[Mutation]:
    """One field of the statement changed, taken away, added or doubled; every so many-th."""
    for mutate in islice(fields(payload), 0, None, every):
        where, mutated = mutate(payload)
        if mutated != payload:
            yield Mutation(where=where, payload=mutated, table=table)


def byte_mutations(
    payload: bytes, table: bytes, *, count: int, of_table: bool, seed: int
) -> Iterator[Mutation]:
    """One byte of the table, or of the statement, changed, taken away or added."""
    chance = random.Random(seed)
    data = table if of_table else payload
    for _ in range(count):
        place = chance.randrange(len(data))
        new = bytes([chance.choice(b'0123456789abcdef\t\n:,.eE- "{}[]x\x00\xff')])
        kind = chance.choice(("change", "change", "take", "add"))
        middle = (
            b"" if kind == "take" else new + (data[place : place + 1] if kind == "add" else b"")
        )
        mutated = data[:place] + middle + data[place + 1 :]
        if mutated == data:
            continue
        where = f"{'table' if of_table else 'payload'}@{place}"
        if of_table:
            yield Mutation(where=where, payload=payload, table=mutated)
        else:
            yield Mutation(where=where, payload=mutated, table=table)


def redigested(payload: bytes, table: bytes) -> bytes:
    """The statement with the digest of another table: what a forger does next."""
    value = parse_strict(payload)
    value["predicate"]["table"]["sha256"] = value["subject"][2]["digest"]["sha256"] = sha256(table)
    return canonical_bytes(value)


def survey(folder: Path, every: int) -> None:
    """Try every so many-th on the record of a folder; print how many, and where it failed.

    In a process of its own, for the tests' own checking of types takes five times as long.
    """
    payload = (folder / "certificate.json").read_bytes()
    table = (folder / "certificate.table.tsv").read_bytes()
    expect = record_of(payload, folder / "certificate.json").digest
    unsigned = list(field_mutations(payload, table, every))
    unsigned += byte_mutations(payload, table, count=500 // every, of_table=True, seed=2)
    known = [
        *unsigned[::3],
        *byte_mutations(payload, table, count=1000 // every, of_table=False, seed=3),
    ]
    missed = [m.where for m in unsigned if not caught(m.payload, m.table, folder)]
    missed_known = [m.where for m in known if not caught(m.payload, m.table, folder, expect)]
    count = len(unsigned) + len(known)
    sys.stdout.write(
        json.dumps({"count": count, "missed": missed, "missed where known": missed_known})
    )


def _changes(value: Any, place: str) -> Iterator[tuple[str, Callable[[Any], None]]]:
    """Places, and functions that change a copy of the whole there."""
    yield from _inner(value, place, ())


def _inner(
    value: Any, place: str, path: tuple[Any, ...]
) -> Iterator[tuple[str, Callable[[Any], None]]]:
    if isinstance(value, dict):
        yield f"{place}.new", _setter((*path, "new"), 1)
        for name, item in value.items():
            inner = f"{place}.{name}".removeprefix(".")
            yield inner, _remover((*path, name))
            yield from _inner(item, inner, (*path, name))
    elif isinstance(value, list):
        if value:
            yield place, _setter(path, [*value, copy.deepcopy(value[-1])])
            yield place, _setter(path, value[:-1])
            yield place, _setter(path, value[::-1])
        for number, item in enumerate(value):
            yield from _inner(item, f"{place}[{number}]", (*path, number))
    else:
        for other in _others(value):
            yield place, _setter(path, other)


def _others(value: Any) -> Iterator[Any]:
    if isinstance(value, bool):
        yield from (not value, int(value), None)
    elif isinstance(value, int | float):
        yield from (value + 1, value - 1, 10 * value, 0, -value, value / 3, str(value), None, True)
    elif isinstance(value, str):
        yield from ("", f"{value}x", value[:-1], value.upper(), f" {value}", None, 1, [value])
        for place, letter in enumerate(value):
            if letter.isdecimal():  # one digit of a radius, a digest or a count in a sentence
                other = str((int(letter) + 1) % 10)
                yield value[:place] + other + value[place + 1 :]
    else:
        yield from (0, "", "x", False, [])


def _setter(path: tuple[Any, ...], new: Any) -> Callable[[Any], None]:
    def change(whole: Any) -> None:
        for part in path[:-1]:
            whole = whole[part]
        whole[path[-1]] = copy.deepcopy(new)

    return change


def _remover(path: tuple[Any, ...]) -> Callable[[Any], None]:
    def change(whole: Any) -> None:
        for part in path[:-1]:
            whole = whole[part]
        del whole[path[-1]]

    return change
