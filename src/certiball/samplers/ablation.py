"""Randomized ablation on arrays: the pixels with the k least of d random words are kept."""

from dataclasses import dataclass

import numpy as np

from certiball.laws.ablation import Ablation
from certiball.samplers.null_encoding import null_encoded
from certiball.samplers.streams import Stream
from certiball.shapes import Array, Rows
from certiball.spaces import Space

PIECE = 2**16  # words at a time, so that the work stays in the processor's cache


@dataclass(frozen=True, kw_only=True)
class AblationSampler:
    """Views of inputs in a space, each with so many pixels kept."""

    law: Ablation
    space: Space

    def noisy(self, clean: Array, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """Views [samples, 2 · features] of an input [features], in `out` if given."""
        pixels = self.law.pixels
        encoded = null_encoded(self.space, clean, pixels)
        seen = np.empty((samples, encoded.size), np.float32) if out is None else out
        at_once = max(1, PIECE // pixels)
        for start in range(0, samples, at_once):
            rows = seen[start : start + at_once].view(np.int32)
            # All bits of a number that is seen, and none of one that is not: a plain 0.
            mask = -self.kept(stream, start, len(rows)).astype(np.int32)
            for channel, bits in enumerate(encoded.view(np.int32)):
                place = rows[:, channel * pixels : (channel + 1) * pixels]
                np.bitwise_and(bits, mask, out=place)
        return seen

    def clean(self, clean: Array) -> Rows:
        """The input with all its pixels, [1, 2 · features]."""
        return null_encoded(self.space, clean, self.law.pixels).reshape(1, -1)

    def kept(self, stream: Stream, start: int, samples: int) -> Array:
        """Which pixels the samples from number `start` on keep, bool [samples, pixels].

        Two equal words may keep one more; the law's slack has the chance of that.
        """
        pixels = self.law.pixels
        words = stream.words(0, start * pixels, samples * pixels).reshape(samples, pixels)
        last = self.law.keep - 1
        kept: Array = words <= np.partition(words, last, axis=1)[:, last, None]
        return kept


def ablation_sampler(law: Ablation, space: Space, shape: tuple[int, ...]) -> AblationSampler:
    """The sampler for inputs of any shape that fits the law."""
    return AblationSampler(law=law, space=space)
