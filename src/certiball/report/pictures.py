"""Inputs as tiny PNG data URIs, and which inputs a report shows."""

import base64
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from certiball.errors import InputError
from certiball.report.study import Entry, Study
from certiball.shapes import Array

LARGEST = 128  # pixels on the longer side; larger pictures are made smaller


@dataclass(frozen=True, kw_only=True)
class Group:
    """Some inputs that have something in common."""

    title: str
    explanation: str
    entries: tuple[Entry, ...]


def data_uri(pixels: Array) -> str:
    """A picture as the text of a PNG that a page can hold.

    Args:
        pixels: height × width (grey) or height × width × 3 (colour), uint8.

    Raises:
        InputError: for another shape or type.

    Example:
        >>> data_uri(np.zeros((8, 8), dtype=np.uint8))[:22]
        'data:image/png;base64,'
    """
    grey_or_colour = pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] == 3)
    if pixels.dtype != np.uint8 or not grey_or_colour or 0 in pixels.shape:
        raise InputError(
            "a picture must be height × width or height × width × 3 in uint8, not "
            f"{pixels.shape} in {pixels.dtype}"
        )
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if max(image.size) > LARGEST:
        image.thumbnail((LARGEST, LARGEST))
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def groups(study: Study, most: int = 6) -> tuple[Group, ...]:
    """The most and the least robust inputs, and what went wrong; empty groups left out.

    Args:
        study: the inputs.
        most: how many in each group.
    """
    right = sorted((e for e in study.entries if e.correct), key=lambda e: (-e.radius, e.index))
    # With few certificates the two ends must not show the same inputs.
    ends = min(most, (len(right) + 1) // 2)
    wrong = [e for e in study.entries if e.predicted is not None and not e.correct]
    wrong.sort(key=lambda e: (-e.radius, e.index))
    none = [e for e in study.entries if e.predicted is None and not e.failed]
    none.sort(key=lambda e: (e.p_lower if e.p_lower is not None else 0.0, e.index))
    failed = sorted((e for e in study.entries if e.failed), key=lambda e: e.index)
    names = ("Most robust", "Least robust")
    if study.targets:  # a radius says when votes stopped
        names = ("Largest radii where votes stopped", "Smallest radii where votes stopped")
    bare = "No certificate" if study.asked is None else "No certificate at the stop"
    found = (
        (names[0], "The right class, with the largest radii.", right[:ends]),
        (names[1], "The right class, with the smallest radii.", right[ends:][::-1][:most]),
        ("Robustly wrong", "A wrong class, with the largest radii.", wrong[:most]),
        (bare, "Votes too divided to prove any class.", none[:most]),
        ("Failed", f"{len(failed)} in all, counted as not certified.", failed[:most]),
    )
    return tuple(
        Group(title=title, explanation=text, entries=tuple(entries))
        for title, text, entries in found
        if entries
    )
