"""Boundary Projection, FMN and FAB against linear models, whose closest points are known."""

import numpy as np
import pytest
import torch
from torch import nn

from attacks.linear_models import oracle
from certiball.attacks.attacked import Status
from certiball.attacks.boundary_projection import BoundaryProjection
from certiball.attacks.criterion import TargetedMisclassification
from certiball.attacks.fab import FAB
from certiball.attacks.fmn import FMN
from certiball.attacks.gradient.hyperplane import nearest_on_plane
from certiball.attacks.oracle import BaseOracle, SmoothedOracle
from certiball.balls import Norm, distance_up
from certiball.classifiers.function import FunctionClassifier
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError
from certiball.laws.gaussian import Gaussian
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Reals

WIDE = Reals(low=-100.0, high=100.0)
ATTACKS = [
    pytest.param(BoundaryProjection(steps=60), id="bp"),
    pytest.param(FMN(steps=40), id="fmn-L2"),
    pytest.param(FMN(norm=Norm.LINF, steps=40), id="fmn-Linf"),
    pytest.param(FAB(steps=6), id="fab-L2"),
    pytest.param(FAB(norm=Norm.LINF, steps=6), id="fab-Linf"),
]
TARGETED = pytest.param(FAB(steps=4, targets=9), id="fab-L2-targeted")
QUICK = [
    pytest.param(BoundaryProjection(steps=12), id="bp"),
    pytest.param(FMN(norm=Norm.LINF, steps=12), id="fmn"),
    pytest.param(FAB(steps=3), id="fab"),
    pytest.param(FAB(norm=Norm.LINF, steps=2, targets=3), id="fab-targeted"),
]


def linear_model(classes, space, dimension=40, count=8, seed=0):
    """A model, inputs, their classes, and weights with bias."""
    rng = np.random.default_rng(seed)
    weights, bias = rng.standard_normal((classes, dimension)), rng.standard_normal(classes)
    levels = rng.integers(90, 160, (count, dimension))
    inputs = levels if isinstance(space, Grid) else (levels / 255).astype(np.float32)
    values = levels / 255 if isinstance(space, Grid) else inputs.astype(np.float64)
    labels = (values @ weights.T + bias).argmax(1)
    return oracle(weights, bias, space), inputs, labels, (weights, bias, values)


def exact(labels, plain, norm, box):
    """The distance of each input to the closest other class: by a formula, or in a box."""
    weights, bias, values = plain
    found = np.full((len(labels), len(bias)), np.inf)
    for place, label in enumerate(labels):
        for other in set(range(len(bias))) - {label}:
            normal = torch.from_numpy(weights[other] - weights[label])[None]
            x = torch.from_numpy(values[place])[None]
            offset = (normal * x).sum(1) + bias[other] - bias[label]
            end = nearest_on_plane(x, normal, offset, box, norm)
            beyond = offset + (normal * (end - x)).sum(1)
            if beyond > -1e-9:  # the box may not reach the plane
                order = 2 if norm is Norm.L2 else np.inf
                found[place, other] = np.linalg.norm((end - x).numpy()[0], order)
    return found.min(1)


@pytest.mark.parametrize("attack", ATTACKS)
def test_two_classes_within_a_hundredth_of_the_exact_distance(attack):
    model, inputs, labels, plain = linear_model(2, WIDE)
    ratio = attack(model, inputs, labels).distance / exact(labels, plain, attack.norm, WIDE.bounds)
    assert ratio.min() > 1 - 1e-6
    assert ratio.max() < 1.01


@pytest.mark.parametrize("attack", [*ATTACKS, TARGETED])
def test_many_classes(attack):
    """FAB compares the distances to all classes, the others follow the class that scores best."""
    model, inputs, labels, plain = linear_model(6, WIDE, seed=1)
    ratio = attack(model, inputs, labels).distance / exact(labels, plain, attack.norm, WIDE.bounds)
    assert ratio.min() > 1 - 1e-6
    assert np.median(ratio) < 1.01
    assert ratio.max() < (1.01 if isinstance(attack, FAB) else 1.3)


