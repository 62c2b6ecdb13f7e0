"""Where a curve's name fits beside it without touching another curve."""

from collections.abc import Sequence
from dataclasses import dataclass

from certiball.report.axes import Frame
from certiball.report.curves import Curve, value_at

TRIES = 60  # places along each curve
ENOUGH = 22.0  # pixels to the nearest other curve; more is not better


@dataclass(frozen=True, kw_only=True)
class _Box:
    left: float
    right: float
    top: float
    bottom: float


def place_labels(
    texts: Sequence[str], curves: Sequence[Curve], frame: Frame, font: int
) -> list[tuple[float, float] | None]:
    """For each curve the left end of its name's baseline, or None where no place is free.

    Curves fall, so a name stands free of its own curve above and to the right of any point of it.

    Args:
        texts: the names.
        curves: one for each name.
        frame: the plotting area.
        font: text height in pixels.
    """
    placed: list[_Box] = []
    spots: list[tuple[float, float] | None] = []
    for series, text in enumerate(texts):
        others = [steps for place, steps in enumerate(curves) if place != series]
        width = 0.6 * font * len(text)
        best: tuple[float, _Box] | None = None
        for attempt in range(1, TRIES):
            radius = curves[series].radii[-1] * attempt / TRIES
            box = _box(radius, value_at(curves[series], radius), frame, (width, float(font)))
            room = _room(box, others, placed, frame)
            if room > (best[0] if best else 1.0):
                best = (room, box)
        if best is not None:
            placed.append(best[1])
        spots.append(None if best is None else (best[1].left, best[1].bottom - 0.2 * font))
    return spots


def _box(radius: float, value: float, frame: Frame, text: tuple[float, float]) -> _Box:
    left, bottom = frame.x(radius) + 7, frame.y(value) - 4
    return _Box(left=left, right=left + text[0], top=bottom - text[1], bottom=bottom)


def _room(box: _Box, others: list[Curve], placed: list[_Box], frame: Frame) -> float:
    """Pixels to the nearest other curve, up to ENOUGH; 0 where something is in the way."""
    if box.right > frame.width or box.top < frame.y(frame.y_high):
        return 0.0
    for other in placed:
        across = box.left < other.right + 8 and other.left < box.right + 8
        if across and box.top < other.bottom + 3 and other.top < box.bottom + 3:
            return 0.0
    room = ENOUGH
    for steps in others:
        # A falling curve takes every height between those at the box's two sides.
        highest = frame.y(value_at(steps, _radius(box.left - 6, frame)))
        lowest = frame.y(value_at(steps, _radius(box.right + 6, frame)))
        room = min(room, max(highest - box.bottom, box.top - lowest))
    return max(room, 0.0)


def _radius(pixels: float, frame: Frame) -> float:
    plotted = frame.width - frame.left - frame.right
    return max(0.0, (pixels - frame.left) / plotted * frame.x_high)
