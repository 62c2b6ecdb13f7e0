"""What a refused run leaves behind: nothing, if nothing was drawn."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from certiball.errors import CertiballError, StoreError
from certiball.runs import lock, store
from certiball.runs.attempt import SPEC_FILE
from certiball.runs.evidence import Kind
from certiball.runs.tables import inputs_with, read_failures

FILES = (store.FILE, f"{store.FILE}-wal", f"{store.FILE}-shm", f"{store.FILE}-journal", SPEC_FILE)


@contextmanager
def leaving_nothing(folder: Path) -> Iterator[None]:
    """Remove the run folder that is made inside, if it is refused before any vote is stored.

    A folder that was there before is left as it is, and so is one that another process holds.
    """
    existed = folder.exists()
    try:
        yield
    except CertiballError:
        if not existed and folder.is_dir():
            with suppress(OSError, StoreError):  # why it was refused says more
                _remove_unused(folder)
        raise


def _remove_unused(folder: Path) -> None:
    with lock.locked(folder):
        if (folder / store.FILE).exists():
            with store.open_for_reading(folder) as connection:
                if inputs_with(connection, Kind.VOTES) or read_failures(connection):
                    return
        for name in FILES:
            (folder / name).unlink(missing_ok=True)
    folder.rmdir()  # of what is empty alone
