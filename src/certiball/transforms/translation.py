"""Shifts by whole pixels: rolled around the edges, or with borders that do not come back."""

import torch
from torch import Tensor

from certiball.errors import InputError
from certiball.transforms.amounts import per_pixel

BORDERS = ("circular", "black", "reflect")


def translation(images: Tensor, down: Tensor, right: Tensor, border: str = "circular") -> Tensor:
    """Images moved by whole pixels.

    Args:
        images: [n, H, W] or [n, C, H, W], of any type.
        down: how far each image moves down, whole numbers [n]; negative moves it up.
        right: likewise to the right.
        border: what comes in from outside: the other side of the image (`circular`, the only one
            where two shifts make a third), zeros (`black`), or the image mirrored at the centres
            of its edge pixels (`reflect`).

    Raises:
        InputError: if the shapes are others, or there is no such border.

    Example:
        >>> import torch
        >>> one, none = torch.tensor([1]), torch.tensor([0])
        >>> translation(torch.arange(3)[None, None], none, one)
        tensor([[[2, 0, 1]]])
        >>> translation(torch.arange(1, 4)[None, None], none, one, border="black")
        tensor([[[0, 1, 2]]])
        >>> translation(torch.arange(3)[None, None], none, one, border="reflect")
        tensor([[[1, 0, 1]]])
    """
    if border not in BORDERS:
        raise InputError(f"border must be one of {', '.join(BORDERS)}, not {border!r}")
    per_pixel(down, images), per_pixel(right, images)
    height, width = images.shape[-2:]
    rows, high = _sources(down, height, border)
    columns, wide = _sources(right, width, border)
    lines = torch.arange(len(images), device=images.device)[:, None, None]
    channels_last = images.movedim(1, -1) if images.ndim == 4 else images
    moved = channels_last[lines, rows[:, :, None], columns[:, None, :]]
    inside = high[:, :, None] & wide[:, None, :]
    if images.ndim == 3:
        return moved * inside
    return (moved * inside[..., None]).movedim(-1, 1)


def _sources(shift: Tensor, size: int, border: str) -> tuple[Tensor, Tensor]:
    """For each place on an axis, where its pixel comes from, [n, size], and whether any does."""
    place = torch.arange(size, device=shift.device) - shift[:, None]
    if border == "circular":
        return place % size, torch.ones_like(place, dtype=torch.bool)
    if border == "black":
        return place.clamp(0, size - 1), (place >= 0) & (place < size)
    period = max(1, 2 * size - 2)
    folded = place % period
    return torch.minimum(folded, period - folded), torch.ones_like(place, dtype=torch.bool)
