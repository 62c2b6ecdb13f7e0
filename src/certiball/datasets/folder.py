"""Images in class folders, on disk or in a zip archive."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from certiball.datasets.members import image_members, member_bytes
from certiball.datasets.names import check_names
from certiball.datasets.preparation import Preparation, decode
from certiball.errors import InputError
from certiball.shapes import Array
from certiball.spaces import Grid, Space


@dataclass(frozen=True, kw_only=True, eq=False)
class ImageFolder:
    """Images decoded when they are fetched; see `folder`.

    `files` are names inside `source`, sorted, so that an index means the same image every time.
    Every image must come out in `shape`, the first image's.
    """

    name: str
    space: Space
    classes: tuple[str, ...]
    source: Path
    files: tuple[str, ...]
    preparation: Preparation
    shape: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Array, int]:
        file = self.files[index]
        levels = _levels(self.source, file, self.preparation)
        if levels.shape != self.shape:
            raise InputError(
                f"{file} of {self.source} has shape {levels.shape}, the first image "
                f"{self.shape}: give a size to resize to and to crop (--resize, --crop)"
            )
        return levels, self.classes.index(PurePosixPath(file).parent.name)


def folder(
    source: Path, preparation: Preparation | None = None, *, space: Grid | None = None
) -> ImageFolder:
    """The images of a folder or a zip whose class is the name of the folder they lie in.

    Args:
        source: a folder (test/cat/0.png: give test) or a zip (members like test/cat/0.png).
        preparation: resize, crop, grayscale; by default images are taken as they are, in RGB.
        space: `Grid.uint8()` by default.

    Raises:
        InputError: if there is no image, an image lies in no class folder, the class folders lie
            in several places (train/cat and test/cat), a class's name cannot be printed, or the
            first image cannot be decoded.

    Example:
        >>> folder(Path("imagenet/val"), Preparation(resize=256, crop=224))  # doctest: +SKIP
    """
    preparation = preparation or Preparation()
    files = tuple(image_members(source))
    classes = _classes(files, source)
    check_names(classes, source.name)
    return ImageFolder(
        name=source.name,
        space=space or Grid.uint8(),
        classes=classes,
        source=source,
        files=files,
        preparation=preparation,
        shape=_levels(source, files[0], preparation).shape,
    )


def _levels(source: Path, file: str, preparation: Preparation) -> Array:
    return decode(member_bytes(source, file), f"{file} of {source}", preparation)


def _classes(files: tuple[str, ...], source: Path) -> tuple[str, ...]:
    folders = {PurePosixPath(file).parent for file in files}
    if PurePosixPath(".") in folders:
        stray = next(file for file in files if "/" not in file)
        raise InputError(
            f"{stray} of {source} lies in no class folder: put it in a folder named for its class, "
            "or give the folder above"
        )
    places = sorted({str(folder.parent) for folder in folders})
    if len(places) > 1:
        raise InputError(
            f"{source} has class folders in {len(places)} places ({', '.join(places[:3])}): "
            "give one of them, so that splits do not mix"
        )
    return tuple(sorted(folder.name for folder in folders))
