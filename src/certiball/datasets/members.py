"""The image files of a folder or a zip archive, by name."""

import os
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path, PurePosixPath

from certiball.errors import InputError

IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".ppm", ".pgm", ".tif", ".tiff", ".webp")


def image_members(source: Path) -> list[str]:
    """The names of all images below a folder or in a zip, sorted, with forward slashes.

    Hidden files and a Mac's `__MACOSX` are left out. Symbolic links are followed.

    Raises:
        InputError: if the zip is damaged, or there is no image.

    Example:
        >>> image_members(Path("test.zip"))  # doctest: +SKIP
        ['test/cat/0000.jpg', 'test/dog/0000.jpg']
    """
    names = _walk(source) if source.is_dir() else _archive(source, _stamp(source)).namelist()
    images = sorted(name for name in names if _is_image(PurePosixPath(name)))
    if not images:
        raise InputError(f"{source} holds no images ({', '.join(IMAGES)}): check the path")
    return images


def member_bytes(source: Path, name: str) -> bytes:
    """The bytes of one file of a folder or a zip.

    Raises:
        InputError: naming the file, if it cannot be read.
    """
    broken = (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, KeyError)
    try:
        if source.is_dir():
            return (source / name).read_bytes()
        return _archive(source, _stamp(source)).read(name)
    except broken as error:
        raise InputError(
            f"cannot read {name} of {source} ({error}): replace or remove it"
        ) from error


def _is_image(name: PurePosixPath) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in name.parts)
    return name.suffix.lower() in IMAGES and not hidden


def _walk(folder: Path) -> list[str]:
    return [
        (Path(place) / file).relative_to(folder).as_posix()
        for place, _, files in os.walk(folder, followlinks=True)
        for file in files
    ]


def _stamp(path: Path) -> tuple[int, int]:
    # A forked process must not share the file's position, and a rewritten file is another file.
    return os.getpid(), path.stat().st_mtime_ns


@lru_cache(maxsize=8)
def _archive(path: Path, stamp: tuple[int, int]) -> zipfile.ZipFile:
    # Kept open: reading the directory of 50,000 names anew takes longer than an image.
    del stamp
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is not a readable zip ({error}): download it again") from error
