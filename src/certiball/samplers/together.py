"""Noise of many small chunks in one go: where each has a few samples, calls cost more than noise.

Every number is the one that the chunk would get alone.
"""

from collections.abc import Sequence

import numpy as np

from certiball.samplers.chunk import Chunk
from certiball.samplers.lattice import PIECE, LatticeSampler
from certiball.shapes import Levels, Rows


def fits(sampler: object, samples: int, features: int) -> bool:
    """Whether chunks of so many samples can be drawn together: on a lattice, in one piece each."""
    return isinstance(sampler, LatticeSampler) and samples * features <= PIECE


def noisy_together(sampler: LatticeSampler, chunks: Sequence[Chunk], out: Rows) -> None:
    """Noisy copies of each chunk's input, one chunk after the other, [chunks · samples, features].

    Args:
        sampler: of the law, on a grid.
        chunks: all with as many samples, of inputs of as many features; they `fits`.
        out: where the rows are written.
    """
    samples, features = chunks[0].samples, chunks[0].clean.size
    noise = _noise(sampler, chunks, samples * features).reshape(len(chunks), samples, features)
    clean = np.stack([chunk.clean for chunk in chunks])[:, np.newaxis]
    sampler.grid.values(clean + noise, out=out.reshape(noise.shape))


def _noise(sampler: LatticeSampler, chunks: Sequence[Chunk], count: int) -> Levels:
    """So many numbers for each chunk, [chunks, count]."""
    words = np.stack([chunk.stream.words(0, 0, -(-count // 4)) for chunk in chunks])
    halves = words.astype("<u8", copy=False).view("<u2")[:, :count]  # low half first
    noise = sampler.cells.take(halves)
    marked = noise == sampler.mark
    # The i-th marked element of a chunk takes the i-th word of its second stage.
    rest = [
        chunk.stream.words(1, 0, int(found))
        for chunk, found in zip(chunks, np.count_nonzero(marked, axis=1), strict=True)
        if found
    ]
    if rest:
        noise[marked] = sampler.refine(halves[marked], np.concatenate(rest) >> np.uint64(16))
    return noise
