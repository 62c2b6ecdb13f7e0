"""Random words, addressed rather than consumed: NumPy's Philox4x64-10 as a function.

The key is the run's, 128 bits. The 256-bit counter has four 64-bit words: position, chunk,
input, lane (phase and stage), nothing packed or cut, so streams cannot overlap. The same address
gives the same words in any batch, process or order of work.
"""

import hashlib
import secrets
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from certiball.shapes import Words


class Phase(IntEnum):
    """What samples are for. Selection and estimation must not share any."""

    SELECTION = 0
    ESTIMATION = 1
    PREDICTION = 2


@dataclass(frozen=True, kw_only=True)
class Stream:
    """The address of one chunk's randomness."""

    key: int
    phase: Phase
    input: int
    chunk: int

    def words(self, stage: int, count: int) -> Words:
        """The first `count` 64-bit words of a stage (0 or 1)."""
        lane = 2 * self.phase + stage
        # An array of uint64, never a list: NumPy turns lists with large numbers into floats.
        counter = np.array([0, self.chunk, self.input, lane], dtype=np.uint64)
        words: Words = _philox(self.key, counter).random_raw(count)
        return words

    def generator(self) -> np.random.Generator:
        """A generator on stage 0, for noise in floating point."""
        counter = np.array([0, self.chunk, self.input, 2 * self.phase], dtype=np.uint64)
        return np.random.Generator(_philox(self.key, counter))


def fresh_seed() -> int:
    """128 bits from the operating system."""
    return secrets.randbits(128)


def run_key(seed: int, specification: str) -> int:
    """The 128-bit key of a run: a hash of its seed and of what it is going to do.

    A model cannot depend on a key that is derived from its own digest.
    """
    text = f"certiball run key\n{seed:032x}\n{specification}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")


def _philox(key: int, counter: Words) -> np.random.Philox:
    words = np.array([key & (2**64 - 1), key >> 64], dtype=np.uint64)
    return np.random.Philox(key=words, counter=counter)
