"""CIFAR-10's binary batches."""

from pathlib import Path
from typing import Literal

import numpy as np

from certiball.datasets.arrays import ArrayDataset
from certiball.datasets.contents import contents
from certiball.errors import InputError
from certiball.shapes import Array
from certiball.spaces import Grid

RECORD = 1 + 3 * 32 * 32  # a label and three planes of pixels
CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
FILES = {
    "train": tuple(f"data_batch_{number}.bin" for number in range(1, 6)),
    "test": ("test_batch.bin",),
}


def cifar10(
    path: Path, split: Literal["train", "test"] = "test", *, space: Grid | None = None
) -> ArrayDataset:
    """CIFAR-10 from its binary version.

    Args:
        path: the folder cifar-10-batches-bin, or one .bin file of it (`split` is not used then).
        split: which batches of the folder.
        space: `Grid.uint8()` by default. Inputs have shape (3, 32, 32).

    Raises:
        InputError: if a batch is missing, truncated, or has a label above 9.

    Example:
        >>> cifar10(Path("cifar-10-batches-bin"), split="train")  # doctest: +SKIP
    """
    files = [path / name for name in FILES[split]] if path.is_dir() else [path]
    records = np.concatenate([_records(file) for file in files])
    return ArrayDataset(
        name=f"{path.name} ({split})" if path.is_dir() else path.name,
        space=space or Grid.uint8(),
        classes=CLASSES,
        inputs=records[:, 1:].reshape(-1, 3, 32, 32),
        labels=records[:, 0],
    )


def _records(path: Path) -> Array:
    data = contents(path)
    if not data or len(data) % RECORD:
        raise InputError(
            f"{path} has {len(data)} bytes, not a multiple of {RECORD} (a label and 3×32×32 "
            "pixels): it is truncated, or not a binary batch of CIFAR-10"
        )
    return np.frombuffer(data, dtype=np.uint8).reshape(-1, RECORD)
