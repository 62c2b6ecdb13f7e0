"""A parameter for each image, shaped so that it meets every pixel."""

from torch import Tensor

from certiball.errors import InputError


def per_pixel(amounts: Tensor, images: Tensor) -> Tensor:
    """Parameters [n] as [n, 1, …, 1], beside images [n, …, H, W].

    Raises:
        InputError: if the images are not [n, H, W] or [n, C, H, W], or there is not one
            parameter for each.
    """
    if images.ndim not in (3, 4) or amounts.shape != images.shape[:1]:
        raise InputError(
            f"images must be [n, H, W] or [n, C, H, W] with a parameter for each, [n], not of "
            f"shapes {list(images.shape)} and {list(amounts.shape)}"
        )
    return amounts.reshape(-1, *[1] * (images.ndim - 1))
