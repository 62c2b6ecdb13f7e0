"""Files that appear whole or not at all."""

import os
from pathlib import Path

from certiball.errors import StoreError


def write_atomically(path: Path, data: bytes) -> None:
    """Write to a temporary neighbour, flush it to the disk, and rename it into place.

    Raises:
        StoreError: if the folder is missing or read-only, or the disk is full.

    Example:
        >>> write_atomically(Path("model.json"), b"{}")  # doctest: +SKIP
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StoreError(
            f"cannot write {path} ({error.strerror}): choose a writable folder on a disk with room"
        ) from error
