"""An input's randomness hangs on its number, not on what is attacked with it."""

import numpy as np
import pytest
import torch
from torch import nn

from certiball.attacks.autoattack import AutoAttack
from certiball.attacks.eot_pgd import EOTPGD
from certiball.attacks.oracle import BaseOracle, SmoothedOracle
from certiball.attacks.pgd import PGD
from certiball.classifiers.torch import TorchClassifier
from certiball.laws.gaussian import Gaussian
from certiball.smoothed import Smoothed
from certiball.spaces import Grid

GRID = Grid.uint8()


def scene():
    """A linear model on the grid, six pictures, and its own labels."""
    torch.manual_seed(0)
    classifier = TorchClassifier(nn.Sequential(nn.Flatten(), nn.Linear(36, 3)), num_classes=3)
    levels = np.random.default_rng(0).integers(60, 200, (6, 1, 6, 6))
    with torch.no_grad():
        labels = classifier(torch.from_numpy(GRID.values(levels))).argmax(1).numpy()
    return classifier, levels, labels


@pytest.mark.parametrize(
    ("attack", "epsilon"),
    [
        pytest.param(PGD(steps=2), 0.3, id="pgd"),
        pytest.param(EOTPGD(steps=2, samples=4), 3.0, id="eot-pgd"),
        pytest.param(AutoAttack(steps=2, targets=1, queries=10), 0.3, id="autoattack"),
    ],
)
def test_inputs_are_attacked_alike_in_any_company(attack, epsilon):
    classifier, levels, labels = scene()
    smoothed = Smoothed(classifier, Gaussian(sigma=0.05), space=GRID)
    random = isinstance(attack, EOTPGD)
    model = SmoothedOracle(smoothed, n=5, seed=1) if random else BaseOracle(classifier, GRID)
    whole = attack(model, levels, labels, epsilons=epsilon, seed=0)
    parts = [
        attack(model, levels[part], labels[part], epsilons=epsilon, seed=0, numbers=list(part))
        for part in (range(2), range(2, 6))
    ]
    raw = np.concatenate([part.raw for part in parts])
    np.testing.assert_array_equal(raw, whole.raw)
    assert np.concatenate([part.forwards for part in parts]).tolist() == whole.forwards.tolist()
    other = attack(model, levels[2:], labels[2:], epsilons=epsilon, seed=0)
    assert not np.array_equal(other.raw, whole.raw[2:])  # by their places they are others
