"""Linear torch models, of which the worst point of every ball is known."""

import torch
from torch import nn

from certiball.attacks.oracle import BaseOracle
from certiball.classifiers.torch import TorchClassifier


def linear(weights, bias):
    """Scores w·x + b of inputs [n, ...], float64 inside so that no rounding blurs a tie."""
    layer = nn.Linear(weights.shape[1], weights.shape[0]).double()
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weights))
        layer.bias.copy_(torch.from_numpy(bias))
    return TorchClassifier(nn.Sequential(nn.Flatten(), layer), num_classes=len(bias))


def oracle(weights, bias, space):
    return BaseOracle(linear(weights, bias), space)
