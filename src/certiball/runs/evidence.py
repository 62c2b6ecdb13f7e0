"""What a run stores: integer counts per chunk, as compact bytes."""

import zlib
from dataclasses import dataclass
from enum import Enum

import numpy as np

from certiball.errors import StoreError
from certiball.execution import Block
from certiball.samplers.streams import Phase
from certiball.shapes import Counts


class Kind(Enum):
    """Kinds of evidence: one table holds them all."""

    VOTES = "votes"  # votes under noise
    CLEAN = "clean"  # the base classifier's label without noise, as a single vote


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """One stored block.

    Args:
        kind: what was counted.
        block: which samples.
        counts: votes of each chunk.
        seconds: its share of the time that its bundle took.
    """

    kind: Kind
    block: Block
    counts: Counts
    seconds: float


def clean_evidence(number: int, label: int, classes: int) -> Evidence:
    """A clean label as evidence."""
    counts = np.zeros((1, classes), dtype=np.int64)
    counts[0, label] = 1
    block = Block(input=number, phase=Phase.SELECTION, first=0, samples=1)
    return Evidence(kind=Kind.CLEAN, block=block, counts=counts, seconds=0.0)


def pack(counts: Counts) -> bytes:
    """The counts that are not zero, as (chunk, class, count) in little-endian uint32, by zlib."""
    chunks, classes = np.nonzero(counts)
    triples = np.stack([chunks, classes, counts[chunks, classes]], axis=1)
    return zlib.compress(triples.astype("<u4").tobytes(), level=1)


def unpack(packed: bytes, chunks: int, classes: int) -> Counts:
    """The counts [chunks, classes] that `pack` wrote.

    Raises:
        StoreError: if the bytes are no such counts.
    """
    counts = np.zeros((chunks, classes), dtype=np.int64)
    try:
        unpacking = zlib.decompressobj()
        triples = unpacking.decompress(packed, 12 * chunks * classes)
        more = unpacking.decompress(unpacking.unconsumed_tail, 1)
        if more or not unpacking.eof:
            raise ValueError("cut off, or more than there are chunks and classes")
        chunk, label, count = np.frombuffer(triples, dtype="<u4").reshape(-1, 3).T
        counts[chunk, label] = count
    except (zlib.error, ValueError, IndexError) as error:
        raise StoreError(
            f"stored votes are damaged ({error}): restore the file or run again"
        ) from error
    return counts
