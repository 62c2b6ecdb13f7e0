"""Datasets in NumPy's .npz archives."""

from collections.abc import Collection
from pathlib import Path

import numpy as np

from certiball.datasets.arrays import ArrayDataset
from certiball.datasets.names import numbered_classes
from certiball.errors import InputError
from certiball.reading import check_swelling, open_plain
from certiball.shapes import Array
from certiball.spaces import Grid, Reals, Space

PAIRS = (("x", "y"), ("x_test", "y_test"), ("images", "labels"), ("X", "Y"), ("data", "labels"))
CLASSES = "classes"


def npz(path: Path, *, space: Space | None = None) -> ArrayDataset:
    """Inputs and labels of an .npz file.

    The arrays are called x and y, or another pair of `PAIRS`; an array "classes" of strings names
    the labels. Images are channels first, (n, C, H, W); (n, H, W) is taken as one channel. Bytes
    live on `Grid.uint8()`; for other types the space must be stated.

    Raises:
        InputError: if the file is damaged or unpacks to more than 200 times its size, or the
            arrays are not there, hold Python objects, are channels last, or need a space.

    Example:
        >>> npz(Path("test.npz"), space=Grid.uint8())  # doctest: +SKIP
    """
    inputs, labels, classes = _load(path)
    if labels.ndim == 2 and labels.shape[1] == 1:  # as Keras keeps CIFAR
        labels = labels[:, 0]
    names = tuple(str(name) for name in classes.flat)
    if isinstance(space, Reals) and inputs.dtype == np.uint8:
        inputs = Grid.uint8().values(inputs)  # as bytes are taken, off their grid
    return ArrayDataset(
        name=path.name,
        space=space or _space(inputs, path),
        classes=names or numbered_classes(labels),
        inputs=_channels_first(inputs, path),
        labels=labels,
    )


def _load(path: Path) -> tuple[Array, Array, Array]:
    """Inputs, labels and names of classes (perhaps none); whatever else is there stays packed."""
    try:
        # NumPy leaves a damaged file open when it opens it itself.
        with open_plain(path) as file:
            archive = np.load(file, allow_pickle=False)
            if isinstance(archive, np.lib.npyio.NpzFile):
                return _members(archive, path)
            reason = "it is a lone array"
    except InputError:
        raise
    except Exception as error:  # zipfile, zlib and the readers of headers raise many types
        reason = str(error).partition("\n")[0] or type(error).__name__
    raise InputError(
        f"cannot read {path} as .npz ({reason}): "
        "save plain arrays with numpy.savez(path, x=inputs, y=labels)"
    )


def _members(archive: "np.lib.npyio.NpzFile", path: Path) -> tuple[Array, Array, Array]:
    x, y = _pair(archive.files, path)
    wanted = [name for name in (x, y, CLASSES) if name in archive.files]
    infos = archive.zip.infolist() if archive.zip is not None else []
    sizes = [info.file_size for info in infos if info.filename.removesuffix(".npy") in wanted]
    check_swelling(path, path.stat().st_size, sum(sizes))
    arrays = {name: archive[name] for name in wanted}
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):
        raise ValueError("it holds other files than arrays")
    return arrays[x], arrays[y], arrays.get(CLASSES, np.array([], dtype=str))


def _pair(names: Collection[str], path: Path) -> tuple[str, str]:
    for x, y in PAIRS:
        if x in names and y in names:
            return x, y
    found = ", ".join(sorted(names)) or "nothing"
    known = "; ".join(f"{x} and {y}" for x, y in PAIRS)
    raise InputError(f"{path} holds {found}; name the inputs and labels one of: {known}")


def _space(inputs: Array, path: Path) -> Space:
    if inputs.dtype == np.uint8:
        return Grid.uint8()
    raise InputError(
        f"the inputs of {path} are {inputs.dtype}, so their space is not known: state it, as the "
        "grid that they lie on (uint16 or uint12 for images of 16 or 12 bits) or as an interval"
    )


def _channels_first(inputs: Array, path: Path) -> Array:
    if inputs.ndim == 3:
        return inputs[:, np.newaxis]
    if inputs.ndim == 4 and inputs.shape[3] in (1, 3) and inputs.shape[1] not in (1, 3):
        raise InputError(
            f"the images of {path} have shape {inputs.shape[1:]}, channels last: "
            "save them channels first, x.transpose(0, 3, 1, 2)"
        )
    return inputs
