"""Rows of the store: what each table says, as values."""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from certiball.certification.assumptions import ASSUMED, Assumption
from certiball.certification.assumptions import from_json as from_values
from certiball.certification.assumptions import to_json as to_values
from certiball.claim import Draw
from certiball.errors import StoreError
from certiball.execution import Block
from certiball.runs.columns import damaged, parse_json
from certiball.runs.environment import Facts
from certiball.runs.evidence import Evidence, Kind, pack, unpack
from certiball.runs.items import Item
from certiball.runs.shards import Shard
from certiball.runs.source import Source
from certiball.runs.spec import RunSpec, canonical, from_json, to_json
from certiball.samplers.streams import Phase
from certiball.shapes import Counts

MOST_SHARDS = 10**6


def write_spec(connection: sqlite3.Connection, spec: RunSpec) -> None:
    """Fix what the run is going to do."""
    _write_meta(connection, "spec", canonical(to_json(spec)))
    _write_meta(connection, "digest", spec.digest)


def read_spec(connection: sqlite3.Connection) -> RunSpec | None:
    """What the run is going to do; None before that was fixed.

    Raises:
        StoreError: if it was changed since, or its inputs or seeds are not there.
    """
    text = _read_meta(connection, "spec")
    if text is None:
        return None
    spec = from_json(parse_json(text, "specification"))
    if spec.digest != _read_meta(connection, "digest"):
        raise StoreError(
            "the stored specification is not the one that the votes were drawn under: "
            "it was edited, or another certiball version wrote it"
        )
    inputs, draws = (_count(connection, table) for table in ("inputs", "draws"))
    if inputs != spec.data.count or not draws:
        damaged(f"{inputs} inputs of {spec.data.count}, and {draws} seeds")
    return spec


def write_source(connection: sqlite3.Connection, source: Source) -> None:
    """Note how the data was opened."""
    _write_meta(connection, "source", canonical(source.to_json()))


def read_source(connection: sqlite3.Connection) -> Source | None:
    """How the data was opened, if that is known."""
    text = _read_meta(connection, "source")
    return None if text is None else Source.from_json(parse_json(text, "source"))


def write_assumptions(connection: sqlite3.Connection, assumptions: Sequence[Assumption]) -> None:
    """Note what the run takes for granted, and how that was looked at."""
    _write_meta(connection, "assumptions", canonical(to_values(assumptions)))


def read_assumptions(connection: sqlite3.Connection) -> tuple[Assumption, ...]:
    """What the run takes for granted; of runs of older versions nothing was looked at."""
    text = _read_meta(connection, "assumptions")
    return ASSUMED if text is None else from_values(parse_json(text, "assumptions"))


def write_items(connection: sqlite3.Connection, items: Iterable[Item]) -> None:
    """List the inputs of the run."""
    rows = [(item.position, item.input, item.label, item.content) for item in items]
    connection.executemany("INSERT OR IGNORE INTO inputs VALUES (?, ?, ?, ?)", rows)


def read_items(connection: sqlite3.Connection) -> list[Item]:
    """The inputs of the run, in order.

    Raises:
        StoreError: if one has no label.
    """
    rows = connection.execute(
        "SELECT position, input, label, content FROM inputs ORDER BY position"
    )
    items = []
    for position, number, label, content in rows:
        if label is None:
            damaged(f"input {number} has no label")
        items.append(Item(position=position, input=number, label=label, content=content))
    return items


def write_draw(connection: sqlite3.Connection, shard: Shard, draw: Draw) -> None:
    """Note a shard's seed, and the public number that is or will be mixed in."""
    seed = (f"{draw.seed:032x}", draw.chosen, draw.announced, draw.beacon)
    row = (shard.number, shard.of, *seed)
    connection.execute("INSERT INTO draws VALUES (?, ?, ?, ?, ?, ?)", row)


def write_beacon(connection: sqlite3.Connection, shard: Shard, beacon: str) -> None:
    """Note the public number that a shard waited for."""
    row = (beacon, shard.number, shard.of)
    connection.execute("UPDATE draws SET beacon = ? WHERE shard = ? AND of = ?", row)


def read_draws(connection: sqlite3.Connection) -> dict[Shard, Draw]:
    """The seed of each shard that this store holds.

    Raises:
        StoreError: if a seed is no 128-bit number, or there are more than a million shards.
        InputError: if there is no such shard.
    """
    rows = connection.execute(
        "SELECT shard, of, seed, chosen, announced, beacon FROM draws ORDER BY of, shard"
    ).fetchall()
    most = max((of for _, of, *_ in rows), default=0)
    if most > MOST_SHARDS:
        damaged(f"it is one of {most} shards")
    return {
        Shard(number=number, of=of): Draw(
            seed=_seed(seed), chosen=bool(chosen), announced=announced, beacon=beacon
        )
        for number, of, seed, chosen, announced, beacon in rows
    }


