"""Shards that ran apart, joined into one run folder."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from certiball.certification.assumptions import Assumption
from certiball.claim import Draw
from certiball.errors import InputError, SpecMismatchError, StoreError
from certiball.runs import lock, store
from certiball.runs.attempt import copy_spec, make_folder
from certiball.runs.progress import progress_of, settled_inputs
from certiball.runs.shards import Shard
from certiball.runs.spec import RunSpec, differences
from certiball.runs.tables import (
    environment_id,
    read_assumptions,
    read_draws,
    read_environments,
    read_items,
    read_source,
    read_spec,
    write_assumptions,
    write_draw,
    write_items,
    write_source,
    write_spec,
)


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What was joined.

    Args:
        shards: those that were given.
        absent: those that nobody gave.
        unfinished: those given whose samples are not all there.
    """

    shards: tuple[Shard, ...]
    absent: tuple[Shard, ...]
    unfinished: tuple[Shard, ...]

    @property
    def complete(self) -> bool:
        """Whether the joined run has all its samples."""
        return not self.absent and not self.unfinished


def merge(folders: Sequence[Path], out: Path) -> Merged:
    """Join the shards of one run. All are written in one transaction, or nothing is.

    Raises:
        InputError: if no folder is given, or one twice.
        SpecMismatchError: if two folders hold runs of different specifications.
        StoreError: if shards overlap or are cut differently, or a folder cannot be used.
    """
    if not folders:
        raise InputError("nothing to merge: give the folders of the shards")
    places = Counter(folder.resolve() for folder in folders)
    twice = next((folder for folder in folders if places[folder.resolve()] > 1), None)
    if twice is not None:
        raise InputError(f"{twice} is given twice: give each shard once")
    with ExitStack() as stack:
        parts = {folder: stack.enter_context(store.open_for_reading(folder)) for folder in folders}
        spec = _common_spec(parts)
        homes = _homes(parts)
        make_folder(out)
        stack.enter_context(lock.locked(out))
        joined = stack.enter_context(store.open_for_writing(out))
        if read_spec(joined) is not None:
            raise StoreError(f"{out} holds a run already: choose a new folder")
        with store.transaction(joined):
            _write_head(joined, spec, tuple(parts.values()))
            for part in parts.values():
                _copy(part, joined)
        copy_spec(out, spec)
        return _account(joined, spec, homes)


def _common_spec(parts: dict[Path, sqlite3.Connection]) -> RunSpec:
    (first, spec), *others = ((folder, _spec_of(folder, part)) for folder, part in parts.items())
    for folder, other in others:
        found = differences(spec, other)
        if found:
            raise SpecMismatchError(
                f"{folder} is a shard of another run than {first} ({'; '.join(found)}): "
                "merge only shards of one run"
            )
    return spec


def _spec_of(folder: Path, part: sqlite3.Connection) -> RunSpec:
    spec = read_spec(part)
    if spec is None:
        raise StoreError(f"{folder} holds no run yet: certify stopped before it began")
    return spec


def _homes(parts: dict[Path, sqlite3.Connection]) -> dict[Shard, Path]:
    """Which folder holds which shard; each must come once, and all be cut alike."""
    homes: dict[Shard, Path] = {}
    draws: dict[Shard, Draw] = {}
    for folder, part in parts.items():
        for shard, draw in read_draws(part).items():
            other = next(iter(homes), shard)
            if shard.of != other.of:
                raise StoreError(
                    f"{folder} holds shard {shard} and {homes[other]} shard {other}: "
                    "they overlap; merge shards of one and the same number"
                )
            if shard in homes:
                seeds = "the same seed" if draws[shard] == draw else "different seeds"
                raise StoreError(
                    f"{homes[shard]} and {folder} both hold shard {shard}, with {seeds}: give "
                    "one of them; which one must not depend on what they say"
                )
            homes[shard], draws[shard] = folder, draw
    return homes


def _write_head(
    joined: sqlite3.Connection, spec: RunSpec, parts: Sequence[sqlite3.Connection]
) -> None:
    first = parts[0]
    write_spec(joined, spec)
    write_items(joined, read_items(first))
    source = read_source(first)
    if source is not None:
        write_source(joined, source)
    write_assumptions(joined, _assumptions(parts))


def _assumptions(parts: Sequence[sqlite3.Connection]) -> tuple[Assumption, ...]:
    """Those of the first shard, each with how it was looked at in any."""
    stored = [read_assumptions(part) for part in parts]
    looks = [{each.name: each.tried or "not checked" for each in some} for some in stored]
    return tuple(
        replace(each, tried="; in other shards: ".join(told))
        if len(told := dict.fromkeys(some.get(each.name, "not checked") for some in looks)) > 1
        else each
        for each in stored[0]
    )


def _copy(part: sqlite3.Connection, joined: sqlite3.Connection) -> None:
    """All of one shard but its head; environments get the joined store's numbers."""
    for shard, draw in read_draws(part).items():
        write_draw(joined, shard, draw)
    environments = {
        number: environment_id(joined, facts) for number, facts in read_environments(part).items()
    }
    blocks = part.execute(
        "SELECT kind, input, phase, first, samples, counts, seconds, environment FROM blocks"
    )
    joined.executemany(
        "INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        ((*row[:-1], environments[row[-1]]) for row in blocks),
    )
    failures = part.execute("SELECT input, reason, environment FROM failures")
    joined.executemany(
        "INSERT INTO failures VALUES (?, ?, ?)",
        ((*row[:-1], environments[row[-1]]) for row in failures),
    )
    attempts = part.execute("SELECT started, host, pid, ended, outcome, environment FROM attempts")
    joined.executemany(
        "INSERT INTO attempts (started, host, pid, ended, outcome, environment) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        ((*row[:-1], environments[row[-1]]) for row in attempts),
    )


def _account(joined: sqlite3.Connection, spec: RunSpec, homes: dict[Shard, Path]) -> Merged:
    of = next(iter(homes)).of
    every = [Shard(number=number, of=of) for number in range(1, of + 1)]
    settled = settled_inputs(joined, spec)
    return Merged(
        shards=tuple(sorted(homes, key=lambda shard: shard.number)),
        absent=tuple(shard for shard in every if shard not in homes),
        unfinished=tuple(
            shard for shard in homes if not progress_of(joined, spec, shard, settled).complete
        ),
    )
