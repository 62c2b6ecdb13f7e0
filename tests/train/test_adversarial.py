"""PGD training: worst points of known balls, and networks that are harder to attack."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from certiball.attacks.oracle import BaseOracle
from certiball.attacks.pgd import PGD
from certiball.balls import Norm
from certiball.classifiers.torch import TorchClassifier
from certiball.datasets.digits import digits
from certiball.errors import InputError, SpecMismatchError
from certiball.models.architecture import build
from certiball.spaces import Grid, Reals
from certiball.train.adversarial import AdversarialLoss
from certiball.train.clean import CleanLoss
from certiball.train.fit import fit
from certiball.train.recipe import Recipe
from certiball.train.recipes import DIGITS_CNN
from train.test_fit import KilledError, identical, kill_at, net, toy

UNIT = Reals(low=0.0, high=1.0)
LOSS = AdversarialLoss(norm=Norm.L2, epsilon=0.5, space=Grid.uint8(), steps=2)
RECIPE = Recipe(epochs=2, threads=1, batch=25, lr=0.05, schedule="cosine", seed=5)


def seeded(number=0):
    return torch.Generator().manual_seed(number)


class HalfSpace(nn.Module):
    """Scores 0 and w·x: what is worst for class 1 is against w, for class 0 along it."""

    def __init__(self, weights):
        super().__init__()
        self.weights = nn.Parameter(weights)

    def forward(self, batch):
        score = batch.flatten(1) @ self.weights
        return torch.stack([torch.zeros_like(score), score], 1)


@pytest.mark.parametrize("norm", [Norm.L2, Norm.LINF])
def test_the_worst_point_of_a_linear_model_is_found(norm):
    weights = torch.tensor([3.0, -4.0, 1.0, 0.5])
    loss = AdversarialLoss(norm=norm, epsilon=0.1, space=UNIT, steps=30)
    batch, labels = torch.full((6, 2, 2), 0.5), torch.tensor([0, 1, 0, 1, 0, 1])
    points = loss.worst(HalfSpace(weights), batch, labels, seeded())
    away = weights / weights.norm() if norm is Norm.L2 else weights.sign()
    expected = 0.5 + 0.1 * away * (1 - 2 * labels[:, None])
    # A walk of 2.5 radii leaves a twelfth of a wrong beginning on the sphere, and none in a cube.
    assert torch.allclose(points.flatten(1), expected, atol=0.02 if norm is Norm.L2 else 1e-6)


def test_each_search_begins_at_random():
    once = AdversarialLoss(norm=Norm.L2, epsilon=0.1, space=UNIT, steps=1)
    model, labels = HalfSpace(torch.ones(4)), torch.zeros(3, dtype=torch.int64)
    batch = torch.full((3, 2, 2), 0.5)
    first = once.worst(model, batch, labels, seeded(0))
    assert torch.equal(first, once.worst(model, batch, labels, seeded(0)))
    assert not torch.equal(first, once.worst(model, batch, labels, seeded(1)))
    assert not torch.equal(first[0], first[1])


@pytest.mark.parametrize("norm", [Norm.L2, Norm.LINF])
def test_points_stay_in_the_ball_and_in_the_box(norm):
    loss = AdversarialLoss(norm=norm, epsilon=0.3, space=UNIT, steps=4)
    batch = torch.rand(50, 3, 4, generator=seeded(1))
    labels = torch.zeros(50, dtype=torch.int64)
    points = loss.worst(HalfSpace(torch.randn(12, generator=seeded(2))), batch, labels, seeded())
    order = 2 if norm is Norm.L2 else torch.inf
    lengths = (points - batch).flatten(1).norm(p=order, dim=1)
    assert lengths.max() <= 0.3 * (1 + 1e-6)
    assert lengths.mean() > 0.2
    assert points.min() >= 0
    assert points.max() <= 1


def test_the_search_leaves_modes_statistics_and_weights_as_they_are():
    model = net().train()
    model[4].eval()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    modes = [part.training for part in model.modules()]
    LOSS.worst(model, torch.rand(8, 1, 4, 4), torch.zeros(8, dtype=torch.int64), seeded())
    assert [part.training for part in model.modules()] == modes
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())
    assert all(weight.grad is None for weight in model.parameters())


def test_a_killed_training_continues_to_the_same_bits(tmp_path):
    whole = fit(net(), toy(), LOSS, RECIPE)
    with pytest.raises(KilledError):
        fit(net(), toy(), LOSS, RECIPE, folder=tmp_path, report=kill_at(1, 1))
    assert identical(fit(net(9), toy(), LOSS, RECIPE, folder=tmp_path), whole)
    other = dataclasses.replace(LOSS, epsilon=0.25)
    with pytest.raises(SpecMismatchError, match=r"epsilon=0\.5"):
        fit(net(), toy(), other, RECIPE, folder=tmp_path)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"norm": Norm.L1}, "PGD training is for L2 and L∞, not for L1"),
        ({"steps": 0}, "steps must be at least 1, not 0"),
        ({"epsilon": 0.0}, "epsilon must be finite and > 0, not 0.0"),
    ],
    ids=["norm", "steps", "epsilon"],
)
def test_bad_numbers_are_refused(changes, words):
    with pytest.raises(InputError, match=words):
        dataclasses.replace(LOSS, **changes)


def test_a_radius_in_other_units_is_asked_about():
    loss = AdversarialLoss(norm=Norm.LINF, epsilon=8.0, space=Grid.uint8())
    with pytest.raises(InputError, match="such as 8/255 for images"):
        loss(net(), torch.rand(2, 1, 4, 4), torch.zeros(2, dtype=torch.int64), seeded())


def accuracies(model, epsilon):
    """Of 150 held-out digits, clean and under PGD."""
    data = digits("test")
    inputs = np.stack([data[i][0] for i in range(150)])
    labels = np.array([data[i][1] for i in range(150)])
    oracle = BaseOracle(TorchClassifier(model, num_classes=10), data.space)
    attack = PGD(norm=Norm.L2, steps=10, early_stop=True)
    success = attack(oracle, inputs, labels, epsilons=epsilon, seed=0).success
    shown = torch.from_numpy(data.space.values(inputs))
    right = (oracle.classifier(shown).argmax(1).numpy() == labels).mean()
    return float(right), float(1 - success.mean())


@pytest.mark.slow
def test_a_pgd_trained_network_is_harder_to_attack():
    recipe = Recipe(epochs=12, batch=128, lr=0.1, nesterov=True, schedule="cosine", threads=1)
    loss = AdversarialLoss(norm=Norm.L2, epsilon=0.75, space=Grid.uint8(), steps=5)
    found = {}
    for name, each in (("plain", CleanLoss()), ("pgd", loss)):
        model = fit(build(DIGITS_CNN, seed=0), digits("train"), each, recipe)
        found[name] = accuracies(model, 0.75)
    assert min(found["plain"][0], found["pgd"][0]) > 0.85
    assert found["pgd"][1] > found["plain"][1] + 0.1
