"""One attempt at a run: its folder is locked, its specification compared, its start noted."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from certiball.atomic import write_atomically
from certiball.certification.assumptions import ASSUMED, Assumption
from certiball.certification.smooth import draw_seed
from certiball.claim import Draw
from certiball.errors import SpecMismatchError, StoreError
from certiball.runs import lock, store
from certiball.runs.environment import changes, environment
from certiball.runs.items import Item
from certiball.runs.ledger import begin_attempt, end_attempt
from certiball.runs.progress import progress_of
from certiball.runs.reveal import announced, revealed
from certiball.runs.shards import WHOLE, Shard
from certiball.runs.source import Source
from certiball.runs.spec import RunSpec, differences, to_json
from certiball.runs.tables import (
    environment_id,
    read_draws,
    read_environments,
    read_failures,
    read_items,
    read_spec,
    write_assumptions,
    write_draw,
    write_items,
    write_source,
    write_spec,
)

SPEC_FILE = "spec.json"  # a copy to read; the store has the one that counts


@dataclass(frozen=True, kw_only=True)
class Request:
    """What somebody wants to run.

    Args:
        spec: what is to be done.
        items: the inputs, in order.
        source: how the data was opened, if a report is to show it.
        shard: which part of the inputs.
        seed: None for one from the operating system.
        commit: fix the run and draw nothing: which public number will be mixed into its key.
        beacon: that number, once it is published.
        accept_environment: whether to go on under other libraries or hardware than before.
        assumptions: what is taken for granted, and how that was looked at.
    """

    spec: RunSpec
    items: Sequence[Item]
    source: Source | None = None
    shard: Shard = WHOLE
    seed: int | None = None
    commit: str | None = None
    beacon: str | None = None
    accept_environment: bool = False
    assumptions: Sequence[Assumption] = ASSUMED


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run that this process holds: its store is open, its folder locked."""

    folder: Path
    connection: sqlite3.Connection
    spec: RunSpec
    shard: Shard
    draw: Draw
    inputs: tuple[int, ...]  # of this shard, in order
    environment: int
    contents: dict[int, str]  # a hash of each input, as it was when the run was fixed
    accept_environment: bool = False  # of workers that compute with others


def stored_spec(folder: Path) -> RunSpec | None:
    """The specification of a run folder; None where there is no run yet.

    Raises:
        StoreError: if the store is foreign, damaged or newer.
    """
    if not (folder / store.FILE).is_file():
        return None
    with store.open_for_reading(folder) as connection:
        return read_spec(connection)


@contextmanager
def attempt(folder: Path, request: Request) -> Iterator[Run]:
    """Begin a run, or go on with it, and enter how that ended in the ledger.

    Raises:
        SpecMismatchError: if the folder holds a run of another specification.
        StoreError: if the folder is in use, foreign, damaged or cannot be written, or if the
            environment has changed.
    """
    make_folder(folder)
    with lock.locked(folder), store.open_for_writing(folder) as connection:
        with store.transaction(connection):
            run = _admit(folder, connection, request)
            number = begin_attempt(connection, lock.this_process(), run.environment)
        copy_spec(folder, request.spec)
        outcome = "failed"
        try:
            yield run
            outcome = _outcome(run)
        except KeyboardInterrupt:
            outcome = "interrupted"
            raise
        except Exception as error:
            outcome = f"failed ({type(error).__name__}: {error})"
            raise
        finally:
            with suppress(sqlite3.Error):  # a full disk: the error on its way says more
                if connection.in_transaction:  # Ctrl-C came just before its block began
                    connection.execute("ROLLBACK")
                end_attempt(connection, number, outcome)


