"""The residual networks for CIFAR of He et al. (arXiv 1512.03385, section 4.2), option A."""

import torch
from torch import nn

WIDTHS = (16, 32, 64)


class Block(nn.Module):
    """Two 3×3 convolutions and a shortcut without parameters."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, 1, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.stride = stride
        self.padding = (after - before) // 2  # channels of zeros on both sides

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Shape (n, before, H, W) to (n, after, H/stride, W/stride)."""
        out = torch.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.stride != 1 or self.padding:
            x = x[:, :, :: self.stride, :: self.stride]
            x = nn.functional.pad(x, (0, 0, 0, 0, self.padding, self.padding))
        return torch.relu(out + x)


class ResNet(nn.Module):
    """Depth 6n + 2: a convolution, three layers of n blocks, average pooling, a linear layer."""

    def __init__(self, blocks: int, classes: int, channels: int) -> None:
        super().__init__()
        first, second, third = WIDTHS
        self.conv1 = nn.Conv2d(channels, first, 3, 1, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(first)
        self.layer1 = _layer(blocks, first, first, 1)
        self.layer2 = _layer(blocks, first, second, 2)
        self.layer3 = _layer(blocks, second, third, 2)
        self.linear = nn.Linear(third, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(module.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Shape (n, channels, H, W) to logits (n, classes)."""
        out = torch.relu(self.bn1(self.conv1(x)))
        out = self.layer3(self.layer2(self.layer1(out)))
        logits: torch.Tensor = self.linear(out.mean(dim=(2, 3)))
        return logits


def _layer(blocks: int, before: int, after: int, stride: int) -> nn.Sequential:
    rest = (Block(after, after, 1) for _ in range(blocks - 1))
    return nn.Sequential(Block(before, after, stride), *rest)


def resnet20(classes: int, shape: tuple[int, int, int]) -> ResNet:
    """ResNet-20: 270 thousand parameters on CIFAR-10.

    Example:
        >>> sum(p.numel() for p in resnet20(10, (3, 32, 32)).parameters())
        269722
    """
    return ResNet(3, classes, shape[0])


def resnet56(classes: int, shape: tuple[int, int, int]) -> ResNet:
    """ResNet-56."""
    return ResNet(9, classes, shape[0])


def resnet110(classes: int, shape: tuple[int, int, int]) -> ResNet:
    """ResNet-110, on which the field reports CIFAR-10."""
    return ResNet(18, classes, shape[0])
