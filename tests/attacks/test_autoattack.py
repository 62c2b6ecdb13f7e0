"""The ensembles: what they call broken is broken, and what they count adds up."""

import numpy as np
import pytest
import torch
from torch import nn

from attacks.linear_models import oracle
from certiball.attacks.attacked import Status
from certiball.attacks.autoattack import AutoAttack
from certiball.attacks.criterion import TargetedMisclassification
from certiball.attacks.epsilons import measured
from certiball.attacks.gradient.closest import scene_of
from certiball.attacks.gradient.scene import Scene
from certiball.attacks.gradient.scored import ScoredOracle
from certiball.attacks.oracle import BaseOracle, Questions, SmoothedOracle
from certiball.balls import Norm, distance_up
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError, ModelError
from certiball.laws.gaussian import Gaussian
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Reals

GRID = Grid.uint8()


def quick(norm):
    return AutoAttack(norm=norm, steps=4, queries=15, targets=3)


def network(classes, seed=0):
    """A small network in float32, pictures on the grid, and labels of which one is wrong."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 24), nn.ReLU(), nn.Linear(24, classes))
    with torch.no_grad():  # so that pictures lie on both sides of every unit
        model[1].bias.copy_(-0.51 * model[1].weight.sum(1))
        model[3].bias.zero_()
    levels = np.random.default_rng(seed).integers(60, 200, (10, 1, 6, 6))
    classifier = TorchClassifier(model, num_classes=classes)
    labels = answers(classifier, levels)
    labels[4] = (labels[4] + 1) % classes
    return BaseOracle(classifier, GRID), levels, labels


def answers(classifier, levels):
    with torch.no_grad():
        return classifier(torch.from_numpy(GRID.values(levels))).argmax(1).numpy()


@pytest.mark.parametrize(
    ("norm", "classes"),
    [
        pytest.param(Norm.L2, 10, id="L2-10"),
        pytest.param(Norm.LINF, 3, id="Linf-3"),
    ],
)
def test_what_is_called_broken_is_adversarial_on_the_grid_and_within_epsilon(norm, classes):
    model, levels, labels = network(classes)
    radii = [4 / 255, 12 / 255] if norm is Norm.LINF else [0.05, 0.15]
    found = quick(norm)(model, levels, labels, epsilons=radii, seed=0)
    for epsilon, raw, success in zip(radii, found.raw, found.success, strict=True):
        ends = GRID.levels(raw)  # raises off the grid
        wrong = answers(model.classifier, ends) != labels
        assert success[4]  # misclassified from the beginning
        for x, end, said, is_wrong in zip(levels, ends, success, wrong, strict=True):
            if said:
                assert is_wrong
                assert distance_up(x, end, norm, GRID.step) <= measured(GRID, epsilon)
    assert found.success[1].sum() > 1
    assert (found.success[1] >= found.success[0]).all()
    assert found.status[4] is Status.MISCLASSIFIED
    assert (found.forwards[4], found.backwards[4], found.queries[4]) == (1, 0, 0)


def test_stages_name_the_attacks_and_add_up():
    model, levels, labels = network(10)
    told = []
    radii = [2 / 255, 6 / 255]
    found = quick(Norm.LINF)(model, levels, labels, epsilons=radii, seed=0, tell=told.append)
    assert tuple(told) == found.stages
    names = ["APGD-CE", "APGD-DLR-T", "FAB-T", "Square"]
    assert [stage.attack for stage in told] == 2 * names
    standing = 9  # one is misclassified
    for stage in told:
        assert stage.tried == standing
        standing -= stage.broken
        assert stage.accuracy == standing / 10
    assert told[3].accuracy == (~found.success[0]).mean()
    assert told[7].accuracy == (~found.success[1]).mean()
    assert str(told[0]).startswith("ε = 0.007843, APGD-CE: broke ")
    # Whoever stands at the end went through all of Square at each ε.
    left = ~found.success[1]
    assert (found.queries[left] == 2 * 15).all()
    assert left.any()


@pytest.mark.parametrize(
    ("classes", "names"),
    [
        pytest.param(2, ["APGD-CE", "FAB-T", "Square"], id="2"),
        pytest.param(3, ["APGD-CE", "APGD-DLR", "FAB-T", "Square"], id="3"),
        pytest.param(4, ["APGD-CE", "APGD-DLR-T", "FAB-T", "Square"], id="4"),
    ],
)
def test_few_classes_have_other_attacks_in_place_of_dlr(classes, names):
    model, levels, labels = network(classes)
    found = quick(Norm.LINF)(model, levels[:2], labels[:2], epsilons=0.001, seed=0)
    assert [stage.attack for stage in found.stages] == names
    rand = AutoAttack(version="rand").members(classes, 0.1)
    assert [member.loss for member in rand] == (["ce"] if classes == 2 else ["ce", "dlr"])


def test_the_published_members():
    apgd, targeted, fab, square = AutoAttack().members(1000, 8 / 255)
    assert (apgd.steps, apgd.loss, apgd.targets, apgd.draws) == (100, "ce", 0, 1)
    assert (targeted.steps, targeted.loss, targeted.targets) == (100, "dlr", 9)
    assert (fab.steps, fab.targets) == (100, 9)
    assert (square.queries, square.share) == (5000, 0.8)
    assert AutoAttack().members(10, 8 / 255)[1].targets == 9
    assert AutoAttack().members(5, 8 / 255)[1].targets == 4
    assert [m.draws for m in AutoAttack(version="rand").members(10, 0.1)] == [20, 20]


def test_companions_change_nothing():
    """Whole numbers and exact sums, so that no batch rounds otherwise."""
    rng = np.random.default_rng(3)
    space = Grid.fixed_point(8, low=0, high=1)
    model = oracle(rng.integers(-8, 9, (5, 36)).astype(float), np.zeros(5), space)
    levels = rng.integers(60, 200, (6, 1, 6, 6))
    labels = model.classifier(torch.from_numpy(levels / 256)).argmax(1).numpy()
    together = quick(Norm.LINF)(model, levels, labels, epsilons=4 / 256, seed=5)
    alone = quick(Norm.LINF)(model, levels[:2], labels[:2], epsilons=4 / 256, seed=5)
    assert 0 < together.success.sum() < 6
    assert np.array_equal(alone.raw, together.raw[:2])
    for name in ("queries", "forwards", "backwards", "distance"):
        assert getattr(alone, name).tolist() == getattr(together, name)[:2].tolist()


def test_linear_models_fall_exactly_beyond_their_distance():
    """With all its targets the ensemble is the smallest ball there is."""
    rng = np.random.default_rng(6)
    space = Reals(low=-100.0, high=100.0)
    weights = rng.standard_normal((4, 36))
    pictures = rng.uniform(0.3, 0.7, (12, 1, 6, 6)).astype(np.float32)
    scores = pictures.reshape(12, -1).astype(np.float64) @ weights.T
    labels = scores.argmax(1)
    sizes = np.linalg.norm(weights[labels][:, None] - weights[None], axis=2)
    gaps = scores.max(1, keepdims=True) - scores
    true = np.where(gaps > 0, gaps / np.where(sizes > 0, sizes, 1), np.inf).min(1)
    epsilon = float(np.median(true))
    found = quick(Norm.L2)(
        oracle(weights, np.zeros(4), space), pictures, labels, epsilons=epsilon, seed=0
    )
    assert not found.success[true > epsilon].any()
    assert found.success[1.02 * true < epsilon].all()


def test_rand_breaks_a_smoothed_model_beyond_its_boundary_and_not_before():
    layer = nn.Linear(36, 3)
    with torch.no_grad():
        layer.weight.copy_(torch.stack([torch.zeros(36), torch.ones(36), -torch.ones(36)]))
        layer.bias.copy_(torch.tensor([0.0, -19.0, 0.0]))
    classifier = TorchClassifier(nn.Sequential(nn.Flatten(), layer), num_classes=3)
    g = Smoothed(classifier, Gaussian(sigma=0.25), space=Reals(low=0.0, high=1.0))
    model = SmoothedOracle(g, n=51, seed=1)
    pictures = np.full((2, 1, 6, 6), 0.5, dtype=np.float32)  # a margin of 1, at distance 1/6
    attack = AutoAttack(norm=Norm.L2, version="rand", steps=5)
    found = attack(model, pictures, [0, 0], epsilons=[0.25 / 6, 3 / 6], seed=0)
    assert found.success.tolist() == [[False, False], [True, True]]
    assert [stage.attack for stage in found.stages] == 2 * ["APGD-CE", "APGD-DLR"]
    assert (found.queries == 0).all()
    again = attack(model, pictures, [0, 0], epsilons=[0.25 / 6, 3 / 6], seed=0)
    assert np.array_equal(again.raw, found.raw)


def test_rand_takes_a_random_module():
    """A module that draws its own noise is asked again and again, and judged by a majority."""

    class Noisy(nn.Module):
        def forward(self, x):
            signal = x.flatten(1).sum(1) - 19 + torch.randn(len(x))
            return torch.stack([torch.zeros(len(x)), signal], dim=1)

    torch.manual_seed(0)
    model = BaseOracle(TorchClassifier(Noisy(), num_classes=2), Reals(low=0.0, high=1.0))
    pictures = np.full((2, 1, 6, 6), 0.5, dtype=np.float32)
    attack = AutoAttack(version="rand", steps=5)
    found = attack(model, pictures, [0, 0], epsilons=[0.001, 0.2], seed=0)
    assert found.success[1].all()
    assert found.forwards[0] > 15


def test_a_target_is_kept_to():
    model, levels, labels = network(10)
    targets = (labels + 3) % 10
    found = quick(Norm.LINF)(
        model, levels, TargetedMisclassification(targets), epsilons=20 / 255, seed=0
    )
    reached = answers(model.classifier, GRID.levels(found.raw)) == targets
    assert reached[found.success].all()
    assert found.success.any()


def test_shares_of_scores_have_their_margins():
    model, levels, labels = network(5)
    scene = scene_of(model, levels, labels, None, 0)
    assert isinstance(scene, Scene)
    asked = Questions(points=levels, owners=np.arange(10), numbers=np.zeros(10, dtype=np.int64))
    counts = ScoredOracle(scene).counts(asked)
    with torch.no_grad():
        scores = model.classifier(torch.from_numpy(GRID.values(levels))).double().numpy()
    shares = counts / counts.sum(1, keepdims=True)
    for one, other in ((0, 1), (2, 4)):
        gaps = (shares[:, one] - shares[:, other]) * 5 * 2**20
        assert np.allclose(gaps, scores[:, one] - scores[:, other], atol=1e-7)
    assert scene.gradients.forwards.tolist() == [1] * 10


def test_scores_that_are_no_numbers_are_no_margins():
    model = TorchClassifier(nn.Sequential(nn.Flatten(), nn.Linear(36, 3)), num_classes=3)
    with torch.no_grad():
        model.model[1].bias[0] = torch.nan
    scene = scene_of(BaseOracle(model, GRID), np.zeros((1, 1, 6, 6), dtype=np.int64), [0], None, 0)
    asked = Questions(
        points=scene.encoded, owners=np.zeros(1, dtype=np.int64), numbers=np.zeros(1, np.int64)
    )
    with pytest.raises(ModelError, match="not all finite"):
        ScoredOracle(scene).counts(asked)


def test_bad_input_has_a_remedy():
    model, levels, labels = network(10)
    with pytest.raises(InputError, match=r"within a ball: give epsilons=8/255"):
        quick(Norm.LINF)(model, levels, labels, epsilons=None)
    with pytest.raises(InputError, match="such as 8/255 for images"):
        quick(Norm.LINF)(model, levels, labels, epsilons=8.0)
    flat = BaseOracle(TorchClassifier(nn.Linear(36, 10), num_classes=10), GRID)
    with pytest.raises(InputError, match="no pictures"):
        quick(Norm.LINF)(flat, levels.reshape(10, 36), labels, epsilons=0.1)
    g = Smoothed(model.classifier, Gaussian(sigma=0.25), space=GRID)
    with pytest.raises(InputError, match='version="rand"'):
        quick(Norm.LINF)(SmoothedOracle(g, n=10), levels, labels, epsilons=0.1)
    with pytest.raises(InputError, match="version must be standard or rand, not 'plus'"):
        AutoAttack(version="plus")
    with pytest.raises(InputError, match="queries must be at least 1"):
        AutoAttack(queries=0)
    with pytest.raises(InputError, match="AutoAttack is for L2 and L∞, not for L1"):
        AutoAttack(norm=Norm.L1)
