"""IDX files, as MNIST and its relatives are published, gzipped or not."""

import math
import struct
from pathlib import Path

import numpy as np

from certiball.datasets.arrays import ArrayDataset
from certiball.datasets.contents import contents
from certiball.datasets.names import numbered_classes
from certiball.errors import InputError
from certiball.shapes import Array
from certiball.spaces import Grid

UNSIGNED_BYTE = 0x08


def idx(images: Path, labels: Path | None = None, *, space: Grid | None = None) -> ArrayDataset:
    """Images and labels of two IDX files of unsigned bytes.

    Args:
        images: the file of images, three dimensions (n, H, W); inputs get shape (1, H, W).
        labels: the file of labels; by default the images' neighbour by MNIST's naming
            (t10k-images-idx3-ubyte.gz → t10k-labels-idx1-ubyte.gz).
        space: `Grid.uint8()` by default.

    Raises:
        InputError: if a file is missing, not IDX, truncated, or the two do not fit each other.

    Example:
        >>> idx(Path("t10k-images-idx3-ubyte.gz"))  # doctest: +SKIP
    """
    labels = labels_beside(images) if labels is None else labels
    pixels, targets = _array(images, dimensions=3), _array(labels, dimensions=1)
    return ArrayDataset(
        name=images.name,
        space=space or Grid.uint8(),
        classes=numbered_classes(targets, at_least=10),
        inputs=pixels[:, np.newaxis],
        labels=targets,
    )


def labels_beside(images: Path) -> Path:
    """Where MNIST's naming puts the labels of a file of images.

    Raises:
        InputError: if the name has no "images", or there is no such file.
    """
    if "images" not in images.name:
        raise InputError(
            f"{images} holds no 'images' in its name, so its labels cannot be found: "
            "name the files like t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte"
        )
    name = images.name.replace("images", "labels").replace("idx3", "idx1")
    beside = images.with_name(name)
    other = beside.with_suffix("") if beside.suffix == ".gz" else beside.with_name(f"{name}.gz")
    for candidate in (beside, other):
        if candidate.is_file():
            return candidate
    raise InputError(f"no labels for {images}: put {name} (or {other.name}) beside it")


def _array(path: Path, *, dimensions: int) -> Array:
    data = contents(path)
    if len(data) < 4 or data[:2] != b"\x00\x00":
        raise InputError(
            f"{path} is not an IDX file (it starts with {data[:4].hex() or 'nothing'}, "
            "IDX with 0000): check the path"
        )
    if data[2] != UNSIGNED_BYTE or data[3] != dimensions:
        raise InputError(
            f"{path} has IDX type 0x{data[2]:02x} with {data[3]} dimensions, not unsigned bytes "
            f"(0x08) with {dimensions}: give another file"
        )
    header = 4 + 4 * dimensions
    sizes = struct.unpack(f">{dimensions}I", data[4:header].ljust(4 * dimensions, b"\x00"))
    if len(data) < header or len(data) - header != math.prod(sizes):
        raise InputError(
            f"{path} holds {max(0, len(data) - header)} bytes where its header says {sizes}: "
            "it is truncated or damaged, download it again"
        )
    return np.frombuffer(data, dtype=np.uint8, offset=header).reshape(sizes)
