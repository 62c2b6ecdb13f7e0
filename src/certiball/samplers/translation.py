"""Translation noise: pixels change their places and nothing else, exactly in every space."""

from dataclasses import dataclass

import numpy as np

from certiball.laws.lattice import LatticeLaw
from certiball.samplers.streams import Stream
from certiball.samplers.whole import whole_numbers
from certiball.shapes import Array, Rows, Values
from certiball.spaces import Grid, Space


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
        shifts = whole_numbers(self.law, stream, 2 * samples).reshape(-1, 2)
        image = self.clean(clean).reshape(self.shape)
        rows = np.empty((samples, image.size), dtype=np.float32) if out is None else out
        for rolled, (down, right) in zip(
            rows.reshape(samples, *self.shape), shifts.tolist(), strict=True
        ):
            _roll(image, down % self.shape[-2], right % self.shape[-1], rolled)
        return rows

    def clean(self, clean: Array) -> Rows:
        """The image [features] as it is, [1, features]."""
        row = clean.reshape(1, -1)
        return self.space.values(row) if isinstance(self.space, Grid) else row


def _roll(image: Values, down: int, right: int, place: Values) -> None:
    """Four copies: what stays together lies together."""
    for rows, above in _parts(down, image.shape[-2]):
        for columns, left in _parts(right, image.shape[-1]):
            place[..., rows, columns] = image[..., above, left]


def _parts(shift: int, size: int) -> tuple[tuple[slice, slice], ...]:
    """Where the two parts of an axis go, and whence, for a shift from 0 to size − 1."""
    kept = size - shift
    return (slice(shift, None), slice(kept)), (slice(shift), slice(kept, None))
