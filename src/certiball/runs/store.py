"""A store, such as a run's: one SQLite file, opened with care and closed without leftovers."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from certiball.errors import StoreError
from certiball.runs.columns import check_columns
from certiball.runs.filesystem import on_network
from certiball.runs.migrations import Steps, check_schema, migrate, newest, schema_version

FILE = "run.sqlite"
APPLICATION = int.from_bytes(b"cert")  # marks the file as ours
PATIENCE = 30.0  # seconds to wait while another connection writes
LONGEST = 2**28  # bytes of a value, such as the names of a million classes
SIDES = ("journal", "wal", "shm")
MAGIC = bytes.fromhex("d9d505f920a163d7")  # at the end of a journal that names another

_REMEDIES = {
    "SQLITE_FULL": "the disk is full; what was stored before is safe: "
    "free some space and start the same command again",
    "SQLITE_READONLY": "it cannot be written: make the folder writable or choose another",
    "SQLITE_PERM": "it cannot be accessed: check the permissions of the folder",
    "SQLITE_CANTOPEN": "it cannot be opened: check the folder and its permissions",
    "SQLITE_NOTADB": "it is not a certiball store: choose another folder",
    "SQLITE_CORRUPT": "it is damaged: restore it from a copy, or start again in a new folder",
    "SQLITE_BUSY": "another process holds it: wait, then start the same command again",
    "SQLITE_IOERR": "the disk failed; what was stored before is kept: "
    "check the disk and start the same command again",
}


@dataclass(frozen=True, kw_only=True)
class Form:
    """What tells one kind of store from another.

    Args:
        file: its name in a folder.
        application: marks the file as of this kind.
        absent: what is said of a folder that has none, after its name.
        steps: those that lead to its schema; None for a run's.
    """

    file: str
    application: int
    absent: str
    steps: Steps = None


RUN = Form(
    file=FILE,
    application=APPLICATION,
    absent=f"is not a run folder (it has no {FILE}): name one that certify wrote",
)


@contextmanager
def open_for_writing(folder: Path, form: Form = RUN) -> Iterator[sqlite3.Connection]:
    """The store of a folder whose lock is held, with today's schema; made where there is none.

    Write-ahead logging on local disks. Network file systems have no shared memory for it: there
    SQLite writes through a rollback journal and waits for the disk each time.

    Raises:
        StoreError: if the file is foreign, damaged or newer, or the folder cannot be written.
    """
    path = folder / form.file
    _check_files(folder, form)
    with explained(path), closing(_connect(f"{path.resolve().as_uri()}?mode=rwc")) as connection:
        _check_ours(connection, path, form)
        _check_whole(connection, path)
        check_columns(connection)
        connection.execute("PRAGMA foreign_keys = ON")
        with transaction(connection):
            connection.execute(f"PRAGMA application_id = {form.application}")
            migrate(connection, form.steps)
        # Only now: a new file is empty or ours, at whatever moment its maker is killed.
        network = on_network(folder)
        connection.execute(f"PRAGMA journal_mode = {'DELETE' if network else 'WAL'}")
        connection.execute(f"PRAGMA synchronous = {'FULL' if network else 'NORMAL'}")
        try:
            yield connection
        finally:
            _fold_log(connection)


@contextmanager
def open_for_reading(folder: Path, form: Form = RUN) -> Iterator[sqlite3.Connection]:
    """The store of a folder as it is now, while a run may be writing to it.

    A store of an older schema is migrated in memory; the file stays as it is.

    Raises:
        StoreError: if there is no store, or it is foreign, damaged or newer.
    """
    path = folder / form.file
    if not _is_plain(path):
        raise StoreError(f"{folder} {form.absent}")
    _check_files(folder, form)
    # "rw", because a reader may have to roll back what a killed writer left half-done.
    with explained(path), closing(_connect(f"{path.resolve().as_uri()}?mode=rw")) as connection:
        _check_ours(connection, path, form)
        check_columns(connection)
        connection.execute("PRAGMA query_only = ON")
        if schema_version(connection) == newest(form.steps):
            yield connection
            return
        with closing(_connect(":memory:")) as copy:
            connection.backup(copy)
            migrate(copy, form.steps)
            yield copy


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the block's changes, or none, whatever ends it."""
    try:
        connection.execute("BEGIN IMMEDIATE")  # inside: Ctrl-C may come while it waits
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has rolled back already
            connection.execute("ROLLBACK")
        raise


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """SQLite's errors as `StoreError`s of one line, with a remedy."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        remedy = next((text for code, text in _REMEDIES.items() if name.startswith(code)), None)
        raise StoreError(f"{path}: {remedy or error}") from error
    except UnicodeDecodeError as error:  # of a message of SQLite's that quotes what is damaged
        raise StoreError(
            f"{path} is damaged (it holds text that is none): restore it from a copy, or start "
            "again in a new folder"
        ) from error


def _connect(address: str) -> sqlite3.Connection:
    # isolation_level=None: transactions begin where this code says so, and nowhere else.
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
    # A stranger's file may hold anything: functions in its schema are not to be called
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
    return connection


def _is_plain(path: Path) -> bool:
    """Whether a file is there itself, and not a link to one elsewhere."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def _check_files(folder: Path, form: Form) -> None:
    """Refuse files through which SQLite would write or delete others, outside of the folder.

    It follows links. And a journal may name a "super-journal", which SQLite deletes once it has
    rolled the journal back: certiball's journals name none.
    """
    sides = [folder / f"{form.file}-{side}" for side in SIDES]
    for path in (folder / form.file, *sides):
        if (path.exists() or path.is_symlink()) and not _is_plain(path):
            raise StoreError(f"{path} is no plain file, but a link or a device: put the file there")
        if path in sides and path.exists() and path.stat().st_nlink > 1:
            raise StoreError(f"{path} is linked from elsewhere: copy the folder, and use the copy")
    journal = sides[0]
    if journal.exists() and _end(journal) == MAGIC:
        raise StoreError(
            f"{journal} names a file to delete, as certiball's never do: do not use this folder"
        )


def _end(journal: Path) -> bytes:
    size = len(MAGIC)
    with journal.open("rb") as file:
        if file.seek(0, os.SEEK_END) <= size:  # a journal begins with the same bytes
            return b""
        file.seek(-size, os.SEEK_END)
        return file.read()


def _check_ours(connection: sqlite3.Connection, path: Path, form: Form) -> None:
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    # Empty: left so by a process that was killed before its first transaction.
    empty = application == 0 and tables == 0
    if application != form.application and not empty:
        raise StoreError(f"{path} is not a certiball store: choose another folder")
    if not empty:
        check_schema(connection, form.steps)


def _check_whole(connection: sqlite3.Connection, path: Path) -> None:
    problem = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if problem != "ok":
        first = str(problem).splitlines()[0]
        raise StoreError(
            f"{path} is damaged ({first}): restore it from a copy, or start again in a new folder"
        )


def _fold_log(connection: sqlite3.Connection) -> None:
    """Leave one plain file, readable from a read-only disk too, unless somebody is reading."""
    try:
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError:
        return
