"""Files that are either the old one or the new one, never half of either."""

import os
import stat
import tempfile
from pathlib import Path

from certiball.errors import StoreError


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file in one step; text as UTF-8, "?" for what is no text.

    A link that stands there is replaced, and not followed.

    Raises:
        StoreError: if the folder cannot be made or written, or a pipe or a device stands there.
    """
    data = content.encode(errors="replace") if isinstance(content, str) else content
    try:
        _check_replaceable(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _refusal(path, error) from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files that only their owner can read; a report is to be shared.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise _refusal(path, error) from error


def _check_replaceable(path: Path) -> None:
    """Whoever may do anything would otherwise replace even /dev/null by a file."""
    try:
        found = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if not (stat.S_ISREG(found) or stat.S_ISLNK(found) or stat.S_ISDIR(found)):
        raise StoreError(f"{path} is a pipe or a device: give a path for a file")


def _refusal(path: Path, error: OSError) -> StoreError:
    reason = error.strerror or str(error)
    return StoreError(f"cannot write {path}: {reason}; give a path that can be written")