@pytest.mark.parametrize("attack", ATTACKS)
def test_in_a_box_that_is_met(attack):
    """Inputs near the middle of a narrow box: the closest points lie on its faces."""
    rng = np.random.default_rng(3)
    weights = np.stack([np.zeros(30), rng.standard_normal(30)])
    inputs = rng.uniform(0.45, 0.55, (8, 30)).astype(np.float32)
    space = Reals(low=0.4, high=0.6)
    reach = 0.7 * (0.1 * np.abs(weights[1]).sum())  # of the way to the corner
    bias = np.array([0.0, -float(inputs.mean(0).astype(np.float64) @ weights[1]) - reach])
    labels = np.zeros(8, dtype=np.int64)
    plain = (weights, bias, inputs.astype(np.float64))
    true = exact(labels, plain, attack.norm, space.bounds)
    free = exact(labels, plain, attack.norm, (-np.inf, np.inf))
    assert (true > free).all()  # the box matters
    assert np.median(true / free) > 1.005
    found = attack(oracle(weights, bias, space), inputs, labels)
    ratio = found.distance / true
    assert ratio.min() > 1 - 1e-6
    assert ratio.max() < 1.05
    assert found.raw.min() >= np.float32(0.4)
    assert found.raw.max() <= np.float32(0.6)


@pytest.mark.parametrize("attack", ATTACKS)
def test_on_a_grid_what_is_found_is_on_it_and_as_far_as_is_said(attack):
    model, inputs, labels, plain = linear_model(5, Grid.uint8(), seed=2)
    weights, bias, _ = plain
    true = exact(labels, plain, attack.norm, (0.0, 1.0))
    inputs, labels, true = (each[true > 2 / 255] for each in (inputs, labels, true))
    found = attack(model, inputs, labels)
    levels = Grid.uint8().levels(found.raw)  # raises off the grid
    assert (((levels / 255) @ weights.T + bias).argmax(1) != labels).all()
    measured = [
        distance_up(x, end, attack.norm, Grid.uint8().step)
        for x, end in zip(inputs, levels, strict=True)
    ]
    assert found.distance.tolist() == measured
    assert found.status == (Status.FOUND,) * len(labels)
    assert ((found.distance > true - 1e-9) & (found.distance < 1.3 * true + 1 / 255)).all()


@pytest.mark.parametrize("attack", QUICK)
def test_an_input_that_is_wrong_already_costs_one_forward(attack):
    model, inputs, labels, _ = linear_model(3, WIDE, count=3)
    labels = labels.copy()
    labels[1] = (labels[1] + 1) % 3
    found = attack(model, inputs, labels)
    assert found.status[1] is Status.MISCLASSIFIED
    assert found.distance[1] == 0
    assert np.array_equal(found.raw[1], inputs[1])
    assert (found.forwards[1], found.backwards[1]) == (1, 0)
    assert found.status[0] is found.status[2] is Status.FOUND
    assert (found.queries == 0).all()
    assert found.forwards[0] > found.forwards[1]
    assert found.backwards[0] >= 3


@pytest.mark.parametrize("attack", QUICK)
def test_a_model_that_never_changes_its_label_is_a_status(attack):
    weights, bias = np.zeros((3, 10)), np.array([1.0, 0.0, 0.5])
    inputs = np.full((2, 10), 0.5, dtype=np.float32)
    found = attack(oracle(weights, bias, WIDE), inputs, np.zeros(2, dtype=np.int64))
    assert found.status == (Status.NOT_FOUND,) * 2
    assert np.isinf(found.distance).all()
    assert not found.success.any()
    assert np.array_equal(found.raw, inputs)


@pytest.mark.parametrize("attack", QUICK)
def test_images_do_not_depend_on_each_other(attack):
    """Whole numbers and exact sums: no batch rounds otherwise, so results are the same bits."""
    rng = np.random.default_rng(4)
    space = Grid.fixed_point(8, low=0, high=1)
    model = oracle(rng.integers(-8, 9, (4, 32)).astype(float), np.zeros(4), space)
    inputs = rng.integers(60, 200, (5, 32))
    labels = model.classifier(torch.from_numpy(inputs / 256)).argmax(1).numpy()
    together = attack(model, inputs, labels)
    for places in ([3], [4, 0]):
        alone = attack(model, inputs[places], labels[places])
        assert np.array_equal(alone.raw, together.raw[places])
        assert alone.distance.tolist() == together.distance[places].tolist()
        assert alone.forwards.tolist() == together.forwards[places].tolist()
        assert alone.history == tuple(together.history[place] for place in places)


@pytest.mark.parametrize("attack", QUICK)
def test_a_class_that_was_chosen_is_reached(attack):
    model, inputs, labels, (weights, bias, _) = linear_model(4, WIDE, count=6, seed=5)
    targets = (labels + 2) % 4
    found = attack(model, inputs, TargetedMisclassification(targets))
    assert ((found.raw.astype(np.float64) @ weights.T + bias).argmax(1) == targets).all()
    free = attack(model, inputs, labels)
    assert (found.distance >= free.distance * 0.99).all()


