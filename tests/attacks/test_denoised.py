"""Attacks through a denoiser succeed where attacks on either part do not."""

import numpy as np
import pytest
import torch
from torch import nn

from attacks.linear_models import linear
from certiball.attacks.denoised import denoised
from certiball.attacks.eot_pgd import EOTPGD
from certiball.attacks.fgsm import FGSM
from certiball.attacks.oracle import BaseOracle, SmoothedOracle
from certiball.attacks.pgd import PGD
from certiball.balls import Norm
from certiball.classifiers.function import FunctionClassifier
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError, ModelError
from certiball.laws.gaussian import Gaussian
from certiball.smoothed import Smoothed
from certiball.spaces import Reals

UNIT = Reals(low=0.0, high=1.0)
DIMENSION = 12
# Of nine numbers at .5 and three that the denoiser takes away: class 1 where their sum is > 4.58.
HEAVY = np.array([1.0] * 9 + [30.0] * 3)
BASE = linear(np.stack([0 * HEAVY, HEAVY]), np.array([0.0, -4.58 - 45.0]))
LIGHT = linear(np.stack([0 * HEAVY, np.ones(DIMENSION)]), np.array([0.0, -4.58 - 1.5]))
INPUTS = np.full((4, DIMENSION), 0.5, dtype=np.float32)
LABELS = np.zeros(4, dtype=np.int64)
ATTACK = PGD(norm=Norm.L2, steps=20)
EPSILON = 0.05  # the boundary of the pair is about .03 away, along the nine


class Levels(nn.Module):
    """Rounds to hundredths, and puts three numbers back to .5: slopes of 0 everywhere."""

    def forward(self, x):
        kept = torch.round(100 * x) / 100
        return torch.cat([kept[:, :9], torch.full_like(kept[:, 9:], 0.5)], 1)


class Smooth(nn.Module):
    """Only puts three numbers back: torch differentiates it."""

    def forward(self, x):
        return torch.cat([x[:, :9], torch.full_like(x[:, 9:], 0.5)], 1)


def in_numpy(batch):
    kept = np.round(100 * batch) / 100
    kept[:, 9:] = 0.5
    return kept.astype(np.float64)


def won(classifier, attack=ATTACK):
    found = attack(BaseOracle(classifier, UNIT), INPUTS, LABELS, epsilons=EPSILON, seed=0)
    assert all(np.linalg.norm(raw - x) <= EPSILON for raw, x in zip(found.raw, INPUTS, strict=True))
    return found.success


def test_what_is_found_for_the_base_model_alone_is_denoised_away():
    found = ATTACK(BaseOracle(BASE, UNIT), INPUTS, LABELS, epsilons=EPSILON, seed=0)
    assert found.success.all()
    pair = denoised(Levels(), BASE)
    assert (pair(torch.from_numpy(found.raw)).argmax(1) == 0).all()


def test_gradients_of_both_parts_find_the_pairs_own_boundary():
    assert won(denoised(Smooth(), BASE)).all()


@pytest.mark.parametrize("attack", [ATTACK, FGSM(norm=Norm.L2)], ids=["pgd", "fgsm"])
def test_where_the_denoiser_has_no_slope_only_the_straight_way_through_succeeds(attack):
    assert not won(denoised(Levels(), BASE), attack).any()
    assert not won(denoised(Levels(), LIGHT), attack).any()
    assert won(denoised(Levels(), LIGHT, straight_through=True), attack).all()


def test_a_function_that_leaves_torch_has_to_be_passed_straight_through():
    with pytest.raises(ModelError, match="do not depend on its input in a way that torch can"):
        won(denoised(in_numpy, LIGHT, takes="numpy"))
    assert won(denoised(in_numpy, LIGHT, straight_through=True, takes="numpy")).all()


@pytest.mark.parametrize("straight", [False, True], ids=["through", "straight"])
def test_scores_are_those_of_the_deployed_pair_to_the_bit(straight):
    batch = torch.rand(50, DIMENSION, generator=torch.Generator().manual_seed(1))
    base = TorchClassifier(nn.Linear(DIMENSION, 2), num_classes=2)
    pair = denoised(Levels(), base, straight_through=straight)
    assert torch.equal(pair(batch), base(Levels()(batch)))
    same = denoised(lambda x: x, base, straight_through=straight)
    assert torch.equal(same(batch), base(batch))


def test_denoised_smoothing_is_attacked_by_eot_pgd():
    attack = EOTPGD(norm=Norm.L2, steps=8, samples=4)
    success = {}
    for straight in (False, True):
        pair = denoised(Levels(), LIGHT, straight_through=straight)
        model = SmoothedOracle(Smoothed(pair, Gaussian(sigma=0.02), space=UNIT), n=201, seed=1)
        success[straight] = attack(model, INPUTS, LABELS, epsilons=EPSILON, seed=0).success
    assert not success[False].any()
    assert success[True].all()


def test_what_cannot_be_put_together_is_refused():
    with pytest.raises(InputError, match="a FunctionClassifier has no gradients behind a denoiser"):
        denoised(Levels(), FunctionClassifier(lambda x: x, 2))
    with pytest.raises(InputError, match="denoiser must be a torch module or a function, not 3"):
        denoised(3, BASE)
    with pytest.raises(ModelError, match=r"made \(2, 3\) of a batch \(2, 12\): it must keep"):
        denoised(lambda x: x[:, :3], BASE)(torch.zeros(2, DIMENSION))
