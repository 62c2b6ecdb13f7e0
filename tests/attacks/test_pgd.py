"""PGD and FGSM against linear models, whose worst points are known, and digits."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch
from torch import nn

from attacks.linear_models import linear, oracle
from certiball.attacks.attacked import Status
from certiball.attacks.criterion import Misclassification, TargetedMisclassification
from certiball.attacks.fgsm import FGSM
from certiball.attacks.fmn import FMN
from certiball.attacks.oracle import BaseOracle, SmoothedOracle
from certiball.attacks.pgd import PGD
from certiball.balls import Norm, distance_up
from certiball.classifiers.function import FunctionClassifier
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError
from certiball.laws.gaussian import Gaussian
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Reals

UNIT = Reals(low=0.0, high=1.0)
SPACES = {"grid": Grid.uint8(), "reals": UNIT}
NORMS = [Norm.L2, Norm.LINF]
WALK = PGD(steps=10, random_start=False)


def half_space(space, norm=Norm.L2, count=8, seed=0):
    """Inputs of a linear model with two classes, their labels, and how far they are from wrong."""
    rng = np.random.default_rng(seed)
    weights = rng.standard_normal(30)
    levels = rng.integers(90, 160, (count, 5, 6))
    values = (levels / 255).reshape(count, -1)
    bias = -float((values @ weights).mean())
    margins = values @ weights + bias
    model = oracle(np.stack([0 * weights, weights]), np.array([0.0, bias]), space)
    dual = np.linalg.norm(weights) if norm is Norm.L2 else np.abs(weights).sum()
    inputs = levels if isinstance(space, Grid) else (levels / 255).astype(np.float32)
    return model, inputs, (margins > 0).astype(np.int64), np.abs(margins) / dual


def distances(space, clean, raw, norm):
    if isinstance(space, Grid):
        pairs = zip(clean, space.round(raw), strict=True)
        return np.array([distance_up(x, point, norm, space.step) for x, point in pairs])
    return np.array([distance_up(x, point, norm) for x, point in zip(clean, raw, strict=True)])


@pytest.mark.parametrize("attack", [WALK, FGSM()], ids=["pgd", "fgsm"])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("above", [True, False], ids=["above", "below"])
def test_the_worst_point_of_the_ball_is_found_exactly(attack, norm, above):
    """A thousandth beyond the boundary every input falls, a thousandth before it none does."""
    model, inputs, labels, true = half_space(UNIT, norm, count=3)
    attack = dataclasses.replace(attack, norm=norm)
    for place, distance in enumerate(true):
        here = slice(place, place + 1)
        epsilon = float(distance * (1.001 if above else 0.999))
        raw, clipped, success = attack(model, inputs[here], labels[here], epsilons=epsilon, seed=1)
        assert success.tolist() == [above]
        assert np.array_equal(raw, clipped)
        assert distances(UNIT, inputs[here], raw, norm)[0] <= epsilon


def test_all_of_a_ball_in_a_corner_is_searched():
    """Against two faces of the box the worst point of the L2 ball lies along them."""
    model = oracle(np.array([[0.0] * 3, [3.0, 4.0, 1.0]]), np.array([0.0, -7.25]), UNIT)
    x = np.array([[1.0, 1.0, 0.0]], dtype=np.float32)
    attack = PGD(norm=Norm.L2, steps=40, rel_stepsize=0.25)
    raw, _, success = attack(model, x, [0], epsilons=0.3, seed=0)
    assert success.tolist() == [True]
    assert raw[0].tolist()[:2] == pytest.approx([1.0, 1.0], abs=1e-2)
    assert raw[0, 2] > 0.25


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("attack", [PGD(steps=10, early_stop=True), FGSM()], ids=["pgd", "fgsm"])
def test_the_smallest_ball_is_close_to_the_truth(name, norm, attack):
    space = SPACES[name]
    model, inputs, labels, true = half_space(space, norm, count=3)
    found = dataclasses.replace(attack, norm=norm)(model, inputs, labels, seed=3)
    assert found.status == (Status.FOUND,) * len(true)
    assert np.array_equal(found.distance, distances(space, inputs, found.raw, norm))
    rounding = (1 if norm is Norm.LINF else 3) / 255 if isinstance(space, Grid) else 0.0
    assert (found.distance >= true * (1 - 1e-6)).all()
    assert (found.distance <= true * 1.05 + rounding).all()


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("norm", NORMS)
def test_points_are_in_their_balls_and_are_judged_as_they_are_shown(name, norm):
    space = SPACES[name]
    model, inputs, labels, true = half_space(space, norm)
    epsilons = [float(np.median(true)), 8 / 255, float(true.max() * 1.3)]
    found = PGD(norm=norm, steps=10)(model, inputs, labels, epsilons=epsilons, seed=1)
    for raw, met, epsilon in zip(found.raw, found.success, epsilons, strict=True):
        assert raw.dtype == np.float32
        shown = torch.from_numpy(raw)
        answers = model.classifier(shown).argmax(1).numpy()
        assert np.array_equal(answers != labels, met)
        # Eight levels are 8/255, which as a float is a little less.
        assert (distances(space, inputs, raw, norm) <= epsilon * (1 + 1e-15)).all()
    assert found.success[2].all()
    assert not found.success[0].all()


def test_rounding_to_the_grid_is_reckoned_with():
    """ε of 1.5 levels moves every number by one, and then the model is asked again."""
    weights = np.ones(4)
    model = oracle(np.stack([0 * weights, weights]), np.array([0.0, -(405.5 / 255)]), Grid.uint8())
    x = np.full((1, 4), 100)
    attack = PGD(steps=5, random_start=False)
    assert not attack(model, x, [0], epsilons=1.5 / 255, seed=0).success[0]
    assert attack(model, x, [0], epsilons=2 / 255, seed=0).success[0]


def test_an_image_does_not_hang_on_the_others():
    model, inputs, labels, _ = half_space(UNIT)
    attack = PGD(norm=Norm.L2, steps=5, restarts=2)
    whole = attack(model, inputs, labels, epsilons=[0.02, 0.1], seed=5)
    first = attack(model, inputs[:3], labels[:3], epsilons=[0.02, 0.1], seed=5)
    assert all(np.array_equal(a[:3], b) for a, b in zip(whole.raw, first.raw, strict=True))
    assert np.array_equal(whole.forwards[:3], first.forwards)
    other = attack(model, inputs, labels, epsilons=[0.02, 0.1], seed=6)
    assert not np.array_equal(whole.raw[1], other.raw[1])


@pytest.mark.parametrize("kind", [tuple, np.array, torch.tensor])
@pytest.mark.parametrize("attack", [PGD(norm=Norm.L2, steps=5), FMN(steps=5)])
def test_several_radii_may_be_an_array(kind, attack):
    model, inputs, labels, _ = half_space(UNIT)
    listed = attack(model, inputs, labels, epsilons=[0.25, 0.5], seed=5)
    found = attack(model, inputs, labels, epsilons=kind([0.25, 0.5]), seed=5)
    assert found.success.shape == (2, 8)
    assert np.array_equal(found.success, listed.success)
    assert len(found.clipped) == 2


def test_restarts_never_make_it_worse():
    classifier, inputs, labels = bumps()
    model = BaseOracle(classifier, UNIT)
    met = [
        PGD(norm=Norm.L2, steps=3, restarts=restarts)(
            model, inputs, labels, epsilons=0.35, seed=2
        ).success
        for restarts in (1, 2, 8)
    ]
    for fewer, more in itertools.pairwise(met):
        assert (more | ~fewer).all()
    assert met[-1].sum() > met[0].sum()  # and here they help


def bumps():
    """A model with many local maxima, around points that it answers with class 0."""

    class Bumpy(nn.Module):
        def forward(self, x):
            waves = torch.sin(40 * x.double()).sum(1) + torch.sin(23 * x.double()[:, 0])
            return torch.stack([torch.zeros_like(waves), waves - 2.4], 1)

    rng = np.random.default_rng(1)
    inputs = rng.uniform(0.3, 0.7, (40, 2)).astype(np.float32)
    classifier = TorchClassifier(Bumpy(), num_classes=2)
    inputs = inputs[(classifier(torch.from_numpy(inputs)).argmax(1) == 0).numpy()]
    return classifier, inputs, np.zeros(len(inputs), dtype=np.int64)


def test_the_best_iterate_counts_and_not_the_last():
    """From .5 steps of .08 reach .58, .66, which alone is adversarial, and .58 again."""

    class Slab(nn.Module):
        def forward(self, x):
            depth = 0.05 - (x.double() - 0.65).abs()
            return torch.cat([torch.zeros_like(depth), depth], 1)

    model = BaseOracle(TorchClassifier(Slab(), num_classes=2), UNIT)
    x = np.full((1, 1), 0.5, dtype=np.float32)
    for steps in (2, 3, 4, 5):
        attack = PGD(steps=steps, abs_stepsize=0.08, random_start=False)
        raw, _, success = attack(model, x, [0], epsilons=0.3, seed=0)
        assert success[0]
        assert raw[0, 0] == pytest.approx(0.66)


def test_stopping_early_finds_as_much_for_less():
    model, inputs, labels, true = half_space(UNIT)
    epsilon = float(true.max() * 1.5)
    whole = PGD(norm=Norm.L2, steps=20)(model, inputs, labels, epsilons=epsilon, seed=1)
    early = PGD(norm=Norm.L2, steps=20, early_stop=True)(
        model, inputs, labels, epsilons=epsilon, seed=1
    )
    assert whole.success.all()
    assert early.success.all()
    assert whole.backwards.tolist() == [20] * len(true)
    assert (early.backwards < 20).all()
    # A forward for each gradient, one for the clean input and one for the point found.
    assert whole.forwards.tolist() == [22] * len(true)
    assert whole.queries.tolist() == [0] * len(true)


def test_a_point_that_rounding_into_the_ball_undoes_is_no_reason_to_stop():
    """(2, 2) levels are adversarial and too far, (1, 1) are not, and the walk ends at (2, 1)."""
    weights = np.array([1.0, 0.7])
    bias = -float(weights @ [100, 100] + 2.65) / 255
    model = oracle(np.stack([0 * weights, weights]), np.array([0.0, bias]), Grid.uint8())
    attack = PGD(norm=Norm.L2, steps=20, early_stop=True)
    x, start = np.array([[100, 100]]), np.array([[102, 102]])
    raw, _, success = attack(model, x, [0], epsilons=2.3 / 255, starting_points=start, seed=0)
    assert success[0]
    assert Grid.uint8().round(raw).tolist() == [[102, 101]]


def test_a_target_is_reached_and_not_another_class():
    rng = np.random.default_rng(3)
    model = oracle(rng.standard_normal((4, 12)), np.zeros(4), UNIT)
    inputs = rng.uniform(0.3, 0.7, (10, 12)).astype(np.float32)
    labels = model.classifier(torch.from_numpy(inputs)).argmax(1).numpy()
    targets = (labels + 1) % 4
    criterion = TargetedMisclassification(targets) & Misclassification(labels)
    raw, _, success = PGD(norm=Norm.L2, steps=40)(model, inputs, criterion, epsilons=1.2, seed=0)
    assert success.any()
    answers = model.classifier(torch.from_numpy(raw)).argmax(1).numpy()
    assert np.array_equal(answers == targets, success)


def test_misclassified_inputs_are_reported_apart_and_start_points_are_used():
    model, inputs, labels, true = half_space(UNIT)
    labels[0] = 1 - labels[0]
    found = WALK(model, torch.from_numpy(inputs), labels, epsilons=1e-4, seed=0)
    assert found.status[0] is Status.MISCLASSIFIED
    assert found.distance[0] == 0
    assert found.success.tolist() == [True] + [False] * 7
    assert set(found.status[1:]) == {Status.NOT_FOUND}
    assert torch.equal(found.raw, torch.from_numpy(inputs))
    there = PGD(norm=Norm.L2, steps=1, abs_stepsize=1e-9)
    epsilon = float(true.max() * 1.2)
    walk = dataclasses.replace(WALK, norm=Norm.L2)
    worst = walk(model, inputs, labels, epsilons=0.4, seed=0).raw
    begun = there(model, inputs, labels, epsilons=epsilon, starting_points=worst, seed=0)
    assert begun.success.all()
    assert not there(model, inputs, labels, epsilons=epsilon, seed=0).success.all()


def test_a_model_that_never_changes_its_label_is_no_exception():
    model = oracle(np.stack([np.ones(9), np.ones(9)]), np.array([0.0, 5.0]), UNIT)
    inputs = np.full((2, 3, 3), 0.5, dtype=np.float32)
    for attack in (PGD(steps=3), FGSM()):
        found = attack(model, inputs, [1, 1], seed=0)
        assert found.status == (Status.NOT_FOUND,) * 2
        assert np.isinf(found.distance).all()


def test_gradients_that_vanish_in_the_cross_entropy_do_not():
    """Scores of 10⁵ leave a cross-entropy of 0, and its slope with it."""
    weights = np.stack([np.zeros(4), np.full(4, 1e5)])
    model = oracle(weights, np.array([0.0, -1.99e5]), UNIT)
    x = np.full((1, 4), 0.45, dtype=np.float32)
    assert WALK(model, x, [0], epsilons=0.1, seed=0).success[0]


def test_a_smoothed_oracle_judges_what_the_base_models_gradients_found():
    model, inputs, labels, true = half_space(UNIT)
    g = Smoothed(model.classifier, Gaussian(sigma=0.01), space=UNIT)
    attack = PGD(norm=Norm.L2, steps=5, random_start=False)
    epsilon = float(true.max() * 1.5)
    found = attack(SmoothedOracle(g, n=21, seed=1), inputs, labels, epsilons=epsilon, seed=0)
    assert found.success.all()
    assert (found.forwards == 15 * 21 + 5 + 21).all()  # clean answers, gradients, the judgement


@pytest.mark.parametrize(
    ("attack", "epsilons", "words"),
    [
        (PGD(), 8.0, "epsilon = 8 in L∞ reaches every input from 0 to 1: .* such as 8/255"),
        (PGD(norm=Norm.L2), 128.0, "epsilon = 128 in L2 reaches every input"),
        (PGD(), [0.1, 0.0], "epsilon must be > 0, not 0"),
        (PGD(), float("nan"), "epsilon must be > 0, not nan"),
    ],
    ids=["levels", "levels in L2", "zero", "nan"],
)
def test_epsilons_in_other_units_are_asked_about(attack, epsilons, words):
    model, inputs, labels, _ = half_space(UNIT)
    with pytest.raises(InputError, match=words):
        attack(model, inputs, labels, epsilons=epsilons, seed=0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"norm": Norm.L1}, "PGD is for L2 and L∞, not for L1"),
        ({"steps": 0}, "steps and restarts must be at least 1, not 0 and 1"),
        ({"rel_stepsize": 0.1, "abs_stepsize": 0.1}, "give rel_stepsize or abs_stepsize, not both"),
        ({"abs_stepsize": float("inf")}, "a step must be finite and > 0, not inf"),
        ({"restarts": 3, "random_start": False}, "3 restarts from the same point are one"),
    ],
    ids=["norm", "steps", "two steps", "long steps", "restarts"],
)
def test_bad_numbers_are_refused(fields, words):
    with pytest.raises(InputError, match=words):
        PGD(**fields)


def test_models_without_gradients_and_bounds_in_other_units_are_refused():
    _, inputs, labels, _ = half_space(UNIT)
    function = BaseOracle(FunctionClassifier(lambda x: x, 2), UNIT)
    with pytest.raises(InputError, match="a FunctionClassifier has no gradients"):
        PGD()(function, inputs, labels)
    model = BaseOracle(linear(np.ones((2, 30)), np.zeros(2)), UNIT)
    with pytest.raises(InputError, match=r"is outside of the real interval \[0, 1\]"):
        PGD()(model, inputs * np.float32(255), labels)