def test_a_starting_point_is_where_it_begins():
    """From a point across the boundary the first that is asked about is that point."""
    model, inputs, labels, (weights, _, _) = linear_model(2, WIDE, count=2)
    away = (weights[1 - labels] - weights[labels]).astype(np.float32)
    starts = inputs + 3 * away
    found = FMN(steps=5)(model, inputs, labels, starting_points=starts)
    first = np.linalg.norm((starts - inputs).astype(np.float64), axis=1)
    assert [history[0][1] for history in found.history] == pytest.approx(first.tolist())
    with pytest.raises(InputError, match="do not fit"):
        FMN()(model, inputs, labels, starting_points=starts[:1])


def test_epsilons_decide_success_and_tensors_give_tensors():
    model, inputs, labels, _ = linear_model(2, WIDE, count=5)
    distance = FAB(steps=10)(model, inputs, labels).distance
    middle = float(np.median(distance))
    raw, clipped, success = FAB(steps=10)(
        model, torch.from_numpy(inputs), labels, epsilons=[0.5 * middle, middle]
    )
    assert success.tolist() == [(distance <= 0.5 * middle).tolist(), (distance <= middle).tolist()]
    assert all(isinstance(each, torch.Tensor) for each in (*raw, *clipped))


def test_what_has_no_gradients_or_answers_at_random_is_refused():
    _, inputs, labels, _ = linear_model(2, WIDE)
    bright = FunctionClassifier(lambda x: x.mean(1) > 0.5, num_classes=2)
    with pytest.raises(InputError, match="has no gradients"):
        FMN()(BaseOracle(bright, WIDE), inputs, labels)
    g = Smoothed(TorchClassifier(nn.Linear(40, 2), 2), Gaussian(sigma=0.25), space=WIDE)
    with pytest.raises(InputError, match=r"answers at random.*EOTPGD"):
        BoundaryProjection()(SmoothedOracle(g, n=10), inputs, labels)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda: FMN(norm=Norm.L1), "FMN is for L2 and L∞", id="fmn-norm"),
        pytest.param(lambda: FMN(steps=0), "steps must be at least 1", id="fmn-steps"),
        pytest.param(lambda: FMN(gamma=1.0), "gamma must be between 0 and 1", id="fmn-gamma"),
        pytest.param(lambda: FMN(step=-1.0), "step must be finite and > 0", id="fmn-step"),
        pytest.param(lambda: FAB(norm=Norm.L0), "FAB is for L2 and L∞", id="fab-norm"),
        pytest.param(lambda: FAB(steps=0), "steps must be at least 1", id="fab-steps"),
        pytest.param(lambda: FAB(targets=-1), "targets must be at least 0", id="fab-targets"),
        pytest.param(lambda: FAB(enough=-1.0), "enough must be at least 0", id="fab-enough"),
        pytest.param(lambda: BoundaryProjection(steps=0), "at least 1, not 0", id="bp-steps"),
        pytest.param(
            lambda: BoundaryProjection(gamma_min=1.0), "gamma_min must be between", id="bp-gamma"
        ),
        pytest.param(lambda: BoundaryProjection(alpha=0.0), "alpha must be finite", id="bp-alpha"),
    ],
)
def test_numbers_out_of_range_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_boundary_projection_follows_its_schedule():
    """γ grows from γ_min towards 1, and is γ_min + (1 − γ_min)·i/(K + 1)."""
    walk = BoundaryProjection(steps=20, gamma_min=0.3)
    gammas = [walk.gamma(step) for step in range(20)]
    assert gammas[0] == 0.3
    assert gammas[10] == pytest.approx(0.3 + 0.7 * 10 / 21)
    assert gammas == sorted(gammas)
    assert gammas[-1] < 1


def test_boundary_projection_walks_a_curved_boundary():
    """Around a ball of radius 1 the closest point is known; stage 2 has to turn to reach it."""

    class Bowl(nn.Module):
        def forward(self, x):
            scale = torch.tensor([1.0, 3.0], dtype=x.dtype)
            return torch.stack([1 - (x * x * scale).sum(1), torch.zeros(len(x))], dim=1)

    model = BaseOracle(TorchClassifier(Bowl(), num_classes=2), WIDE)
    inputs = np.array([[0.3, 0.05]], dtype=np.float32)
    angle = np.linspace(0, 2 * np.pi, 100_001)
    curve = np.stack([np.cos(angle), np.sin(angle) / np.sqrt(3)], axis=1)
    true = np.linalg.norm(curve - inputs.astype(np.float64), axis=1).min()
    for attack in (BoundaryProjection(steps=60), FMN(steps=60), FAB(steps=20)):
        distance = attack(model, inputs, [0]).distance[0]
        assert true - 1e-6 < distance < 1.03 * true
