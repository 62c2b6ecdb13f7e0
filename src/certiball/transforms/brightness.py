"""x + b: the same number added to every pixel."""

from torch import Tensor

from certiball.transforms.amounts import per_pixel


def brightness(images: Tensor, amount: Tensor) -> Tensor:
    """Images brightened by b, or darkened where it is negative; nothing is clipped.

    Amounts add: brightness by a, then by b, is brightness by a + b.

    Args:
        images: [n, H, W] or [n, C, H, W].
        amount: b of each image, [n], in the images' units.

    Raises:
        InputError: if the shapes are others.

    Example:
        >>> import torch
        >>> brightness(torch.zeros(1, 1, 2), torch.tensor([0.5]))
        tensor([[[0.5000, 0.5000]]])
    """
    return images + per_pixel(amount, images)
