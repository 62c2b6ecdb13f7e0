"""A dataset from a name or a path: the one place where such a string is read."""

from pathlib import Path
from typing import Literal

from certiball.datasets import Dataset
from certiball.datasets.cifar import FILES, cifar10
from certiball.datasets.digits import digits
from certiball.datasets.folder import folder
from certiball.datasets.idx import idx
from certiball.datasets.in_reals import InReals
from certiball.datasets.npz import npz
from certiball.datasets.preparation import Preparation
from certiball.errors import InputError
from certiball.reading import is_there
from certiball.spaces import Grid, Reals, Space

KINDS = (
    "digits or digits:train; a folder or .zip of images in class folders; an .npz; a CIFAR-10 "
    "binary folder (also FOLDER:train) or .bin file; an IDX file of images with its labels beside"
)
Split = Literal["train", "test"]


def open_dataset(
    source: str | Path, *, preparation: Preparation | None = None, space: Space | None = None
) -> Dataset:
    """The dataset that a string means.

    Args:
        source: "digits", "digits:train", a folder or .zip of images, an .npz, a CIFAR-10 binary
            folder (with :train for its training batches) or .bin file, an IDX file of images.
        preparation: resize, crop and grayscale, for folders and zips of images only.
        space: where the inputs live, if not where their kind of file says. `Reals` takes data that
            have a grid off it, for noise that has no version on a grid.

    Raises:
        InputError: if the path does not exist, is of no known kind, or takes no such option.

    Example:
        >>> open_dataset("digits:train").name
        'digits (train)'
    """
    text, _ = _split(str(source))
    if not isinstance(space, Reals) or text.endswith(".npz"):
        return _open(str(source), preparation, space)
    return InReals(data=_open(str(source), preparation, None), space=space)


def _open(source: str, preparation: Preparation | None, space: Space | None) -> Dataset:
    text, split = _split(source)
    if text == "digits":
        _refuse("digits", preparation=preparation, space=space)
        return digits(split or "test")
    path = Path(text)
    if not is_there(path):
        raise InputError(f"no data at {text!r}: give {KINDS}")
    kind = _kind(path)
    if split is not None and kind != "cifar":
        raise InputError(f"{text} has no {split} split to choose: give its path alone")
    if kind == "npz":
        _refuse(text, preparation=preparation)
        return npz(path, space=space)
    grid = _grid(text, space)
    if kind == "folder":
        return folder(path, preparation, space=grid)
    _refuse(text, preparation=preparation)
    if kind == "idx":
        return idx(path, space=grid)
    return cifar10(path, split or "test", space=grid)


def _split(text: str) -> tuple[str, Split | None]:
    if is_there(Path(text)):
        return text, None
    if text.endswith(":train"):
        return text.removesuffix(":train"), "train"
    if text.endswith(":test"):
        return text.removesuffix(":test"), "test"
    return text, None


def _kind(path: Path) -> Literal["folder", "npz", "cifar", "idx"]:
    if path.is_dir():
        batches = (path / name for names in FILES.values() for name in names)
        return "cifar" if any(batch.exists() for batch in batches) else "folder"
    if path.suffix == ".zip":
        return "folder"
    if path.suffix == ".npz":
        return "npz"
    if path.suffix == ".bin":
        return "cifar"
    if "idx" in path.name:
        return "idx"
    raise InputError(f"{path} is of no kind that is known: give {KINDS}")


def _refuse(name: str, *, preparation: Preparation | None, space: Space | None = None) -> None:
    if preparation is not None and preparation != Preparation():
        raise InputError(
            f"{name} cannot be resized, cropped or made gray: only folders and zips of images can"
        )
    if space is not None:
        raise InputError(f"{name} has its own grid: state no space")


def _grid(name: str, space: Space | None) -> Grid | None:
    if space is None or isinstance(space, Grid):
        return space
    raise InputError(
        f"{name} holds 8-bit images, which have a grid, not {space}: state a Grid, or none"
    )
