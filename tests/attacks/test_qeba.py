"""QEBA where its directions hold the gradient, and where they do not."""

import numpy as np
import pytest
import torch

from attacks.half_spaces import gaussian_weights, half_space
from certiball.attacks.hop_skip_jump import HopSkipJump
from certiball.attacks.qeba import QEBA
from certiball.attacks.search.subspaces import (
    LowFrequencies,
    Upsampling,
    gradient_basis,
)
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError

SHAPE = (3, 16, 16)


def smooth_weights():
    """Weights that are a small picture, enlarged."""
    span = Upsampling(factor=4).span(SHAPE)
    return span.inputs(np.random.default_rng(1).standard_normal((1, span.count)))[0]


def reference(weights):
    """A linear model that looks at the same directions, with others beside them."""
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(weights.size, 4, bias=False))
    rows = np.stack([weights.ravel(), *gaussian_weights(3, weights.size)])
    model[1].weight.data.copy_(torch.from_numpy(rows / np.linalg.norm(rows, axis=1)[:, None]))
    return TorchClassifier(model, num_classes=4)


def subspaces(half):
    x = np.random.default_rng(3).uniform(size=(24, *SHAPE)).astype(np.float32)
    model = reference(half.oracle.weights)
    return [
        Upsampling(factor=4),
        LowFrequencies(factor=4),
        gradient_basis(model, x, np.arange(24) % 4, count=3),
    ]


def mean_times(half, attack, queries):
    found = attack(half.oracle, half.inputs, half.labels, max_queries=queries, seed=1)
    assert (found.queries <= queries).all()
    return [float(np.mean(times)) for times in half.times(found)]


@pytest.mark.parametrize("subspace", [0, 1, 2], ids=["upsampling", "frequencies", "gradients"])
def test_few_directions_that_hold_the_gradient_need_fewer_queries(subspace):
    half = half_space(smooth_weights(), count=2)
    all_of_them, _ = mean_times(half, HopSkipJump(), 1000)
    few, rescaled = mean_times(half, QEBA(subspace=subspaces(half)[subspace]), 1000)
    assert 1 <= few < 1.25
    assert rescaled <= few
    assert all_of_them > 1.2 * few


def test_noise_needs_large_probes_here_as_well():
    half = half_space(smooth_weights(), count=2, sigma=0.25, n=10)
    published, adaptive = (
        mean_times(half, QEBA(subspace=Upsampling(factor=4), probe_deviation=deviation), 1000)
        for deviation in (0.0, 0.25)
    )
    assert published[1] > 1.5 * adaptive[1]
    assert adaptive[1] < 1.3


def test_in_linf_as_well():
    half = half_space(smooth_weights(), count=2)
    attack = QEBA(subspace=Upsampling(factor=4), constraint="linf")
    found = attack(half.oracle, half.inputs, half.labels, max_queries=1000, seed=1)
    truth = half.oracle.distance(half.inputs) / np.abs(half.oracle.weights).sum()
    ratio = found.distance / truth
    assert (ratio >= 1).all(), ratio
    assert (ratio < 1.6).all(), ratio


def test_a_subspace_for_other_inputs_is_refused():
    half = half_space(gaussian_weights(3, 4, 4), apart=0.2)
    other = subspaces(half_space(smooth_weights()))[2]
    with pytest.raises(InputError, match=r"shape \[3, 16, 16\], not \[3, 4, 4\]"):
        QEBA(subspace=other)(half.oracle, half.inputs, half.labels, max_queries=100, seed=1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"gradient_eval_steps": 0}, "gradient_eval_steps must be at least 1, not 0"),
        ({"gamma": float("inf")}, "gamma must be finite and > 0"),
        ({"constraint": "L2"}, 'constraint must be "l2" or "linf"'),
    ],
    ids=["gradient_eval_steps", "gamma", "constraint"],
)
def test_arguments_out_of_range_are_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        QEBA(**wrong)
