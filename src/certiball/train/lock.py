"""One training per folder at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from certiball.errors import StoreError

FILE = "training.lock"
# A link here would make or open a file elsewhere; a pipe would wait for a writer.
FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


@contextmanager
def held(folder: Path | None) -> Iterator[None]:
    """Hold the folder's lock while the block runs; without a folder there is nothing to hold.

    The system lets go of the lock when the process ends, however it ends. The empty file stays:
    removing it would let two processes lock two files of one name.

    Raises:
        StoreError: if another training holds it, or it cannot be made.
    """
    if folder is None:
        yield
        return
    try:
        file = os.open(folder / FILE, FLAGS, 0o644)
    except OSError as error:
        raise StoreError(
            f"{folder / FILE} cannot be written ({error.strerror}): choose a folder that can"
        ) from error
    try:
        _lock(file, folder)
        yield
    finally:
        os.close(file)


def _lock(file: int, folder: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StoreError(
            f"{folder} is in use by another training: wait for it or stop it, or choose another "
            "folder"
        ) from error
    except OSError as error:
        raise StoreError(
            f"{folder} is on a file system without locks ({error.strerror}): "
            "choose a folder on another"
        ) from error
