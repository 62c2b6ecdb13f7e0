"""From the bytes of an image file to levels. What is done here comes before the ball."""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from certiball.errors import InputError
from certiball.shapes import Array

if TYPE_CHECKING:
    from PIL.Image import Image

# Pillow knows some forty formats, and runs a program for one of them (PostScript).
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "PPM", "TIFF", "WEBP")
LARGEST = 2**26  # pixels of one image, before and after it is resized
EIGHT_BIT = ("1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr")


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """How an image becomes an input. The certificate's ball lives after it.

    Args:
        resize: pixels of the shorter side (bilinear, antialiased, the ratio kept), or None.
        crop: side in pixels of the centred square that is kept, or None.
        grayscale: one channel (ITU-R 601 luma) instead of RGB.

    Raises:
        InputError: if a size is not positive.

    Example:
        >>> Preparation(resize=256, crop=224)
        Preparation(resize=256, crop=224, grayscale=False)
    """

    resize: int | None = None
    crop: int | None = None
    grayscale: bool = False

    def __post_init__(self) -> None:
        for name, size in (("resize", self.resize), ("crop", self.crop)):
            if size is not None and size < 1:
                raise InputError(f"{name} must be at least 1 pixel, not {size}")


def decode(data: bytes, name: str, preparation: Preparation) -> Array:
    """An image file as levels 0..255, shape (3, H, W), or (1, H, W) in grayscale.

    Orientation tags are ignored and transparency is dropped, as the field's loaders do.

    Raises:
        InputError: naming the image, if it is damaged, of none of `FORMATS`, deeper than 8 bits,
            smaller than the crop, or has more than 2²⁶ pixels.

    Example:
        >>> decode(b"", "cat.png", Preparation())
        Traceback (most recent call last):
        certiball.errors.InputError: cat.png is not a readable image (...
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _check_size(image.size, name)
            if image.mode not in EIGHT_BIT:
                raise InputError(
                    f"{name} has mode {image.mode}, more than 8 bits a channel: convert it to "
                    "8 bits, or save the data as .npz and state its space"
                )
            pixels = np.asarray(_prepared(_plain(image, preparation), name, preparation))
    except InputError:
        raise
    except UnidentifiedImageError as error:  # which names an object in memory
        raise InputError(
            f"{name} is not a readable image (none of {', '.join(FORMATS)}): replace or remove it"
        ) from error
    except Exception as error:  # decoders raise anything for damaged data
        reason = str(error).split("\n")[0] or type(error).__name__
        raise InputError(
            f"{name} is not a readable image ({reason}): replace or remove it"
        ) from error
    return np.ascontiguousarray(
        pixels[np.newaxis] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    )


def _check_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width * height > LARGEST:
        raise InputError(
            f"{name} has {width}×{height} pixels, more than {LARGEST:,} in all: "
            "scale it down, or remove it"
        )


def _plain(image: "Image", preparation: Preparation) -> "Image":
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")  # straight to RGB, Pillow warns
    return image.convert("L" if preparation.grayscale else "RGB")


def _prepared(image: "Image", name: str, preparation: Preparation) -> "Image":
    from PIL import Image

    if preparation.resize is not None:
        shorter = min(image.size)
        width, height = (side * preparation.resize // shorter for side in image.size)
        _check_size((width, height), f"{name}, resized,")
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    crop = preparation.crop
    if crop is None:
        return image
    width, height = image.size
    if min(width, height) < crop:
        raise InputError(
            f"{name} has {width}×{height} pixels, less than the crop of {crop}: "
            f"resize to at least {crop} first, or crop less"
        )
    left, top = round((width - crop) / 2), round((height - crop) / 2)
    return image.crop((left, top, left + crop, top + crop))
