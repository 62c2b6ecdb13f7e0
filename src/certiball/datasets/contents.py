"""A file's bytes, with one-line errors."""

import gzip
import io
import zlib
from pathlib import Path

from certiball.errors import InputError
from certiball.reading import check_swelling, read_plain

PIECE = 2**24  # bytes unpacked between two looks at how many there are


def contents(path: Path) -> bytes:
    """All bytes of a file, unpacked if it is gzipped.

    Raises:
        InputError: if the file cannot be read, its gzip stream is broken, or it unpacks to more
            than 200 times its size.

    Example:
        >>> contents(Path("no such file"))
        Traceback (most recent call last):
        certiball.errors.InputError: cannot read no such file (No such file or directory): ...
    """
    raw = read_plain(path)
    if raw[:2] != b"\x1f\x8b":
        return raw
    unpacked = io.BytesIO()
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
            while piece := stream.read(PIECE):
                unpacked.write(piece)
                check_swelling(path, len(raw), unpacked.tell())
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path} is a broken gzip file ({error}): download it again") from error
    return unpacked.getvalue()
