"""Whole numbers from a law's thresholds, one 64-bit word each: where a chunk needs few of them."""

import numpy as np

from certiball.laws.lattice import LatticeLaw
from certiball.samplers.streams import Stream
from certiball.shapes import Levels


def whole_numbers(law: LatticeLaw, stream: Stream, count: int) -> Levels:
    """The first so many numbers of a stream's first stage, exactly by the law's thresholds."""
    reached = np.searchsorted(law.thresholds, stream.words(0, 0, count), side="right")
    numbers: Levels = reached.astype(np.int64) - law.offset
    return numbers
