"""Translation noise: pixels change their places and nothing else, exactly in every space."""

from dataclasses import dataclass

import torch

from certiball.laws.lattice import LatticeLaw
from certiball.samplers.streams import Stream
from certiball.samplers.whole import whole_numbers
from certiball.shapes import Array, Rows
from certiball.spaces import Grid, Space
from certiball.transforms.translation import translation


@dataclass(frozen=True, kw_only=True, eq=False)
class TranslationSampler:
    """Rolls by whole numbers of pixels.

    Args:
        law: thresholds of the pixels along one axis.
        space: where inputs live.
        shape: of an image, [C, H, W] or [H, W].
    """

    law: LatticeLaw
    space: Space
    shape: tuple[int, ...]

    def noisy(self, clean: Array, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """Rolled copies [samples, features] of an image [features], in `out` if given."""
        shifts = torch.from_numpy(whole_numbers(self.law, stream, 2 * samples).reshape(-1, 2))
        image = torch.tensor(self.clean(clean)).reshape(1, *self.shape)
        rolled = translation(image.expand(samples, *self.shape), shifts[:, 0], shifts[:, 1])
        rows: Rows = rolled.reshape(samples, -1).numpy()
        if out is None:
            return rows
        out[...] = rows
        return out

    def clean(self, clean: Array) -> Rows:
        """The image [features] as it is, [1, features]."""
        row = clean.reshape(1, -1)
        return self.space.values(row) if isinstance(self.space, Grid) else row
