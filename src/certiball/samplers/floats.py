"""Floating-point Gaussian noise: the field's habit, for inputs without a grid.

The bits of a float sum betray its terms, and a model can be built that exploits it
(arXiv 2207.07209): certificates with this noise assume exact arithmetic, and say so.
"""

from dataclasses import dataclass

import numpy as np

from certiball.samplers.streams import Stream
from certiball.shapes import Rows, Values


@dataclass(frozen=True, kw_only=True)
class FloatSampler:
    """Gaussian noise of standard deviation sigma, in float32."""

    sigma: float

    def noisy(self, clean: Values, stream: Stream, samples: int) -> Rows:
        """Noisy copies [samples, features] of values [features]."""
        noise = stream.generator().standard_normal((samples, clean.size), dtype=np.float32)
        noise *= np.float32(self.sigma)
        noise += clean
        return noise
