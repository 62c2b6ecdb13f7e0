"""What every classifier adapter must do, whatever it adapts."""

import numpy as np
import pytest
import torch
from sklearn.tree import DecisionTreeClassifier
from torch import nn

from certiball import (
    FunctionClassifier,
    Gaussian,
    Grid,
    SklearnClassifier,
    Smoothed,
    TorchClassifier,
)
from certiball.classifiers import Classifier
from certiball.execution import Block, Execution
from certiball.samplers.streams import Phase
from certiball.sampling import count_votes


def bright(x):
    return (x.reshape(len(x), -1).mean(1) > 0.5).astype(np.int64)


class Bright(nn.Module):
    def forward(self, x):
        mean = x.flatten(1).mean(1)
        return torch.stack([0.5 - mean, mean - 0.5, torch.full_like(mean, -9.0)], 1)


def tree():
    rows = np.linspace(0, 1, 300).repeat(4).reshape(300, 4).astype(np.float32)
    return DecisionTreeClassifier().fit(rows, (rows[:, 0] > 0.5) + (rows[:, 0] > 0.99).astype(int))


@pytest.fixture(params=["torch", "numpy", "scores", "sklearn"])
def classifier(request):
    return {
        "torch": lambda: TorchClassifier(Bright(), num_classes=3),
        "numpy": lambda: FunctionClassifier(bright, num_classes=3),
        "scores": lambda: FunctionClassifier(Bright(), num_classes=3, takes="torch"),
        "sklearn": lambda: SklearnClassifier(tree()),
    }[request.param]()


def test_it_fits_the_protocol(classifier):
    assert isinstance(classifier, Classifier)
    assert classifier.num_classes == 3


def test_it_answers_batches_of_any_size_with_labels_or_scores(classifier):
    for size in (1, 5):
        output = classifier(torch.full((size, 2, 2), 0.2))
        labels = output.argmax(1) if output.ndim == 2 else output
        assert labels.tolist() == [0] * size


def test_its_votes_can_be_counted(classifier):
    g = Smoothed(classifier, Gaussian(sigma=0.1), space=Grid.uint8())
    blocks = [Block(input=0, phase=Phase.ESTIMATION, first=0, samples=100)]
    [counts] = count_votes(g, {0: np.full((2, 2), 40)}, blocks, 5, Execution(batch=16))
    assert counts.sum() == 100
    assert counts.sum(0)[0] > 90
