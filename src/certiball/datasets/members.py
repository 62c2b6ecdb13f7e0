"""The image files of a folder or a zip archive, by name."""

import os
import zipfile
from functools import lru_cache
from itertools import pairwise
from pathlib import Path, PurePosixPath

from certiball.errors import InputError
from certiball.reading import check_swelling, open_plain, read_plain

LARGEST = 2**28  # bytes of one image file
IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".ppm", ".pgm", ".tif", ".tiff", ".webp")


def image_members(source: Path) -> list[str]:
    """The names of all images below a folder or in a zip, sorted, with forward slashes.

    Hidden files, a Mac's `__MACOSX` and what lies outside ("../x.png") are left out. Symbolic
    links are followed.

    Raises:
        InputError: if the zip is damaged or holds a name twice, links lead to one folder twice or
            round in circles, or there is no image.

    Example:
        >>> image_members(Path("test.zip"))  # doctest: +SKIP
        ['test/cat/0000.jpg', 'test/dog/0000.jpg']
    """
    names = _walk(source) if source.is_dir() else _archive(source, _stamp(source)).namelist()
    images = sorted(name for name in names if _is_image(PurePosixPath(name)))
    if not images:
        raise InputError(f"{source} holds no images ({', '.join(IMAGES)}): check the path")
    twice = next((name for name, other in pairwise(images) if name == other), None)
    if twice is not None:
        raise InputError(f"{source} holds {twice} twice: which is meant cannot be known; repack it")
    return images


def member_bytes(source: Path, name: str) -> bytes:
    """The bytes of one file of a folder or a zip.

    Raises:
        InputError: naming the file, if it cannot be read.
    """
    if source.is_dir():
        return read_plain(source / name, most=LARGEST)
    archive = _archive(source, _stamp(source))
    try:
        info = archive.getinfo(name)
        packed = min(info.compress_size, source.stat().st_size)  # what it says may be too much
        check_swelling(source / name, packed, info.file_size)
        return archive.read(info)
    except InputError:
        raise
    except Exception as error:  # zipfile and the decompressors raise many types
        raise InputError(
            f"cannot read {name} of {source} ({error}): replace or remove it"
        ) from error


def _is_image(name: PurePosixPath) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in name.parts)
    return name.suffix.lower() in IMAGES and not hidden


def _walk(folder: Path) -> list[str]:
    names, seen = [], set()
    for place, folders, files in os.walk(folder, followlinks=True):
        folders.sort()  # so that the message is the same everywhere
        here = Path(place).stat()
        if (here.st_dev, here.st_ino) in seen:
            raise InputError(f"{place} links to a folder that is listed already: remove the link")
        seen.add((here.st_dev, here.st_ino))
        names += [(Path(place) / file).relative_to(folder).as_posix() for file in files]
    return names


def _stamp(path: Path) -> tuple[int, int]:
    # A forked process must not share the file's position, and a rewritten file is another file.
    return os.getpid(), path.stat().st_mtime_ns


@lru_cache(maxsize=8)
def _archive(path: Path, stamp: tuple[int, int]) -> zipfile.ZipFile:
    # Kept open: reading the directory of 50,000 names anew takes longer than an image.
    del stamp
    open_plain(path).close()  # no pipe, which would be waited for
    try:
        return zipfile.ZipFile(path)
    except Exception as error:  # a damaged directory raises many types
        raise InputError(f"{path} is not a readable zip ({error}): download it again") from error
