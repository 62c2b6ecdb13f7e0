"""A multilayer perceptron."""

import math

from torch import nn

HIDDEN = 256


def mlp(classes: int, shape: tuple[int, int, int]) -> nn.Sequential:
    """Two hidden layers of 256 rectified units.

    Example:
        >>> len(mlp(10, (1, 8, 8)))
        6
    """
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(math.prod(shape), HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, HIDDEN),
        nn.ReLU(),
        nn.Linear(HIDDEN, classes),
    )
