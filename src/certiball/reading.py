"""Reading a stranger's file: a plain one, and no larger than its kind may be."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from certiball.errors import InputError

LARGEST = 2**36  # bytes of a file that is read as a whole
SWELL = 200  # how many times its size on disk a file may become when it is unpacked …
FREE = 2**26  # … beyond so many bytes, which are nothing to fear


def is_there(path: Path) -> bool:
    """Whether there is anything at a path.

    Raises:
        InputError: if that cannot be known.

    Example:
        >>> is_there(Path("no such file"))
        False
    """
    try:
        return path.exists()
    except (OSError, ValueError) as error:
        raise _refusal(path, error) from error


def open_plain(path: Path, *, most: int = LARGEST) -> BinaryIO:
    """A file opened to be read, if it is one: pipes and devices may never end.

    Raises:
        InputError: if it cannot be opened, is no plain file, or has more than `most` bytes.
    """
    try:
        # Without O_NONBLOCK, opening a pipe waits for somebody to write into it.
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except (OSError, ValueError) as error:
        raise _refusal(path, error) from error
    found = os.fstat(file.fileno())
    if stat.S_ISREG(found.st_mode) and found.st_size <= most:
        return file
    file.close()
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"{path} is no plain file: give one, not a pipe or a device")
    raise InputError(
        f"{path} has {found.st_size:,} bytes, more than the {most:,} that such a file may have: "
        "check that it is what it should be"
    )


def read_plain(path: Path, *, most: int = LARGEST) -> bytes:
    """All bytes of a plain file.

    Raises:
        InputError: if it cannot be read, is no plain file, or has more than `most` bytes.

    Example:
        >>> read_plain(Path("/dev/zero"))
        Traceback (most recent call last):
        certiball.errors.InputError: /dev/zero is no plain file: give one, not a pipe or a device
    """
    with open_plain(path, most=most) as file:
        try:
            return file.read()
        except OSError as error:
            raise _refusal(path, error) from error


def check_swelling(path: Path, packed: int, unpacked: int) -> None:
    """Refuse a file that says it becomes far more than it is: such files are made to fill memory.

    Args:
        path: of the file.
        packed: its bytes on disk.
        unpacked: its bytes after unpacking, or as many as are known so far.

    Raises:
        InputError: if they are more than 64 MiB and more than 200 times as many.
    """
    if unpacked > max(FREE, SWELL * packed):
        raise InputError(
            f"{path} has {packed:,} bytes and unpacks to {unpacked:,} or more, over {SWELL} times "
            "as many: it is made to fill memory, or holds hardly anything; give the data unpacked"
        )


def _refusal(path: Path, error: OSError | ValueError) -> InputError:
    reason = getattr(error, "strerror", None) or str(error)
    return InputError(f"cannot read {path} ({reason}): check the path")