def make_folder(folder: Path) -> None:
    """Make a run folder, or check that an existing one may become one.

    Raises:
        StoreError: if it cannot be made, holds other files, or held a run whose store is gone.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        found = {path.name for path in folder.iterdir()}
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be used as a run folder ({error.strerror}): choose another"
        ) from error
    if store.FILE not in found and (folder / SPEC_FILE).is_file():
        raise StoreError(
            f"a run was begun in {folder} and its store removed (there is a {SPEC_FILE}): a new "
            "seed for the same question is another attempt, which nothing here would count; "
            f"choose another folder, or delete {SPEC_FILE} to begin again all the same"
        )
    foreign = sorted(found - {lock.FILE, SPEC_FILE, f"{store.FILE}-journal", f"{store.FILE}-wal"})
    if foreign and store.FILE not in found:
        raise StoreError(
            f"{folder} is not a run folder and not empty (it has {foreign[0]}): "
            "choose a new or empty one"
        )


def copy_spec(folder: Path, spec: RunSpec) -> None:
    """Write the specification beside the store, for people to read.

    Raises:
        StoreError: if it cannot be written.
    """
    text = json.dumps(to_json(spec) | {"digest": spec.digest}, indent=1, ensure_ascii=False)
    write_atomically(folder / SPEC_FILE, text + "\n")  # through no link that lies there


def _outcome(run: Run) -> str:
    complete = progress_of(run.connection, run.spec, run.shard).complete
    failed = len(read_failures(run.connection))
    failures = f", {failed} inputs failed" if failed else ""
    return f"{'done' if complete else 'stopped early'}{failures}"


def _admit(folder: Path, connection: sqlite3.Connection, request: Request) -> Run:
    stored = read_spec(connection)
    if stored is None:
        _fix(connection, request)
    else:
        _check_same(folder, stored, request.spec)
    draw = _draw_of(folder, connection, request)
    facts = environment(request.spec.model.backend)
    _check_environment(connection, facts, request.accept_environment)
    numbers = [item.input for item in request.items]
    return Run(
        folder=folder,
        connection=connection,
        spec=request.spec,
        shard=request.shard,
        draw=draw,
        inputs=tuple(request.shard.of_inputs(numbers)),
        environment=environment_id(connection, facts),
        contents=_contents(connection, request.items),
        accept_environment=request.accept_environment,
    )


def _fix(connection: sqlite3.Connection, request: Request) -> None:
    """Everything is settled first; only then is the seed drawn."""
    write_spec(connection, request.spec)
    write_items(connection, request.items)
    if request.source is not None:
        write_source(connection, request.source)
    write_assumptions(connection, request.assumptions)
    draw = announced(draw_seed(request.seed), request.commit, request.beacon)
    write_draw(connection, request.shard, draw)


def _contents(connection: sqlite3.Connection, asked: Sequence[Item]) -> dict[int, str]:
    """As stored; in a store of an older version as now, for the digest of all is the same."""
    items = (*asked, *read_items(connection))
    return {item.input: item.content for item in items if item.content is not None}


def _check_same(folder: Path, stored: RunSpec, asked: RunSpec) -> None:
    found = differences(stored, asked)
    if found:
        raise SpecMismatchError(
            f"{folder} holds another run (stored → asked: {'; '.join(found)}): "
            "repeat its command to go on with it, or choose another folder"
        )


def _draw_of(folder: Path, connection: sqlite3.Connection, request: Request) -> Draw:
    draws = read_draws(connection)
    draw = draws.get(request.shard)
    if draw is None or len(draws) > 1:
        held = ", ".join(map(str, draws))
        raise StoreError(
            f"{folder} holds shard {held}, not {request.shard} alone: "
            "give each shard a folder of its own, and join them with certiball merge"
        )
    if request.seed is not None and request.seed != draw.seed:
        raise SpecMismatchError(
            f"{folder} was begun with {draw}, not {request.seed:#034x}: leave --seed out to go "
            "on, or choose another folder"
        )
    return revealed(folder, (connection, request.shard, draw), request.commit, request.beacon)


def _check_environment(connection: sqlite3.Connection, facts: dict[str, str], accept: bool) -> None:
    known = list(read_environments(connection).values())
    if accept or not known or facts in known:
        return
    raise StoreError(
        f"the environment has changed ({'; '.join(changes(known[-1], facts))}), and votes may "
        "depend on it: go back to the old one, or accept it with --accept-environment"
    )
