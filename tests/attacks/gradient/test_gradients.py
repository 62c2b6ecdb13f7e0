"""Gradients are those of the losses, and are counted where they are computed."""

import numpy as np
import pytest
import torch
from torch import nn

from certiball.attacks.gradient.gradients import Gradients, classifier_of
from certiball.attacks.linear import LinearOracle
from certiball.attacks.oracle import BaseOracle, SmoothedOracle
from certiball.classifiers.function import FunctionClassifier
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError, ModelError
from certiball.laws.gaussian import Gaussian
from certiball.smoothed import Smoothed
from certiball.spaces import Grid

OWNERS = torch.tensor([2, 0, 2, 2])


def net():
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return nn.Sequential(nn.Flatten(), nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3))


def points():
    return torch.rand(4, 2, 3, generator=torch.Generator().manual_seed(2))


def margin(scores, owners):
    return scores[:, 1] - scores[:, 0] * (1 + owners)


def test_gradients_are_the_slopes_of_each_rows_own_loss():
    gradients = Gradients(TorchClassifier(net(), num_classes=3), images=3, batch=3)
    scores, values, slopes = gradients.of(points(), OWNERS, margin)
    assert torch.equal(scores, gradients.scores(points(), OWNERS))
    model = net().double()
    for row in range(4):

        def loss(x, owner=OWNERS[row]):
            return margin(model(x[None]), owner)[0]

        found = torch.autograd.functional.jacobian(loss, points()[row].double())
        assert torch.allclose(slopes[row].double(), found, atol=1e-6)
        assert values[row] == pytest.approx(loss(points()[row].double()).item(), abs=1e-6)


def test_forwards_and_backwards_are_counted_image_by_image():
    gradients = Gradients(TorchClassifier(net(), num_classes=3), images=4, batch=3)
    gradients.scores(points(), OWNERS)
    gradients.of(points(), OWNERS, margin)
    _, values, slopes = gradients.of(points(), OWNERS, lambda scores, owners: scores.T)
    assert values.shape == (3, 4)
    assert slopes.shape == (3, 4, 2, 3)
    assert gradients.forwards.tolist() == [3, 0, 9, 0]
    assert gradients.backwards.tolist() == [4, 0, 12, 0]  # one, and three of the three scores


def test_weights_get_no_gradients_and_are_left_as_they_are():
    model = net()
    with torch.inference_mode():  # whatever mode the caller is in
        Gradients(TorchClassifier(model, num_classes=3), images=3).of(points(), OWNERS, margin)
    assert all(weight.grad is None for weight in model.parameters())


@pytest.mark.parametrize(
    ("classifier", "words"),
    [
        (FunctionClassifier(lambda x: x, 2), "a FunctionClassifier has no gradients: wrap"),
        (TorchClassifier(net(), 3, "compile"), "compile has no gradients: attack TorchClassifier"),
    ],
    ids=["function", "compiled"],
)
def test_others_are_refused(classifier, words):
    with pytest.raises(InputError, match=words):
        Gradients(classifier, images=1)


@pytest.mark.parametrize(
    ("break_", "words"),
    [
        (lambda scores, x: scores.detach(), "do not depend on its input in a way that torch can"),
        (lambda scores, x: scores[:, :2], r"gradient attacks need scores, floats \[4, 3\]"),
        (lambda scores, x: scores.argmax(1), "returned torch.int64 of shape"),
    ],
    ids=["detached", "classes missing", "labels"],
)
def test_models_without_scores_are_refused(break_, words):
    class Broken(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = net()

        def forward(self, x):
            return break_(self.net(x), x)

    with pytest.raises(ModelError, match=words):
        Gradients(TorchClassifier(Broken(), 3), images=3).of(points(), OWNERS, margin)


def test_the_base_classifier_of_an_oracle():
    classifier = TorchClassifier(net(), num_classes=3)
    g = Smoothed(classifier, Gaussian(sigma=0.25), space=Grid.uint8())
    assert classifier_of(BaseOracle(classifier, Grid.uint8())) is classifier
    assert classifier_of(SmoothedOracle(g, n=1)) is classifier
    with pytest.raises(InputError, match="a LinearOracle has no gradients: give BaseOracle"):
        classifier_of(LinearOracle(weights=np.ones(2), bias=0.0))
