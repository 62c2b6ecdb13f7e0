"""A handwritten digit, and what a model sees of it under a law, by the law's own sampler."""

from typing import Any

import numpy as np

from certiball.datasets.digits import digits
from certiball.report.pictures import data_uri
from certiball.samplers import sampler_for
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid

SIDE = 100  # of an image, in the picture's pixels
INK, UNSEEN = "#888", (130, 170, 210)
STREAM = Stream(key=2024, phase=Phase.ESTIMATION, input=0, chunk=1)


def digit(example: Any) -> str:
    """A panel of 250 × 200: the digit, and to the right of it one view."""
    space, law = example.space, example.law
    clean = _enlarged(space)
    seen = sampler_for(law, space, clean.shape).noisy(clean.reshape(-1), STREAM, 1)
    seen = seen.reshape(-1, *clean.shape)  # one channel, or two that are 0 where nothing is seen
    low, high = space.bounds if isinstance(space, Grid) else (space.low, space.high)
    hidden = (seen == 0).all(0) if len(seen) > 1 else np.zeros(clean.shape, bool)
    shown = seen[0] / (high - low) if len(seen) > 1 else (seen[0] - low) / (high - low)
    before = _image((clean - clean.min()) / np.ptp(clean), hidden & False, 16)
    after = _image(shown, hidden, 134)
    return f"{before}{after}{_words(66, 'an input')}{_words(184, 'one view of it')}"


def _enlarged(space: Any) -> Any:
    """A digit of 8 × 8 pixels as one of 28 × 28, in levels of a grid or as values."""
    large = np.pad(np.kron(digits("test").inputs[2, 0] / 256, np.ones((3, 3))), 2)
    if isinstance(space, Grid):
        return space.low + np.rint(large * (space.high - space.low)).astype(np.int64)
    return large.astype(np.float32)


def _image(grey: Any, hidden: Any, left: int) -> str:
    pixels = np.repeat(np.clip(255 * grey, 0, 255)[..., None], 3, axis=2).astype(np.uint8)
    pixels[hidden] = UNSEEN
    place = f'x="{left}" y="40" width="{SIDE}" height="{SIDE}"'
    return (
        f'<image {place} style="image-rendering:pixelated" href="{data_uri(pixels)}"/>'
        f'<rect {place} fill="none" stroke="{INK}"/>'
    )


def _words(middle: float, words: str) -> str:
    place = f'x="{middle}" y="162" text-anchor="middle" font-size="11"'
    return f'<text {place} fill="{INK}">{words}</text>'
