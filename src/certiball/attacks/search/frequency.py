"""Low frequencies: a part of an orthonormal basis of cosines (DCT-II), from which attacks draw.

A picture is transformed along its last two axes, each channel alone; [d] has no rows and columns
and is transformed along its one axis, so its frequencies are those of its numbers' order. Length
is kept: coefficients of unit length are an input of unit length.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64, Shaped
from scipy.fft import dct, idct

from certiball.errors import InputError
from certiball.shapes import Array, Batch

Coefficients = Float64[np.ndarray, "n kept"]
Planes = Shaped[np.ndarray, "..."]


@dataclass(frozen=True, kw_only=True, eq=False)
class Frequencies:
    """The span of some cosines: the coefficients of an orthonormal basis that are kept.

    Args:
        shape: of one input, [d], [H, W] or [C, H, W].
        places: of the kept coefficients, in the flattened transform, int64 [kept].
        block: side of the blocks that are transformed one by one, as JPEG does; None for the whole
            picture at once. Where it does not divide a side, the last blocks are smaller.

    Example:
        >>> flat = lowest((2, 2), fraction=0.25)
        >>> flat.inputs(np.array([[2.0]]))
        array([[[1., 1.],
                [1., 1.]]])
    """

    shape: tuple[int, ...]
    places: Int64[np.ndarray, " kept"]
    block: int | None = None

    @property
    def count(self) -> int:
        """How many coefficients are kept: the dimension of the span."""
        return len(self.places)

    def inputs(self, coefficients: Coefficients) -> Batch:
        """What coefficients [n, kept] stand for, float64 [n, *shape]."""
        planes = np.zeros((len(coefficients), math.prod(self.shape)))
        planes[:, self.places] = coefficients
        return _along_axes(planes.reshape(-1, *self.shape), self.block, idct)

    def coefficients(self, inputs: Batch) -> Coefficients:
        """The kept coefficients [n, kept] of inputs [n, *shape]: their projection on the span."""
        planes = _along_axes(inputs.astype(np.float64), self.block, dct)
        kept: Coefficients = planes.reshape(len(inputs), -1)[:, self.places]
        return kept


def lowest(shape: tuple[int, ...], *, fraction: float, block: int | None = None) -> Frequencies:
    """The lowest frequencies in zig-zag order, so many of those of each channel (and block).

    Args:
        shape: of one input, [d], [H, W] or [C, H, W].
        fraction: of the coefficients, above 0 and at most 1; at least one is kept.
        block: side of the blocks, or None for the whole picture.

    Raises:
        InputError: if the shape is empty, or the fraction or the block is out of range.

    Example:
        >>> lowest((3, 32, 32), fraction=0.5).count, lowest((10,), fraction=0.3).places
        (1536, array([0, 1, 2]))
    """
    check_band(fraction, block)
    plane = tuple(min(block or side, side) for side in _plane(shape))
    kept = _zigzag_ranks(plane) < max(1, round(fraction * math.prod(plane)))
    return Frequencies(shape=shape, places=_places(shape, kept), block=block)


def check_band(fraction: float, block: int | None) -> None:
    """What `lowest` takes.

    Raises:
        InputError: if one of them is out of range.
    """
    if not 0 < fraction <= 1:
        raise InputError(
            f"fraction must be above 0 and at most 1, not {fraction}: "
            "it is the part of the frequencies that are used"
        )
    if block is not None and block < 1:
        raise InputError(f"block must be at least 1, not {block}: DCT blocks are 8 by habit")


def lowest_square(shape: tuple[int, ...], *, side: int) -> Frequencies:
    """The side × side lowest frequencies of each channel, or all where the picture is smaller.

    [d] has no two axes: there the side² lowest are kept.

    Raises:
        InputError: if the shape is empty or the side is below 1.

    Example:
        >>> lowest_square((3, 224, 224), side=75).count, lowest_square((784,), side=10).count
        (16875, 100)
    """
    if side < 1:
        raise InputError(f"side must be at least 1, not {side}: it counts frequencies along a side")
    plane = _plane(shape)
    reach = side if len(plane) == 2 else side * side
    kept = np.all(np.indices(plane) < reach, axis=0)
    return Frequencies(shape=shape, places=_places(shape, kept))


def _plane(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The axes that are transformed: the last two, or the only one."""
    if not shape or min(shape) < 1:
        raise InputError(
            f"inputs of shape {list(shape)} have no frequencies: give [d], [H, W] or [C, H, W]"
        )
    return shape[-2:]


def _zigzag_ranks(plane: tuple[int, ...]) -> Planes:
    """The rank of each frequency: diagonals in order, up one and down the next."""
    where = np.indices(plane)
    diagonal = where.sum(axis=0)
    along = np.where(diagonal % 2 == 0, where[-1], where[0])
    ranks = np.empty(plane, dtype=np.int64)
    ranks.flat[np.lexsort((along.ravel(), diagonal.ravel()))] = np.arange(ranks.size)
    return ranks


def _places(shape: tuple[int, ...], kept: Planes) -> Int64[np.ndarray, " kept"]:
    """The flat places of a mask of one block's frequencies, in all blocks and channels."""
    repeated = np.ix_(*(np.arange(n) % m for n, m in zip(shape[-2:], kept.shape, strict=True)))
    return np.flatnonzero(np.broadcast_to(kept[repeated], shape))


def _along_axes(batch: Batch, block: int | None, transform: Callable[..., Array]) -> Batch:
    """Transformed along the last two axes, or the only one, in blocks."""
    for axis in (-1,) if batch.ndim == 2 else (-1, -2):
        size = batch.shape[axis]
        side = min(block or size, size)
        whole = size - size % side
        lines = np.moveaxis(batch, axis, -1)
        ends = lines.shape[:-1]
        found = np.empty(lines.shape)
        blocks = lines[..., :whole].reshape(*ends, -1, side)
        found[..., :whole] = transform(blocks, norm="ortho").reshape(*ends, whole)
        if whole < size:
            found[..., whole:] = transform(lines[..., whole:], norm="ortho")
        batch = np.moveaxis(found, -1, axis)
    return batch
