"""eᵏ(x + b): brightened, then scaled."""

from torch import Tensor

from certiball.transforms.amounts import per_pixel


def contrast_brightness(images: Tensor, contrast: Tensor, brightness: Tensor) -> Tensor:
    """Images eᵏ(x + b); nothing is clipped.

    By (k, b), then by (k′, b′), is by (k + k′, b + e⁻ᵏb′). The image eᵏx + c is that of
    (k, e⁻ᵏc).

    Args:
        images: [n, H, W] or [n, C, H, W].
        contrast: k of each image, [n].
        brightness: b of each image, [n], in the images' units.

    Raises:
        InputError: if the shapes are others.

    Example:
        >>> import torch
        >>> contrast_brightness(torch.ones(1, 1, 2), torch.tensor([0.0]), torch.tensor([0.5]))
        tensor([[[1.5000, 1.5000]]])
    """
    return (images + per_pixel(brightness, images)) * per_pixel(contrast, images).exp()
