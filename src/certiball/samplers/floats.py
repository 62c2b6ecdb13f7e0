"""Floating-point Gaussian noise: the field's habit, for inputs without a grid.

The bits of a float sum betray its terms, and a model can be built that exploits it
(arXiv 2207.07209): certificates with this noise assume exact arithmetic, and say so.
"""

from dataclasses import dataclass

import numpy as np

from certiball.errors import InputError
from certiball.samplers.streams import Stream
from certiball.shapes import Rows, Values

LARGEST = 1e30  # of sigma; larger noise overflows float32
COARSEST = 64  # spacings of float32 that one sigma has to span


@dataclass(frozen=True, kw_only=True)
class FloatSampler:
    """Gaussian noise of standard deviation sigma, in float32."""

    sigma: float

    def __post_init__(self) -> None:
        if not np.finfo(np.float32).tiny <= self.sigma <= LARGEST:
            raise InputError(
                f"sigma must be from {np.finfo(np.float32).tiny} to {LARGEST:g} in float32 "
                f"arithmetic, not {self.sigma}: scale the inputs"
            )

    def noisy(self, clean: Values, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """Noisy copies [samples, features] of values [features], in `out` if given.

        Raises:
            InputError: if the noise is so small beside a value that their sum is rounded away.
        """
        spacing = float(np.abs(clean).max()) * float(np.finfo(np.float32).eps)
        if self.sigma < COARSEST * spacing:
            raise InputError(
                f"sigma = {self.sigma} is lost in float32 beside inputs as large as "
                f"{np.abs(clean).max()}: scale the inputs"
            )
        shape = (samples, clean.size)
        noise: Rows = stream.generator().standard_normal(shape, dtype=np.float32, out=out)
        noise *= np.float32(self.sigma)
        noise += clean
        return noise

    def clean(self, clean: Values) -> Rows:
        """Values [features] without noise, [1, features]."""
        return clean.reshape(1, -1)
