"""A small convolutional network for 8×8, 28×28 and 32×32 images."""

from itertools import pairwise

from torch import nn

WIDTH = 16  # channels of the first convolution
SETTLED = 8  # halve the map until it is at most 8×8, at least once
HIDDEN = 64


def small_cnn(classes: int, shape: tuple[int, int, int]) -> nn.Sequential:
    """3×3 convolutions and two linear layers, all rectified.

    Each convolution after the first halves the map and doubles the channels.
    8×8: 16 and 32 channels, 116 thousand multiply-adds; 28×28: 16, 32, 64, 2.1 million.

    Example:
        >>> sum(p.numel() for p in small_cnn(10, (1, 8, 8)).parameters())
        38282
    """
    channels, height, width = shape
    widths = [channels, WIDTH]
    while len(widths) == 2 or max(height, width) > SETTLED:
        widths.append(2 * widths[-1])
        height, width = (height + 1) // 2, (width + 1) // 2
    layers: list[nn.Module] = []
    for place, (before, after) in enumerate(pairwise(widths)):
        stride = 1 if place == 0 else 2
        layers += [nn.Conv2d(before, after, 3, stride, padding=1), nn.ReLU()]
    features = widths[-1] * height * width
    head = [nn.Flatten(), nn.Linear(features, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, classes)]
    return nn.Sequential(*layers, *head)