def _seed(text: str) -> int:
    if re.fullmatch("[0-9a-f]{32}", text) is None:
        damaged(f"{text!r:.60} is no seed")
    return int(text, 16)


def environment_id(connection: sqlite3.Connection, facts: Facts) -> int:
    """The number of an environment, new or known."""
    text = canonical(facts)
    connection.execute("INSERT OR IGNORE INTO environments (facts) VALUES (?)", (text,))
    found = connection.execute("SELECT id FROM environments WHERE facts = ?", (text,))
    return int(found.fetchone()[0])


def read_environments(connection: sqlite3.Connection) -> dict[int, Facts]:
    """Every environment that has worked on this run, by number.

    Raises:
        StoreError: if one is no object of texts.
    """
    rows = connection.execute("SELECT id, facts FROM environments ORDER BY id")
    found = {number: parse_json(facts, "environment") for number, facts in rows}
    if not all(isinstance(fact, str) for facts in found.values() for fact in facts.values()):
        damaged("an environment is no object of texts")
    return found


def write_evidence(
    connection: sqlite3.Connection, evidence: Sequence[Evidence], environment: int
) -> None:
    """Store blocks; one that is there already stays as it is, so that no vote counts twice."""
    rows = [
        (
            each.kind.value,
            each.block.input,
            int(each.block.phase),
            each.block.first,
            each.block.samples,
            pack(each.counts),
            each.seconds,
            environment,
        )
        for each in evidence
    ]
    connection.executemany("INSERT OR IGNORE INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def read_evidence(
    connection: sqlite3.Connection, kind: Kind, number: int, spec: RunSpec
) -> Iterator[Evidence]:
    """The blocks of one input, by phase and first chunk.

    Raises:
        StoreError: if a block is none of this run's, or the votes of a chunk are not as many as
            its samples.
    """
    rows = connection.execute(
        "SELECT phase, first, samples, counts, seconds FROM blocks "
        "WHERE kind = ? AND input = ? ORDER BY phase, first",
        (kind.value, number),
    )
    longest, phases = spec.block * spec.execution.chunk, tuple(Phase)
    for phase, first, samples, packed, seconds in rows:
        if phase not in phases or not 1 <= samples <= longest:
            damaged(f"a block of input {number} has {samples} samples in phase {phase}")
        block = Block(input=number, phase=Phase(phase), first=first, samples=samples)
        counts = unpack(packed, block.chunks(spec.execution.chunk), spec.model.classes)
        _check_whole(block, counts, spec.execution.chunk)
        yield Evidence(kind=kind, block=block, counts=counts, seconds=seconds)


def _check_whole(block: Block, counts: Counts, chunk: int) -> None:
    sizes = np.minimum(chunk, block.samples - chunk * np.arange(len(counts)))
    if (counts.sum(1) != sizes).any():
        damaged(
            f"input {block.input}, chunk {block.first}: {counts.sum()} votes "
            f"for {block.samples} samples"
        )


def inputs_with(connection: sqlite3.Connection, kind: Kind) -> set[int]:
    """The inputs that have some evidence of a kind."""
    rows = connection.execute("SELECT DISTINCT input FROM blocks WHERE kind = ?", (kind.value,))
    return {number for (number,) in rows}


def write_failures(
    connection: sqlite3.Connection, failures: Mapping[int, str], environment: int
) -> None:
    """Note the inputs for which the model gave no vote, and why; a first reason stays."""
    rows = [(number, reason, environment) for number, reason in failures.items()]
    connection.executemany("INSERT OR IGNORE INTO failures VALUES (?, ?, ?)", rows)


def read_failures(connection: sqlite3.Connection) -> dict[int, str]:
    """Why inputs failed, by input."""
    rows = connection.execute("SELECT input, reason FROM failures ORDER BY input")
    return {number: str(reason) for number, reason in rows}


def has_failed(connection: sqlite3.Connection, number: int) -> bool:
    """Whether an input has failed."""
    found = connection.execute("SELECT 1 FROM failures WHERE input = ?", (number,))
    return found.fetchone() is not None


def _write_meta(connection: sqlite3.Connection, key: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def _read_meta(connection: sqlite3.Connection, key: str) -> str | None:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])
