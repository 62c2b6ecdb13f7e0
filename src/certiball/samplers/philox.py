"""Philox4x64-10 (Salmon et al. 2011) in torch integers: NumPy's words, made on any device.

Torch has no unsigned arithmetic to speak of, so 64-bit words are the int64 of the same bits:
addition and multiplication wrap around alike, and only shifts and comparisons need care.
"""

from typing import TypeAlias

import torch
from torch import Tensor

Lanes: TypeAlias = tuple[Tensor, Tensor, Tensor, Tensor]

MULTIPLIERS = (0xD2E7470EE14C6C93, 0xCA5A826395121157)
WEYL = (0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B)  # what the key grows by in every round
ROUNDS = 10
LOW = 2**32 - 1
SIGN = -(2**63)  # x ^ SIGN compares as signed as x does unsigned


def signed(word: int) -> int:
    """The int64 with the bits of a 64-bit word."""
    return (word & (2**64 - 1)) - ((word & 2**63) << 1)


def stream_words(key: int, counters: Tensor, count: int) -> Tensor:
    """The first words of many streams of one key, int64 [streams, count].

    Row i is `np.random.Philox(key=key, counter=counters[i]).random_raw(count)`: word j is lane
    j mod 4 of Philox(counter + 1 + j // 4).

    Args:
        key: 128 bits.
        counters: int64 [streams, 4], the four words of each 256-bit counter, the lowest first.
        count: words of each stream.

    Example:
        >>> import numpy as np
        >>> words = stream_words(5, torch.tensor([[0, 0, 0, 7]]), 6).numpy().view(np.uint64)
        >>> numpy_words = np.random.Philox(key=5, counter=7 * 2**192).random_raw(6)
        >>> bool((words[0] == numpy_words).all())
        True
    """
    steps = torch.arange(1, -(-count // 4) + 1, device=counters.device)
    lanes = philox(key, _advanced(counters, steps))
    return torch.stack(lanes, dim=-1).flatten(1)[:, :count]


def philox(key: int, counter: Lanes) -> Lanes:
    """The four words of each counter, all int64 of one broadcast shape."""
    c0, c1, c2, c3 = counter
    keys = [key & (2**64 - 1), key >> 64]
    for _ in range(ROUNDS):
        high0, low0 = _product(c0, MULTIPLIERS[0])
        high1, low1 = _product(c2, MULTIPLIERS[1])
        c0, c1 = high1 ^ c1 ^ signed(keys[0]), low1
        c2, c3 = high0 ^ c3 ^ signed(keys[1]), low0
        keys = [k + w for k, w in zip(keys, WEYL, strict=True)]
    return c0, c1, c2, c3


def _product(word: Tensor, factor: int) -> tuple[Tensor, Tensor]:
    """High and low 64 bits of word · factor, by halves of 32 bits."""
    low, high = word & LOW, (word >> 32) & LOW
    factor_low, factor_high = factor & LOW, factor >> 32
    cross, across = low * factor_high, high * factor_low
    middle = ((low * factor_low >> 32) & LOW) + (cross & LOW) + (across & LOW)
    upper = high * factor_high + ((cross >> 32) & LOW) + ((across >> 32) & LOW) + (middle >> 32)
    return upper, word * signed(factor)


def _advanced(counters: Tensor, steps: Tensor) -> Lanes:
    """Counters [streams, 4] plus steps [blocks] < 2⁶³, with carries, each [streams, blocks]."""
    first = counters[:, :1] + steps
    carry = ((first ^ SIGN) < (steps ^ SIGN)).long()  # wrapped around
    lanes = [first]
    for place in (1, 2, 3):
        lane = counters[:, place, None] + carry
        lanes.append(lane)
        carry = carry & (lane == 0)
    return lanes[0], lanes[1], lanes[2], lanes[3]
