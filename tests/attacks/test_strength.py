"""White-box attacks on a small network that was trained on digits: which finds more, or closer."""

import numpy as np
import pytest
import torch

from certiball.attacks.apgd import APGD
from certiball.attacks.autoattack import AutoAttack
from certiball.attacks.boundary_projection import BoundaryProjection
from certiball.attacks.fab import FAB
from certiball.attacks.fmn import FMN
from certiball.attacks.oracle import BaseOracle
from certiball.attacks.pgd import PGD
from certiball.balls import Norm
from certiball.classifiers.torch import TorchClassifier
from certiball.datasets.digits import digits
from certiball.models.small_cnn import small_cnn
from certiball.train.tensors import as_tensors

RADII = {Norm.LINF: [0.1, 0.15], Norm.L2: [0.6, 0.9]}
NORMS = [pytest.param(Norm.L2, id="L2"), pytest.param(Norm.LINF, id="Linf")]


@pytest.fixture(scope="module")
def trained():
    """A network after 50 steps, and 30 digits that it has not seen."""
    inputs, labels = as_tensors(digits("train"))
    torch.manual_seed(0)
    model = small_cnn(10, (1, 8, 8))
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(50):
        rows = torch.randint(len(inputs), (96,))
        loss = torch.nn.functional.cross_entropy(model(inputs[rows]), labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    test = digits("test")
    pictures = np.stack([test[place][0] for place in range(30)])
    classes = np.array([test[place][1] for place in range(30)])
    model_oracle = BaseOracle(TorchClassifier(model, num_classes=10), test.space)
    clean = model(as_tensors(test)[0][:30]).argmax(1).numpy()
    assert (clean == classes).mean() > 0.8
    return model_oracle, pictures, classes


@pytest.mark.parametrize("norm", NORMS)
def test_apgd_leaves_no_more_standing_than_pgd_of_twenty_steps(trained, norm):
    model, pictures, labels = trained
    standing = {}
    for attack in (PGD(norm=norm, steps=20), APGD(norm=norm, steps=20)):
        found = attack(model, pictures, labels, epsilons=RADII[norm], seed=0)
        standing[type(attack)] = (~found.success).mean(1)
    assert (standing[APGD] <= standing[PGD]).all()
    assert 0 < standing[APGD][0] < 0.9  # neither all nor nothing is easy


@pytest.mark.slow
@pytest.mark.parametrize("norm", NORMS)
def test_the_ensemble_leaves_no_more_standing_than_its_parts(trained, norm):
    model, pictures, labels = (*trained[:1], *(each[:20] for each in trained[1:]))
    radii = RADII[norm][1:]
    ensemble = AutoAttack(norm=norm, steps=20, queries=100, targets=4)(
        model, pictures, labels, epsilons=radii, seed=0
    )
    for attack in (
        PGD(norm=norm, steps=40),
        APGD(norm=norm, steps=20),
        APGD(norm=norm, steps=20, loss="dlr"),
        FAB(norm=norm, steps=20),
    ):
        found = attack(model, pictures, labels, epsilons=radii, seed=0)
        assert (ensemble.success.sum(1) >= found.success.sum(1)).all()


def test_three_ways_to_the_closest_point_agree(trained):
    """Boundary Projection, FMN and FAB know nothing of each other; their medians are near."""
    model, pictures, labels = trained
    attacks = (BoundaryProjection(steps=25), FMN(steps=25), FAB(steps=6))
    medians = []
    for attack in attacks:
        found = attack(model, pictures[:20], labels[:20])
        assert np.isfinite(found.distance).all()
        medians.append(np.median(found.distance))
    assert max(medians) < 1.15 * min(medians)
