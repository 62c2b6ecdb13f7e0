"""EOT-PGD: the gradient of the mean probability, under noise that is never the same twice."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from attacks.linear_models import linear
from certiball.attacks.criterion import TargetedMisclassification
from certiball.attacks.eot_pgd import EOTPGD, noise_for, soft
from certiball.attacks.gradient.attempt import Attempt
from certiball.attacks.gradient.closest import scene_of
from certiball.attacks.linear import LinearOracle
from certiball.attacks.oracle import BaseOracle, SmoothedOracle
from certiball.balls import Norm
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError
from certiball.laws.ablation import Ablation
from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Reals

UNIT = Reals(low=0.0, high=1.0)


class Spy(nn.Module):
    """Answers like another module, and keeps what it was shown."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner
        self.seen = []

    def forward(self, x):
        self.seen.append(x.detach().clone())
        return self.inner(x)


class Flat(nn.Module):
    """The same scores everywhere, and gradients of 0: points stay where they begin."""

    def forward(self, x):
        return torch.stack([0 * x.sum(1) + 1, 0 * x.sum(1)], 1)


class Kink(nn.Module):
    """The score of class 1 in one number: steep and hopeless below .5, gentle and open above."""

    def forward(self, x):
        below, above = -10 - 30 * (x - 0.2), x - 0.7
        score = torch.where(x < 0.5, below, above)
        return torch.cat([torch.zeros_like(score), score], 1)


def oracle(module, space=UNIT, sigma=0.25, n=1, classes=2):
    classifier = TorchClassifier(module, num_classes=classes)
    return SmoothedOracle(Smoothed(classifier, Gaussian(sigma=sigma), space=space), n=n, seed=1)


def attempt_at(model, inputs, criterion):
    scene = scene_of(model, inputs, criterion, None, 0)
    owners = torch.arange(len(inputs))
    return Attempt(
        model=model,
        scene=scene,
        owners=owners,
        norm=Norm.L2,
        radii=torch.ones(len(inputs), dtype=torch.float64),
        rngs=scene.generators("test", owners),
        number=0,
    )


def at(module, x, noise, criterion=(0,), classes=2):
    """`soft` at one point."""
    inputs = np.array([x], dtype=np.float32)
    attempt = attempt_at(oracle(module, classes=classes), inputs, criterion)
    noises = torch.tensor([noise], dtype=torch.float32)
    return soft(attempt, torch.from_numpy(inputs).double(), torch.tensor([0]), noises)


def test_probabilities_are_averaged_and_not_scores():
    """One copy at .2 falls steeply, but its probability is 1 whatever it does; one at .7 rises."""
    losses, slopes = at(Kink(), [0.45], [[-0.25], [0.25]])
    mean = (1 / (1 + math.exp(-10)) + 0.5) / 2
    assert float(losses) == pytest.approx(-math.log(mean), rel=1e-6)
    assert slopes[0, 0] > 0
    x = torch.tensor([[0.2], [0.7]], requires_grad=True)
    of_mean_scores = nn.functional.cross_entropy(Kink()(x).mean(0, keepdim=True), torch.tensor([0]))
    (wrong,) = torch.autograd.grad(of_mean_scores, x)
    assert wrong.sum() < 0  # towards a larger score of class 1 on average: the other way


@pytest.mark.parametrize("targeted", [False, True], ids=["untargeted", "targeted"])
def test_the_gradient_is_that_of_the_loss(targeted):
    rng = np.random.default_rng(2)
    weights = rng.standard_normal((3, 4))
    module = linear(weights, np.zeros(3)).model
    x, noise = [0.2, 0.4, 0.6, 0.8], rng.normal(0, 0.5, (7, 4)).astype(np.float32)
    criterion = TargetedMisclassification([2]) if targeted else (0,)
    losses, slopes = at(module, x, noise.tolist(), criterion, classes=3)
    leaf = torch.tensor(x, dtype=torch.float32).double().requires_grad_()
    scores = (leaf + torch.from_numpy(noise).double()) @ torch.from_numpy(weights).T
    mean = scores.softmax(1)[:, 2 if targeted else 0].mean().clamp(min=1e-20)
    expected = mean.log() if targeted else -mean.log()
    (gradient,) = torch.autograd.grad(expected, leaf)
    assert float(losses) == pytest.approx(expected.item(), abs=1e-6)
    assert torch.allclose(slopes[0], gradient, atol=1e-6)


def test_a_probability_of_nothing_is_clamped_and_still_has_a_slope():
    module = linear(np.array([[0.0], [1.0]]), np.array([0.0, 400.0])).model
    losses, slopes = at(module, [0.5], [[0.0], [0.1]])
    assert float(losses) == pytest.approx(-math.log(1e-20))
    assert slopes[0, 0] == pytest.approx(1.0)


