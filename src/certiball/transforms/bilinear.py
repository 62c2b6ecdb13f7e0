"""An image between its pixels, and how steep it is there."""

import torch
from torch import Tensor
from torch.nn.functional import pad

EDGE = 1  # one row of zeros around: beyond it there is nothing but zeros


def bilinear(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Images at real places: linear between pixels along each axis, zero around the image.

    From the outermost pixels to the zeros beyond it is linear as well, so what is seen is
    continuous wherever the place moves. Pixel (i, j) is at the place (i, j).

    Args:
        images: [n, H, W] or [n, C, H, W], floats.
        rows: [n, h, w].
        columns: [n, h, w].

    Returns:
        [n, h, w] or [n, C, h, w].

    Example:
        >>> line = torch.tensor([[[1.0, 3.0]]])
        >>> bilinear(line, torch.zeros(1, 1, 3), torch.tensor([[[0.5, 1.5, 7.0]]]))
        tensor([[[2.0000, 1.5000, 0.0000]]])
    """
    framed = pad(images, (EDGE,) * 4)
    height, width = framed.shape[-2:]
    down, right = (rows + EDGE).clamp(0, height - 1), (columns + EDGE).clamp(0, width - 1)
    top, left = down.floor().clamp(max=height - 2), right.floor().clamp(max=width - 2)
    below, beside = down - top, right - left
    if images.ndim == 4:
        below, beside = below[:, None], beside[:, None]

    def corner(i: int, j: int) -> Tensor:
        return at(framed, top.long() + i, left.long() + j)

    upper = corner(0, 0) + beside * (corner(0, 1) - corner(0, 0))
    lower = corner(1, 0) + beside * (corner(1, 1) - corner(1, 0))
    return upper + below * (lower - upper)


def at(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Images [n, (C,) H, W] at whole places [n, h, w]."""
    each = torch.arange(len(images), device=images.device)[:, None, None]
    if images.ndim == 3:
        return images[each, rows, columns]
    return images.movedim(1, -1)[each, rows, columns].movedim(-1, 1)


def steepness(image: Tensor) -> Tensor:
    """The Lipschitz constant of a bilinear image in each cell between four pixels.

    In a cell the slope along an axis lies between those of its two edges along it. With gx and gy
    the larger of both in size, no direction is steeper than √(gx² + gy²); channels add in squares.

    Args:
        image: [H, W] or [C, H, W].

    Returns:
        [H + 1, W + 1]: cell (i, j) lies between the pixels (i − 1, j − 1) and (i, j), zeros
        around the image included.
    """
    framed = pad(image, (EDGE,) * 4)
    across, along = framed.diff(dim=-1).abs(), framed.diff(dim=-2).abs()
    gx = torch.maximum(across[..., 1:, :], across[..., :-1, :])
    gy = torch.maximum(along[..., :, 1:], along[..., :, :-1])
    squares = gx**2 + gy**2
    return (squares.sum(0) if image.ndim == 3 else squares).sqrt()
