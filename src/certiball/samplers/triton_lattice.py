"""Lattice noise in one pass on a GPU: words, table, sum and float in a single Triton kernel.

The elements that the table leaves open need words by their rank among such elements of their
chunk. The first kernel leaves them in the output as NaNs that carry their half word, and counts
them; a second lists where they are, in order; a third refines those alone. Nothing waits for the
host.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import no_type_check

import numpy as np
import torch
import triton
import triton.language as tl
from torch import Tensor

from certiball.samplers.chunk import Chunk
from certiball.samplers.device import DeviceLattice, sent
from certiball.samplers.philox import signed
from certiball.shapes import Array

BLOCKS = 128  # of Philox, 16 elements each, drawn by one program: one for each of its threads
REFINED = 128  # marked elements refined by one program
OPEN = tl.constexpr(0x7FC0)  # the upper half of a NaN: no level has it
ADDRESS = tl.constexpr(8)  # numbers per chunk, see `_addresses`


@dataclass(frozen=True, kw_only=True, eq=False)
class TritonLattice:
    """Makes a lattice sampler's noise with Triton, from its tables on a GPU.

    Args:
        tables: the sampler's tables on the device.
    """

    tables: DeviceLattice

    @property
    def device(self) -> torch.device:
        """Where the tables are."""
        return self.tables.device

    def fill(self, rows: Tensor, chunks: Sequence[tuple[int, Chunk]]) -> None:
        """Write the chunks' noisy rows, those of `LatticeSampler.noisy` to the bit."""
        tables, features = self.tables, rows.shape[1]
        law, scaled = tables.sampler.law, tables.sampler.grid.step.numerator != 1
        inputs = {chunk.stream.input: chunk.clean for _, chunk in chunks}
        clean = tables.levels(list(inputs.values()))
        where = sent(_addresses(chunks, list(inputs), features), self.device)
        largest = max(chunk.samples for _, chunk in chunks) * features
        programs = -(-largest // (16 * BLOCKS))  # per chunk
        counts = torch.empty(len(chunks) * programs, dtype=torch.int64, device=self.device)
        places = torch.empty(self._room(chunks, features), dtype=torch.int64, device=self.device)
        bits = rows.view(torch.int32)
        grid = (len(counts),)
        with torch.cuda.device(rows.get_device()):  # Triton launches on the current device
            _draw[grid](
                bits, where, clean, tables.cells, tables.scale, counts,
                features, programs, tables.sampler.mark, SCALED=scaled, BLOCKS=BLOCKS,
            )  # fmt: skip
            ends = counts.cumsum(0)
            _list[grid](bits, where, ends, places, len(places), programs, SIZE=16 * BLOCKS)
            _refine[(-(-len(places) // REFINED),)](
                bits, where, clean, tables.thresholds, tables.scale, ends, places, len(places),
                len(counts), features, programs, len(law.thresholds), law.offset,
                SCALED=scaled, STEPS=len(law.thresholds).bit_length(), SIZE=16 * BLOCKS,
                MANY=REFINED,
            )  # fmt: skip

    def _room(self, chunks: Sequence[tuple[int, Chunk]], features: int) -> int:
        """Places for marked elements: with more of them the rest would stay NaN, no vote.

        They are binomial; by Bernstein's inequality there are more with probability < 2⁻¹²⁸.
        """
        elements = features * sum(chunk.samples for _, chunk in chunks)
        sampler = self.tables.sampler
        mean = elements * float((sampler.cells == sampler.mark).mean())
        return min(elements, math.ceil(mean + 14 * math.sqrt(mean) + 200))


def _addresses(chunks: Sequence[tuple[int, Chunk]], inputs: Sequence[int], features: int) -> Array:
    """For each chunk key, counter, elements, and where its rows and its clean levels begin."""
    place = {number: i for i, number in enumerate(inputs)}
    table = [
        [
            *(chunk.stream.key & (2**64 - 1), chunk.stream.key >> 64),
            *chunk.stream.counter(0)[1:],
            *(chunk.samples * features, row * features, place[chunk.stream.input] * features),
        ]
        for row, chunk in chunks
    ]
    return np.array([[signed(number) for number in line] for line in table], dtype=np.int64)


@triton.jit
@no_type_check
def _draw(
    bits, where, clean, cells, scale, counts,
    features, programs, mark, SCALED: tl.constexpr, BLOCKS: tl.constexpr,
):  # fmt: skip
    """Noisy rows, marked elements as NaNs with their half word, and how many of those."""
    program = tl.program_id(0)
    at = where + (program // programs) * ADDRESS
    block = (program % programs).to(tl.int64)
    position = (block * BLOCKS + tl.arange(0, BLOCKS)).to(tl.uint64)
    w0, w1, w2, w3 = _words(at, position, 0)
    words = tl.reshape(tl.join(tl.join(w0, w2), tl.join(w1, w3)), (BLOCKS, 4, 1))
    shifts = tl.reshape(tl.arange(0, 4) * 16, (1, 1, 4)).to(tl.uint64)
    halves = tl.reshape((words >> shifts) & 0xFFFF, (BLOCKS * 16,)).to(tl.int32)  # low first
    steps = tl.arange(0, BLOCKS * 16)
    first = block * (BLOCKS * 16)
    inside = first + steps < tl.load(at + 5)
    noise = tl.load(cells + halves)
    marked = (noise == mark) & inside
    column = ((first % features).to(tl.int32) + steps) % features
    level = tl.load(clean + tl.load(at + 7) + column)
    value = _value(level + noise.to(level.dtype), scale, SCALED)
    open_ = halves | (OPEN << 16)
    tl.store(bits + tl.load(at + 6) + first + steps, tl.where(marked, open_, value), mask=inside)
    tl.store(counts + program, tl.sum(marked.to(tl.int32), axis=0).to(tl.int64))


@triton.jit
@no_type_check
def _list(bits, where, ends, places, room, programs, SIZE: tl.constexpr):
    """List marked elements in order: chunk · elements per chunk (rounded up) + element."""
    program = tl.program_id(0)
    at = where + (program // programs) * ADDRESS
    steps = (program % programs).to(tl.int64) * SIZE + tl.arange(0, SIZE)
    inside = steps < tl.load(at + 5)
    found = tl.load(bits + tl.load(at + 6) + steps, mask=inside, other=0)
    marked = ((found >> 16) == OPEN) & inside
    ones = marked.to(tl.int32)
    rank = tl.load(ends + program) - tl.sum(ones, axis=0) + tl.cumsum(ones, axis=0) - 1
    chunk = (program // programs).to(tl.int64)
    tl.store(places + rank, chunk * programs * SIZE + steps, mask=marked & (rank < room))


@triton.jit
@no_type_check
def _refine(
    bits, where, clean, thresholds, scale, ends, places, room,
    programs_in_all, features, programs, levels, offset,
    SCALED: tl.constexpr, STEPS: tl.constexpr, SIZE: tl.constexpr, MANY: tl.constexpr,
):  # fmt: skip
    """Noise of marked elements: their half word and 48 bits more, counted against thresholds."""
    number = tl.program_id(0).to(tl.int64) * MANY + tl.arange(0, MANY)
    total = tl.load(ends + programs_in_all - 1)
    here = (number < total) & (number < room)
    place = tl.load(places + number, mask=here, other=0)
    chunk = place // (programs * SIZE)
    element = place % (programs * SIZE)
    at = where + chunk * ADDRESS
    before = tl.load(ends + chunk * programs - 1, mask=chunk > 0, other=0)
    # The i-th marked element of the chunk takes the i-th word of the second stage.
    rank = tl.where(here, number - before, 0)
    w0, w1, w2, w3 = _words(at, (rank // 4).to(tl.uint64), 1)
    lane = rank % 4
    rest = tl.where(lane < 2, tl.where(lane == 0, w0, w1), tl.where(lane == 2, w2, w3))
    target = bits + tl.load(at + 6) + element
    half = (tl.load(target, mask=here, other=0) & 0xFFFF).to(tl.uint64)
    word = (half << 48) | (rest >> 16)
    low = tl.zeros((MANY,), tl.int64)  # thresholds known to be ≤ the word
    high = low + levels
    for _ in tl.static_range(STEPS):
        middle = (low + high) // 2
        threshold = tl.load(thresholds + middle, mask=middle < levels, other=0)
        # Their sign bits are flipped on the host; flipped back they are words again.
        reached = (threshold.to(tl.uint64, bitcast=True) ^ (1 << 63)) <= word
        open_ = low < high
        low = tl.where(open_ & reached, middle + 1, low)
        high = tl.where(open_ & ~reached, middle, high)
    level = tl.load(clean + tl.load(at + 7) + element % features, mask=here, other=0)
    value = _value(level + (low - offset).to(level.dtype), scale, SCALED)
    tl.store(target, value, mask=here)


@triton.jit
@no_type_check
def _words(at, position, stage):
    """The four words of each block of a chunk's stage, Philox4x64-10 (see samplers/philox.py)."""
    key0 = tl.load(at).to(tl.uint64, bitcast=True)
    key1 = tl.load(at + 1).to(tl.uint64, bitcast=True)
    c0 = position + 1
    c1 = tl.load(at + 2).to(tl.uint64, bitcast=True) + tl.zeros_like(c0)
    c2 = tl.load(at + 3).to(tl.uint64, bitcast=True) + tl.zeros_like(c0)
    c3 = tl.load(at + 4).to(tl.uint64, bitcast=True) + tl.zeros_like(c0) + stage
    factor0 = tl.full(c0.shape, 0xD2E7470EE14C6C93, tl.uint64)
    factor1 = tl.full(c0.shape, 0xCA5A826395121157, tl.uint64)
    for _ in tl.static_range(10):
        high0 = tl.umulhi(c0, factor0)
        high1 = tl.umulhi(c2, factor1)
        low0 = c0 * factor0
        low1 = c2 * factor1
        c0 = high1 ^ c1 ^ key0
        c1 = low1
        c2 = high0 ^ c3 ^ key1
        c3 = low0
        key0 += 0x9E3779B97F4A7C15
        key1 += 0xBB67AE8584CAA73B
    return c0, c1, c2, c3


@triton.jit
@no_type_check
def _value(level, scale, SCALED: tl.constexpr):
    """The bits of `Grid.values`: division is rounded to nearest, as IEEE 754 has it."""
    value = level.to(tl.float32)
    if SCALED:
        value = value * tl.load(scale)
    return tl.div_rn(value, tl.load(scale + 1) + tl.zeros_like(value)).to(tl.int32, bitcast=True)
