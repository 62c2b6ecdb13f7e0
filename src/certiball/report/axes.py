"""Scales of hand-made charts."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The plotting area inside a picture, and how data meet its pixels.

    Args:
        width: of the whole picture, in pixels, like height and the four margins.
        height: see width.
        left: margin.
        right: margin.
        top: margin.
        bottom: margin.
        x_high: the data value at the right edge; the left edge is 0.
        y_high: the data value at the top; the bottom is 0.
    """

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    x_high: float
    y_high: float

    def x(self, value: float) -> float:
        """Pixels from the left."""
        room = self.width - self.left - self.right
        return self.left + room * value / self.x_high

    def y(self, value: float) -> float:
        """Pixels from the top."""
        room = self.height - self.top - self.bottom
        return self.height - self.bottom - room * value / self.y_high
