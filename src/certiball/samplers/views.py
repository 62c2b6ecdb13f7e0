"""Views of an image that are listed and not drawn: bands or blocks of it, one after the other."""

from dataclasses import dataclass

import numpy as np

from certiball.laws.bands import Bands
from certiball.laws.blocks import Blocks
from certiball.samplers.null_encoding import null_encoded
from certiball.samplers.streams import Stream
from certiball.shapes import Array, Levels, Rows
from certiball.spaces import Space


@dataclass(frozen=True, kw_only=True)
class ViewSampler:
    """Views of images in a space, in the order of their numbers.

    Args:
        law: which parts of an image are seen.
        space: where inputs live.
        rows: of an image.
        columns: of an image.
    """

    law: Bands | Blocks
    space: Space
    rows: int
    columns: int

    def noisy(self, clean: Array, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """Views [samples, 2 · features] from number `stream.first` on, in `out` if given.

        After the last view comes the first again.
        """
        encoded = self._encoded(clean)
        seen = np.empty((samples, encoded.size), np.float32) if out is None else out
        seen[...] = 0
        views = seen.reshape(samples, *encoded.shape)
        for place, view in enumerate(views):
            part = (slice(None), *self.part((stream.first + place) % self.law.views))
            view[part] = encoded[part]
        return seen

    def clean(self, clean: Array) -> Rows:
        """The whole image, [1, 2 · features]."""
        return self._encoded(clean).reshape(1, -1)

    def part(self, number: int) -> tuple[Levels, Levels]:
        """Rows [n, 1] and columns [m] that a view shows; beyond the last comes the first."""
        if isinstance(self.law, Bands):
            rows, columns = np.arange(self.rows), number + np.arange(self.law.width)
        else:
            first, second = divmod(number, self.columns)
            rows, columns = (start + np.arange(self.law.side) for start in (first, second))
        return (rows % self.rows)[:, None], columns % self.columns

    def _encoded(self, clean: Array) -> Array:
        channels = null_encoded(self.space, clean, self.rows * self.columns)
        return channels.reshape(-1, self.rows, self.columns)


def view_sampler(law: Bands | Blocks, space: Space, shape: tuple[int, ...]) -> ViewSampler:
    """The sampler for images of a shape, which fits the law."""
    return ViewSampler(law=law, space=space, rows=shape[-2], columns=shape[-1])
