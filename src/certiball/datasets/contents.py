"""A file's bytes, with one-line errors."""

import gzip
import zlib
from pathlib import Path

from certiball.errors import InputError


def contents(path: Path) -> bytes:
    """All bytes of a file, unpacked if it is gzipped.

    Raises:
        InputError: if the file cannot be read, or its gzip stream is broken.

    Example:
        >>> contents(Path("no such file"))
        Traceback (most recent call last):
        certiball.errors.InputError: cannot read no such file (No such file or directory): ...
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}): check the path") from error
    if raw[:2] != b"\x1f\x8b":
        return raw
    try:
        return gzip.decompress(raw)
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path} is a broken gzip file ({error}): download it again") from error
