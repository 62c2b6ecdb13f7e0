"""APGD against linear models, of which it is known where a ball first meets another class."""

import numpy as np
import pytest
import torch
from torch import nn

from attacks.linear_models import oracle
from certiball.attacks.apgd import APGD
from certiball.attacks.attacked import Status
from certiball.attacks.criterion import TargetedMisclassification
from certiball.attacks.oracle import BaseOracle, SmoothedOracle
from certiball.balls import Norm, distance_up
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError
from certiball.laws.gaussian import Gaussian
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Reals

WIDE = Reals(low=-100.0, high=100.0)
NORMS = [pytest.param(Norm.L2, id="L2"), pytest.param(Norm.LINF, id="Linf")]


def linear_model(classes, norm, count=5, seed=0):
    """A model, inputs, their classes, and the distances to all others."""
    rng = np.random.default_rng(seed)
    weights, bias = rng.standard_normal((classes, 30)), rng.standard_normal(classes)
    inputs = rng.uniform(0.3, 0.7, (count, 30)).astype(np.float32)
    scores = inputs.astype(np.float64) @ weights.T + bias
    labels = scores.argmax(1)
    gaps = scores.max(1, keepdims=True) - scores
    slopes = weights[labels][:, None] - weights[None]
    sizes = np.linalg.norm(slopes, 2 if norm is Norm.L2 else 1, axis=2)
    distances = np.where(gaps > 0, gaps / np.where(sizes > 0, sizes, 1), np.inf)
    return oracle(weights, bias, WIDE), inputs, labels, distances


def check_iff(attack, classes, spare, seed=0):
    """At radii between the inputs' distances, those fall and only those that are closer."""
    model, inputs, labels, distances = linear_model(classes, attack.norm, count=20, seed=seed)
    true = distances.min(1)
    radii = [float(radius) for radius in np.quantile(true, [0.3, 0.7])]
    found = attack(model, inputs, labels, epsilons=radii, seed=0)
    for radius, success in zip(radii, found.success, strict=True):
        assert not success[true > radius].any()
        assert success[(1 + spare) * true < radius].all()
        assert ((1 + spare) * true < radius).sum() >= 4


@pytest.mark.parametrize("norm", NORMS)
def test_two_classes_fall_exactly_beyond_their_distance(norm):
    check_iff(APGD(norm=norm, steps=10), 2, 0.001)


@pytest.mark.parametrize("norm", NORMS)
def test_with_all_targets_the_closest_of_many_classes_is_found(norm):
    check_iff(APGD(norm=norm, steps=10, loss="dlr", targets=3), 4, 0.02, seed=1)


def test_targets_reach_a_class_that_the_best_rival_hides():
    """The class that scores second is far away, and the ratio falls towards the one that is near.

    Scores 0, −1 + x/10, −2 + 5y, −50: from the origin class 1 is 10 away, and class 2 only .4.
    """
    weights = np.array([[0.0, 0.0], [0.1, 0.0], [0.0, 5.0], [0.0, 0.0]])
    model = oracle(weights, np.array([0.0, -1.0, -2.0, -50.0]), WIDE)
    origin = np.zeros((4, 2), dtype=np.float32)
    labels = np.zeros(4, dtype=np.int64)
    hidden, seen = (
        APGD(norm=Norm.L2, steps=20, loss="dlr", targets=targets)(
            model, origin, labels, epsilons=0.41, seed=0
        )
        for targets in (0, 2)
    )
    assert not hidden.success.any()
    assert seen.success.all()
    assert (seen.backwards > hidden.backwards).all()


def test_a_class_that_was_chosen_is_what_counts():
    """Between two classes of five: every other class is no success, and that one is."""
    model, inputs, labels, _ = linear_model(5, Norm.L2, seed=2)
    targets = (labels + 1) % 5
    found = APGD(norm=Norm.L2, steps=20, loss="dlr")(
        model, inputs, TargetedMisclassification(targets), epsilons=5.0, seed=0
    )
    answers = model.classifier(torch.from_numpy(found.raw)).argmax(1).numpy()
    assert (answers[found.success] == targets[found.success]).all()
    assert found.success.sum() >= 4


def test_checkpoints_are_the_published_ones():
    assert APGD().checkpoints() == [22, 41, 57, 70, 80, 87, 93, 99]


def test_the_step_halves_where_the_loss_stays():
    """A pit inside of the ball, narrower than fixed steps of 2ε would find."""

    class Pit(nn.Module):
        def forward(self, x):
            other = -(x - 0.3).abs().sum(1)  # adversarial within .01 of .3 alone
            return torch.stack([torch.full((len(x),), -0.01), other], dim=1)

    model = BaseOracle(TorchClassifier(Pit(), num_classes=2), WIDE)
    inputs = np.zeros((1, 1), dtype=np.float32)
    found = APGD(norm=Norm.L2, steps=60)(model, inputs, [0], epsilons=1.0, seed=0)
    assert found.success.all()
    assert abs(found.raw[0, 0] - 0.3) < 0.01
    # Within the first 13 of 60 moves all steps are 2ε long.
    assert found.backwards[0] > 14