@pytest.mark.parametrize("space", [UNIT, Grid.uint8()], ids=["reals", "grid"])
def test_noise_is_fresh_at_every_step_and_the_noisy_copies_are_not_clipped(space):
    spy = Spy(Flat())
    inputs = np.array([[0.0] * 50, [1.0] * 50])
    inputs = (inputs * 255).astype(np.int64) if isinstance(space, Grid) else inputs.astype("f")
    model = oracle(spy, space)
    attack = EOTPGD(norm=Norm.L2, steps=4, samples=8)
    attack(model, inputs, [0, 0], epsilons=0.5, seed=3)
    copies = torch.cat([seen for seen in spy.seen if len(seen) == 16]).view(4, 2, 8, 50)
    noise = copies.clone()
    noise[:, 1] -= 1  # the image stayed where it was
    assert len({tuple(row) for row in noise.reshape(-1, 50).tolist()}) == 64
    assert float(noise.std()) == pytest.approx(0.25, rel=0.05)
    assert copies.min() < -0.2
    assert copies.max() > 1.2
    if isinstance(space, Grid):
        assert torch.allclose(copies * 255, (copies * 255).round(), atol=1e-3)


def test_noise_is_that_of_the_law_whichever_it_is():
    classifier = TorchClassifier(Flat(), num_classes=2)
    g = Smoothed(classifier, Laplace(scale=0.3), space=Grid.uint8())
    model = SmoothedOracle(g, n=1, seed=1)
    attempt = attempt_at(model, np.full((2, 300), 9), (0, 0))
    noise = noise_for(g, attempt, torch.arange(2), 20)
    assert noise.shape == (2, 20, 300)
    assert float(noise.abs().mean()) == pytest.approx(0.3, rel=0.05)


def half_space(space, sigma=0.25, n=301):
    rng = np.random.default_rng(0)
    weights = rng.standard_normal(30)
    levels = rng.integers(90, 160, (4, 30))
    bias = -float((levels / 255 @ weights).mean())
    margins = levels / 255 @ weights + bias
    classifier = linear(np.stack([0 * weights, weights]), np.array([0.0, bias]))
    g = Smoothed(classifier, Gaussian(sigma=sigma), space=space)
    inputs = levels if isinstance(space, Grid) else (levels / 255).astype(np.float32)
    truth = np.abs(margins) / np.linalg.norm(weights)
    return SmoothedOracle(g, n=n, seed=5), inputs, (margins > 0).astype(np.int64), truth


@pytest.mark.parametrize("space", [UNIT, Grid.uint8()], ids=["reals", "grid"])
def test_the_smallest_ball_is_close_to_the_truth(space):
    """A linear f smoothed is f: distances are known, but for the chance of 301 votes."""
    model, inputs, labels, truth = half_space(space, sigma=0.05)
    found = EOTPGD(norm=Norm.L2, steps=8, samples=4)(model, inputs, labels, seed=0)
    # 301 votes of shares near ½ err by .03, which is .07 σ of distance; four times that, and 3 %.
    assert (np.abs(found.distance - truth) < 4 * 0.07 * 0.05 + 0.03 * truth + 2 / 255).all()
    assert (found.backwards % (8 * 4) == 0).all()
    assert (found.forwards == 15 * 301 + found.backwards * (1 + 301 / 32)).all()
    assert found.queries.tolist() == [0] * 4


def test_an_image_does_not_hang_on_the_others_and_restarts_go_on():
    model, inputs, labels, truth = half_space(UNIT, n=11)
    attack = EOTPGD(norm=Norm.L2, steps=3, samples=4, restarts=2, random_start=True)
    epsilon = float(np.median(truth))
    whole = attack(model, inputs, labels, epsilons=epsilon, seed=2)
    part = attack(model, inputs[:2], labels[:2], epsilons=epsilon, seed=2)
    assert np.array_equal(whole.raw[:2], part.raw)
    assert np.array_equal(whole.forwards[:2], part.forwards)


def test_every_attempt_is_judged_on_noise_of_its_own(monkeypatch):
    asked = []
    count = SmoothedOracle.counts

    def spied(self, questions):
        asked.append(questions.numbers.tolist())
        return count(self, questions)

    monkeypatch.setattr(SmoothedOracle, "counts", spied)
    attack = EOTPGD(norm=Norm.L2, steps=1, samples=1, restarts=3)
    attack(oracle(Flat()), np.zeros((1, 5), np.float32), [0], epsilons=[0.1, 0.2], seed=0)
    assert asked == [list(range(15)), *([number] for number in range(15, 21))]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda base, g: base, "EOTPGD attacks smoothed classifiers, not a BaseOracle: give"),
        (lambda base, g: LinearOracle(weights=np.ones(5), bias=0.0), "not a LinearOracle"),
        (lambda base, g: SmoothedOracle(g, n=1), "noise that is added to every number, and Ablat"),
    ],
    ids=["no noise", "no model", "ablation"],
)
def test_others_are_refused_before_anything_is_asked(make, words):
    spy = Spy(Flat())
    classifier = TorchClassifier(spy, num_classes=2)
    g = Smoothed(classifier, Ablation(keep=2, pixels=5), space=UNIT)
    model = make(BaseOracle(classifier, UNIT), g)
    with pytest.raises(InputError, match=words):
        EOTPGD()(model, np.zeros((1, 5), np.float32), [0], epsilons=0.1)
    assert not spy.seen


def test_bad_numbers_are_refused():
    with pytest.raises(InputError, match="samples must be at least 1, not 0"):
        EOTPGD(samples=0)
    with pytest.raises(InputError, match="EOTPGD is for L2 and L∞, not for L0"):
        EOTPGD(norm=Norm.L0)
