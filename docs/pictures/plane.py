"""Noise vectors in the plane, for laws whose coordinates depend on each other."""

from typing import Any

import numpy as np

from certiball.samplers import sampler_for
from certiball.samplers.streams import Phase, Stream

SIDE, LEFT, TOP = 156, 52, 26  # of the square, in the picture's pixels
INK, DOT = "#888", "#3f7fbf"
DRAWS, REACH = 500, 2.5  # how many vectors, and how many standard deviations are shown
STREAM = Stream(key=2024, phase=Phase.ESTIMATION, input=0, chunk=2)


def plane(example: Any) -> str:
    """A panel of 250 × 200: vectors of the law in two dimensions, 0 in the middle."""
    law = example.law
    sampler = sampler_for(law, example.space, (2,))
    points = sampler.noisy(np.zeros(2, np.float32), STREAM, DRAWS) / law.deviation(2)
    inside = points[np.abs(points).max(1) < REACH]
    places = (inside / REACH + 1) / 2 * SIDE
    dots = "".join(
        f'<circle cx="{LEFT + x:.1f}" cy="{TOP + y:.1f}" r="1.1"/>' for x, y in places.tolist()
    )
    frame = f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none"'
    words = f'<text x="{LEFT + SIDE / 2}" y="18" text-anchor="middle" font-size="13"'
    return (
        f'<g fill="{DOT}" fill-opacity=".7">{dots}</g>{frame} stroke="{INK}"/>'
        f'{words} fill="{INK}">{DRAWS} draws in the plane</text>'
    )
