"""A dataset held in memory: what digits, IDX, CIFAR and .npz files all become."""

from dataclasses import dataclass

import numpy as np

from certiball.datasets.names import check_names
from certiball.errors import InputError
from certiball.shapes import Array
from certiball.spaces import Grid, Space


@dataclass(frozen=True, kw_only=True, eq=False)
class ArrayDataset:
    """Labelled inputs in one array.

    Args:
        name: for people; it is in no digest.
        space: where the inputs live.
        classes: the names of the labels 0, 1, ….
        inputs: shape (n, …), images channels first; levels of the grid, or floats.
        labels: shape (n,), integers.

    Raises:
        InputError: if there are no inputs, an input lies outside of the space, a label is not the
            index of a class, or a class's name cannot be printed.

    Example:
        >>> import numpy as np
        >>> data = ArrayDataset(
        ...     name="two pixels",
        ...     space=Grid.uint8(),
        ...     classes=("dark", "light"),
        ...     inputs=np.array([[0], [255]], dtype=np.uint8),
        ...     labels=np.array([0, 1]),
        ... )
        >>> data[1]
        (array([255], dtype=uint8), 1)
    """

    name: str
    space: Space
    classes: tuple[str, ...]
    inputs: Array
    labels: Array

    def __post_init__(self) -> None:
        check_names(self.classes, self.name)
        inputs = _on_space(self.inputs, self.space, self.name)
        labels = _checked_labels(self.labels, len(self.classes), self.name)
        if len(inputs) != len(labels):
            raise InputError(
                f"{self.name} has {len(inputs)} inputs and {len(labels)} labels: "
                "give one label for each input"
            )
        for field, array in (("inputs", inputs), ("labels", labels)):
            view = array.view()
            view.flags.writeable = False
            object.__setattr__(self, field, view)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Array, int]:
        return self.inputs[index], int(self.labels[index])


def _on_space(inputs: Array, space: Space, name: str) -> Array:
    if inputs.ndim == 0 or inputs.size == 0:
        raise InputError(f"{name} is empty (shape {inputs.shape}): give at least one input")
    if not isinstance(space, Grid):
        return space.check(inputs)
    # Grid.levels makes int64 copies, too much for 50,000 images that are levels already.
    settled = np.issubdtype(inputs.dtype, np.integer) and (
        space.low <= int(inputs.min()) and int(inputs.max()) <= space.high
    )
    levels = inputs if settled else space.levels(inputs)
    return levels.astype(_smallest_type(space), copy=False)


def _smallest_type(space: Grid) -> np.dtype[np.integer]:
    for candidate in (np.uint8, np.int16, np.int32):
        limits = np.iinfo(candidate)
        if limits.min <= space.low and space.high <= limits.max:
            return np.dtype(candidate)
    return np.dtype(np.int64)


def _checked_labels(labels: Array, classes: int, name: str) -> Array:
    if labels.ndim != 1:
        raise InputError(
            f"the labels of {name} have shape {labels.shape}, not (n,): "
            "give class indices (argmax undoes one-hot labels)"
        )
    if not np.issubdtype(labels.dtype, np.integer):
        raise InputError(f"the labels of {name} are {labels.dtype}, not integers: convert them")
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise InputError(
            f"label {first} of {name} is {labels[first]}, out of range for {classes} classes: "
            f"labels run from 0 to {classes - 1}"
        )
    return labels.astype(np.int64)
