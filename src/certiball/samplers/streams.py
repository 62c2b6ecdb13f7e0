"""Random words, addressed rather than consumed: NumPy's Philox4x64-10 as a function.

The key is the run's, 128 bits. The 256-bit counter has four 64-bit words: position, chunk,
input, lane (phase and stage), nothing packed or cut, so streams cannot overlap. The same address
gives the same words in any batch, process or order of work.
"""

import hashlib
import secrets
import threading
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import numpy as np

from certiball.claim import Draw
from certiball.errors import InputError
from certiball.shapes import Words

_THREAD = threading.local()
_EMPTY = np.zeros(4, dtype=np.uint64)


class Phase(IntEnum):
    """What samples are for. Selection and estimation must not share any."""

    SELECTION = 0
    ESTIMATION = 1
    PREDICTION = 2
    RANDOMIZATION = 3
    ATTACK = 4  # what an attacker's queries are answered by
    VERIFICATION = 5  # and what its points are judged by


@dataclass(frozen=True, kw_only=True)
class Stream:
    """The address of one chunk's randomness.

    Args:
        key: the run's, 128 bits.
        phase: what the samples are for.
        input: its number.
        chunk: its number within the phase.
        first: the number of its first sample, for laws whose views are listed and not drawn.
    """

    key: int
    phase: Phase
    input: int
    chunk: int
    first: int = 0

    def counter(self, stage: int, position: int = 0) -> tuple[int, int, int, int]:
        """The four words of the 256-bit counter of a stage (0 or 1), the lowest first."""
        return position, self.chunk, self.input, 2 * self.phase + stage

    def words(self, stage: int, start: int, count: int) -> Words:
        """Words start … start + count − 1 of a stage (0 or 1), 64 bits each."""
        # Word i is lane i mod 4 of the block that the counter position i // 4 addresses.
        engine = _engine(self.key, self.counter(stage, start // 4))
        words: Words = engine.random_raw(start % 4 + count)[start % 4 :]
        return words

    def generator(self) -> np.random.Generator:
        """A generator on stage 0, for noise in floating point."""
        # Never a list: NumPy turns lists with large numbers into floats.
        counter = np.array(self.counter(0), dtype=np.uint64)
        return np.random.Generator(np.random.Philox(key=_halves(self.key), counter=counter))


def fresh_seed() -> int:
    """128 bits from the operating system."""
    return secrets.randbits(128)


def run_key(seed: int, specification: str, beacon: str | None = None) -> int:
    """The 128-bit key of a run: a hash of its seed and of what it is going to do.

    A model cannot depend on a key that is derived from its own digest. With a public number that
    was unknown when seed and specification were fixed, nor can whoever fixed them.
    """
    text = f"certiball run key\n{seed:032x}\n{specification}"
    if beacon is not None:
        text += f"\n{beacon}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "little")


def key_of(draw: Draw, specification: str) -> int:
    """The key that a draw gives.

    Raises:
        InputError: while the draw waits for its beacon.
    """
    if draw.waiting:
        raise InputError(
            f"this run waits for a public number ({draw.announced}): give it with --beacon"
        )
    return run_key(draw.seed, specification, draw.beacon)


def commitment(draw: Draw, specification: str, part: str) -> str:
    """What to publish before the beacon is known: a hash that fixes the run and hides its seed.

    SHA-256 over lines: "certiball commitment", the specification's digest, the shard such as
    "1/1", the seed as 32 hexadecimal digits, and what was announced.

    Raises:
        InputError: if nothing was announced.

    Example:
        >>> draw = Draw(seed=7, chosen=False, announced="drand quicknet, round 17000000")
        >>> commitment(draw, 64 * "0", "1/1")[:16]
        'de4683498ed042df'
    """
    if draw.announced is None:
        raise InputError("this run announced no public number: begin one with --commit")
    lines = ("certiball commitment", specification, part, f"{draw.seed:032x}", draw.announced)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def random_word(key: int, number: int) -> int:
    """The 64 random bits of an input that randomized bounds take: no vote depends on them."""
    stream = Stream(key=key, phase=Phase.RANDOMIZATION, input=number, chunk=0)
    return int(stream.words(0, 0, 1)[0])


@lru_cache(maxsize=64)
def _halves(key: int) -> Words:
    return np.array([key & (2**64 - 1), key >> 64], dtype=np.uint64)


def _engine(key: int, counter: tuple[int, int, int, int]) -> np.random.Philox:
    """This thread's Philox, set to an address: several times faster than a new one."""
    if not hasattr(_THREAD, "engine"):
        _THREAD.engine = np.random.Philox(0)
    engine: np.random.Philox = _THREAD.engine
    engine.state = {
        "bit_generator": "Philox",
        "state": {"counter": np.array(counter, dtype=np.uint64), "key": _halves(key)},
        "buffer": _EMPTY,
        "buffer_pos": 4,  # nothing buffered
        "has_uint32": 0,
        "uinteger": 0,
    }
    return engine
