import numpy as np
import pytest

import certiball as cb
from certiball.errors import InfeasibleError, InputError
from certiball.statistics.binomial import lower_bound
from certiball.statistics.rounding import format_down
from certiball.theorems import gaussian_l2
from certiball.theorems.bounds import Bounds

LAW = cb.Gaussian(sigma=0.25)
PLAN = cb.FixedSamples(n0=50, n=1000)
IMAGES = np.array([[255, 128, 0], [128, 128, 255]], dtype=np.uint8)


def smoothed(model=lambda x: (x > 0.5).astype(int)):
    return cb.Smoothed(cb.FunctionClassifier(model, num_classes=2), LAW, cb.Grid.uint8())


def test_every_output_has_its_own_radius_at_its_share_of_alpha():
    results = cb.certify_outputs(smoothed(), IMAGES, plan=PLAN, alpha=0.003, seed=1)
    slack = LAW.slack(cb.Grid.uint8().step, 3)
    for result in results:
        assert result.n == 1000
        for count, p, radius in zip(result.counts, result.p_lower, result.radii, strict=True):
            assert p == lower_bound(count, 1000, 0.001)
            assert radius == gaussian_l2.radius(LAW, Bounds(p_lower=p), slack)
    first, second = results
    assert (first.labels[0], first.labels[2], second.labels[2]) == (1, 0, 1)
    assert first.radii[0] > 0.3
    assert first.radii[1] == first.radius == 0.0
    assert first.ball(0).strict
    with pytest.raises(InputError, match="output 1 abstains"):
        first.ball(1)
    assert "output 1: abstains" in str(first)
    below = format_down(first.radii[0])
    said = f"output 0: class 1 for every perturbation of L2 norm below {below} on the same grid;"
    assert str(first).startswith(said)


def test_counts_are_said_to_be_counts():
    model = cb.FunctionClassifier(lambda x: (x.mean((2, 3)) > 0.2).astype(int), num_classes=2)
    space = cb.Reals(low=0.0, high=1.0)
    g = cb.Smoothed(model, cb.Ablation(keep=2, pixels=49), space=space)
    [result] = cb.certify_outputs(g, np.ones((1, 1, 7, 7), np.float32), plan=PLAN, seed=1)
    most = int(result.radius)
    said = f"for every change of at most {most} pixels in exact arithmetic"
    assert most > 1
    assert said in str(result)


def test_scores_of_heads():
    def heads(x):
        return np.stack([0.5 - x, x - 0.5], 1)  # [batch, classes, outputs]

    one = cb.certify_outputs(smoothed(heads), IMAGES, plan=PLAN, seed=1)
    two = cb.certify_outputs(smoothed(), IMAGES, plan=PLAN, seed=1)
    assert one == two


def test_refusals():
    with pytest.raises(InputError, match="certify_segmentation is for those"):
        cb.certify_outputs(smoothed(), np.zeros((1, 4, 4), np.uint8), plan=PLAN)
    with pytest.raises(InfeasibleError, match="cannot certify any of 3 outputs"):
        cb.certify_outputs(smoothed(), IMAGES, plan=cb.FixedSamples(n0=5, n=10))
    with pytest.raises(InputError, match="plan must be FixedSamples"):
        cb.certify_outputs(smoothed(), IMAGES, plan=cb.TargetRadius(radii=(0.1,)))