def test_companions_change_nothing():
    """Whole numbers and exact sums, so that no batch rounds otherwise."""
    rng = np.random.default_rng(3)
    space = Grid.fixed_point(8, low=0, high=1)
    model = oracle(rng.integers(-8, 9, (4, 32)).astype(float), np.zeros(4), space)
    inputs = rng.integers(60, 200, (6, 32))
    labels = model.classifier(torch.from_numpy(inputs / 256)).argmax(1).numpy()
    attack = APGD(steps=6, loss="dlr", targets=2, restarts=2)
    epsilon = 16 / 256
    together = attack(model, inputs, labels, epsilons=epsilon, seed=5)
    assert 0 < together.success.sum() < 6  # both kinds are compared
    alone = attack(model, inputs[:2], labels[:2], epsilons=epsilon, seed=5)
    assert np.array_equal(alone.raw, together.raw[:2])
    assert alone.forwards.tolist() == together.forwards[:2].tolist()


@pytest.mark.parametrize("norm", NORMS)
def test_on_a_grid_points_lie_on_it_and_in_the_ball(norm):
    rng = np.random.default_rng(4)
    space, epsilon = Grid.uint8(), 8 / 255 if norm is Norm.LINF else 0.1
    weights = rng.standard_normal((3, 30))
    inputs = rng.integers(0, 256, (12, 30))
    labels = (inputs / 255 @ weights.T).argmax(1)
    found = APGD(norm=norm, steps=20)(
        oracle(weights, np.zeros(3), space), inputs, labels, epsilons=epsilon, seed=0
    )
    levels = space.levels(found.raw)
    assert 0 < found.success.sum() < 12
    for x, end, label, success in zip(inputs, levels, labels, found.success, strict=True):
        if success:
            limit = distance_up(np.array([0]), np.array([8]), Norm.LINF, space.step)
            assert distance_up(x, end, norm, space.step) <= max(epsilon, limit * (epsilon < 0.05))
            assert (end / 255 @ weights.T).argmax() != label


def test_an_input_that_is_wrong_already_is_left_alone():
    model, inputs, labels, _ = linear_model(3, Norm.L2)
    found = APGD(norm=Norm.L2, steps=5)(model, inputs, (labels + 1) % 3, epsilons=0.1, seed=0)
    assert found.status == (Status.MISCLASSIFIED,) * len(labels)
    assert (found.distance == 0).all()
    assert (found.backwards == 0).all()


def test_dlr_of_few_classes_is_refused():
    model, inputs, labels, _ = linear_model(2, Norm.L2)
    with pytest.raises(InputError, match='3 best scores and the model has 2 classes: take .* "ce"'):
        APGD(norm=Norm.L2, loss="dlr")(model, inputs, labels, epsilons=0.1)
    model, inputs, labels, _ = linear_model(3, Norm.L2)
    with pytest.raises(InputError, match="4 best scores and the model has 3 classes"):
        APGD(norm=Norm.L2, loss="dlr", targets=2)(model, inputs, labels, epsilons=0.1)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param({"norm": Norm.L1}, "APGD is for L2 and L∞", id="norm"),
        pytest.param({"loss": "cw"}, "loss must be ce or dlr, not 'cw'", id="loss"),
        pytest.param({"steps": 0}, "steps must be at least 1", id="steps"),
        pytest.param({"targets": -1}, "targets must be at least 0", id="targets"),
        pytest.param({"draws": 0}, "draws must be at least 1", id="draws"),
    ],
)
def test_numbers_out_of_range_are_refused(values, message):
    with pytest.raises(InputError, match=message):
        APGD(**values)


def test_draws_see_through_a_gradient_that_noise_hides():
    """A smoothed linear model: its boundary is where it was, and so is the ball that meets it."""
    layer = nn.Linear(20, 2)
    with torch.no_grad():
        layer.weight.copy_(torch.stack([torch.zeros(20), torch.ones(20)]))
        layer.bias.copy_(torch.tensor([0.0, -11.0]))
    g = Smoothed(TorchClassifier(layer, 2), Gaussian(sigma=0.25), space=WIDE)
    model = SmoothedOracle(g, n=101, seed=1)
    inputs = np.full((2, 20), 0.5, dtype=np.float32)  # the margin is 1, the distance 1/√20
    attack = APGD(norm=Norm.L2, steps=10, draws=20)
    near = attack(model, inputs, [0, 0], epsilons=0.5 / 20**0.5, seed=0)
    beyond = attack(model, inputs, [0, 0], epsilons=2 / 20**0.5, seed=0)
    assert not near.success.any()
    assert beyond.success.all()
    assert (beyond.backwards == 11 * 20).all()
