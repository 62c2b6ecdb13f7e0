"""A study small enough for tests: a linear network on eight pixels."""

import numpy as np
import torch

from certiball.classifiers.torch import TorchClassifier
from certiball.datasets.arrays import ArrayDataset
from certiball.spaces import Grid
from certiball.study.plan import StudyPlan
from certiball.study.subject import Subject

PLAN = StudyPlan(
    images=3,
    queries=40,
    votes=(3,),
    sigmas=(0.2,),
    trained=(),
    levels=(0.5,),
    judged=200,
    certified=4,
    samples=100,
    counted=6,
    calls=3,
    repeats=2,
    side=3,
)


def linear(scale: float = 1.0) -> TorchClassifier:
    """Class 1 where the mean is above one half."""
    layer = torch.nn.Linear(8, 2)
    with torch.no_grad():
        layer.weight.copy_(scale * torch.tensor([[-1.0], [1.0]]).expand(2, 8))
        layer.bias.copy_(scale * torch.tensor([4.0, -4.0]))
    return TorchClassifier(layer, num_classes=2)


def dataset() -> ArrayDataset:
    """Six dark and light inputs on the grid of 8-bit images, the last with a wrong label."""
    greys = np.array([70, 190, 90, 170, 60, 200], dtype=np.uint8)
    inputs = greys[:, None] + np.arange(8, dtype=np.uint8)
    labels = np.array([0, 1, 0, 1, 0, 0])
    return ArrayDataset(
        name="greys", space=Grid.uint8(), classes=("dark", "light"), inputs=inputs, labels=labels
    )


def subject(scale: float = 1.0) -> Subject:
    """The linear network and its images."""
    return Subject(dataset=dataset(), networks={("base", None): linear(scale)})
