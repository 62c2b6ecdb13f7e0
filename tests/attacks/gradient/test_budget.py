"""`max_queries` of attacks by gradients: so many gradients of each image, and never one more."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from certiball.attacks.apgd import APGD
from certiball.attacks.attacked import Status
from certiball.attacks.autoattack import AutoAttack
from certiball.attacks.boundary_projection import BoundaryProjection
from certiball.attacks.eot_pgd import EOTPGD
from certiball.attacks.fab import FAB
from certiball.attacks.fgsm import FGSM
from certiball.attacks.fmn import FMN
from certiball.attacks.oracle import BaseOracle, SmoothedOracle
from certiball.attacks.pgd import PGD
from certiball.attacks.rays import RayS
from certiball.balls import Norm
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError
from certiball.laws.gaussian import Gaussian
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Reals

GRID = Grid.uint8()
CLOSEST = [
    pytest.param(FMN(steps=12), 1, id="fmn"),
    pytest.param(BoundaryProjection(steps=12), 1, id="bp"),
    pytest.param(FAB(steps=4), 4, id="fab"),  # a gradient for each other class
    pytest.param(FAB(steps=4, targets=3), 1, id="fab-targeted"),
]
WITHIN = [
    pytest.param(FGSM(norm=Norm.L2), id="fgsm"),
    pytest.param(PGD(steps=6, restarts=3), id="pgd"),
    pytest.param(PGD(norm=Norm.L2, steps=6, early_stop=True, restarts=2), id="pgd-early"),
    pytest.param(APGD(steps=6, restarts=2), id="apgd"),
    pytest.param(APGD(steps=4, loss="dlr", targets=3), id="apgd-targeted"),
    pytest.param(APGD(steps=4, draws=3), id="apgd-draws"),
]


def scene():
    """A small network on the grid, six pictures, and its own labels."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 24), nn.ReLU(), nn.Linear(24, 5))
    levels = np.random.default_rng(0).integers(60, 200, (6, 1, 6, 6))
    with torch.no_grad():
        labels = model(torch.from_numpy(GRID.values(levels))).argmax(1).numpy()
    return TorchClassifier(model, num_classes=5), levels, labels


@pytest.mark.parametrize(("attack", "each"), CLOSEST)
@pytest.mark.parametrize("most", [1, 3, 8])
def test_closest_attacks_spend_their_gradients_and_no_more(attack, each, most):
    classifier, levels, labels = scene()
    found = attack(BaseOracle(classifier, GRID), levels, labels, max_queries=most, seed=0)
    assert (found.backwards == most // each * each).all()
    left = found.distance == np.inf
    assert all(
        (status is Status.BUDGET) == gone for status, gone in zip(found.status, left, strict=True)
    )


@pytest.mark.parametrize("attack", WITHIN)
@pytest.mark.parametrize("most", [1, 4])
@pytest.mark.parametrize("epsilons", [None, 1 / 255], ids=["smallest", "fixed"])
def test_attacks_in_balls_never_spend_more(attack, most, epsilons):
    classifier, levels, labels = scene()
    model = BaseOracle(classifier, GRID)
    found = attack(model, levels, labels, epsilons=epsilons, max_queries=most, seed=0)
    whole = attack(model, levels, labels, epsilons=epsilons, seed=0)
    assert (found.backwards <= most).all()
    assert (found.backwards == np.minimum(most, whole.backwards)).all()


def test_more_than_the_attack_ever_spends_changes_nothing():
    classifier, levels, labels = scene()
    for attack in (PGD(steps=6), FMN(steps=12)):
        one, other = (
            attack(BaseOracle(classifier, GRID), levels, labels, max_queries=most, seed=0)
            for most in (None, 10**6)
        )
        np.testing.assert_array_equal(one.raw, other.raw)
        assert one.status == other.status


def test_a_larger_budget_goes_on_where_a_smaller_one_ended():
    classifier, levels, labels = scene()
    found = [
        FMN(steps=40)(BaseOracle(classifier, GRID), levels, labels, max_queries=most, seed=0)
        for most in (10, 20, 40)
    ]
    assert all((b.distance <= a.distance).all() for a, b in itertools.pairwise(found))
    assert found[-1].success.all()


@pytest.mark.parametrize("most", [1, 20, 50])
def test_copies_of_a_smoothed_classifier_each_count(most):
    classifier, levels, labels = scene()
    model = SmoothedOracle(Smoothed(classifier, Gaussian(sigma=0.1), space=GRID), n=5, seed=0)
    found = EOTPGD(steps=3, samples=16)(
        model, levels, labels, epsilons=0.01, max_queries=most, seed=0
    )
    assert (found.backwards <= min(most, 48)).all()
    assert found.backwards.max() == min(most, 48)


@pytest.mark.parametrize("most", [3, 30, 60])
def test_an_ensemble_has_one_budget_for_gradients_and_questions(most):
    classifier, levels, labels = scene()
    attack = AutoAttack(steps=3, targets=2, queries=20)
    found = attack(
        BaseOracle(classifier, GRID),
        levels,
        labels,
        epsilons=[1 / 255, 2 / 255],
        max_queries=most,
        seed=0,
    )
    spent = found.backwards + found.queries
    assert (spent <= most).all()
    assert spent.max() == most


def test_no_gradient_at_all_is_refused():
    classifier, levels, labels = scene()
    with pytest.raises(InputError, match="max_queries must be at least 1, not 0"):
        PGD()(BaseOracle(classifier, GRID), levels, labels, max_queries=0)


@pytest.mark.parametrize("attack", [RayS(), FMN(steps=2), PGD(steps=2)], ids=["rays", "fmn", "pgd"])
@pytest.mark.parametrize("space", [GRID, Reals(low=0.0, high=1.0)], ids=["grid", "reals"])
def test_starting_points_outside_of_the_space_are_refused(attack, space):
    classifier, levels, labels = scene()
    inputs = levels if space is GRID else (levels / 255).astype(np.float32)
    wrong = "starting point 0 has values from .* inputs go from 0 to 1"
    with pytest.raises(InputError, match=wrong):
        attack(
            BaseOracle(classifier, space),
            inputs,
            labels,
            starting_points=levels.astype(np.float32),
            seed=0,
        )
