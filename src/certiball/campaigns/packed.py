"""Answers and points as compact bytes, and back, without trust in what is read."""

import math
import zlib
from collections.abc import Sequence

import numpy as np

from certiball.errors import StoreError
from certiball.shapes import Array

_LEVELS, _VALUES = np.dtype("<i8"), np.dtype("<f4")  # of a grid, and of the reals


def pack_answers(answers: Array) -> bytes:
    """Classes [q], or votes [q, classes], as little-endian uint32, by zlib."""
    return zlib.compress(answers.astype("<u4").tobytes(), level=1)


def unpack_answers(packed: bytes, count: int, classes: int | None) -> Array:
    """The answers that `pack_answers` wrote, int64: classes [count], or votes [count, classes].

    Args:
        packed: the bytes.
        count: of questions.
        classes: of the model, where votes were stored; None for classes alone.

    Raises:
        StoreError: if the bytes are no such answers.
    """
    shape = (count,) if classes is None else (count, classes)
    found = np.frombuffer(_inflated(packed, 4 * math.prod(shape)), dtype="<u4")
    return found.reshape(shape).astype(np.int64)


def pack_point(point: Array) -> bytes:
    """An encoded input: levels as int64, values as float32, little-endian, by zlib."""
    whole = np.issubdtype(point.dtype, np.integer)
    return zlib.compress(point.astype(_LEVELS if whole else _VALUES).tobytes(), level=6)


def unpack_point(packed: bytes, shape: Sequence[int], *, levels: bool) -> Array:
    """The input that `pack_point` wrote.

    Args:
        packed: the bytes.
        shape: of the input.
        levels: whether it is on a grid.

    Raises:
        StoreError: if the bytes are no such input.
    """
    kind = _LEVELS if levels else _VALUES
    flat = np.frombuffer(_inflated(packed, kind.itemsize * math.prod(shape)), dtype=kind)
    return flat.reshape(shape).astype(kind.newbyteorder("="))


def _inflated(packed: bytes, size: int) -> bytes:
    """So many bytes, no more and no fewer: a stranger's file may hold a bomb."""
    try:
        unpacking = zlib.decompressobj()
        found = unpacking.decompress(packed, size + 1)
        if len(found) != size or not unpacking.eof:
            raise ValueError(f"{len(found)} bytes, not {size}")
    except (zlib.error, ValueError) as error:
        raise StoreError(
            f"stored answers are damaged ({error}): restore the file, or attack again in a new "
            "folder"
        ) from error
    return found
