import math

import numpy as np
import pytest
import torch

import certiball as cb
from certiball.errors import InfeasibleError, InputError, ModelError
from certiball.laws.laplace import Laplace
from certiball.statistics.order import lower_index, upper_index
from certiball.theorems.percentile import shifted

LAW = cb.Gaussian(sigma=0.25)
IMAGES = np.array([[128, 64], [255, 0]], dtype=np.uint8)


def smoothed(model, law=LAW, space=None, outputs=1):
    return cb.Smoothed(cb.Regressor(model, outputs=outputs), law, space or cb.Grid.uint8())


def both(x):
    return x.astype(np.float64) * [1.0, -3.0]


def test_the_ends_are_samples_of_their_ranks():
    seen = []

    def model(x):
        seen.append(x[:, 0].copy())
        return x[:, 0]

    g = smoothed(model)
    [result] = cb.certify_median(g, IMAGES[:1], eps=0.1, n=512, alpha=0.01, seed=3)
    low, high = shifted(LAW, 0.5, 0.1, LAW.slack(cb.Grid.uint8().step, 2))
    ranks = lower_index(512, low, 0.005), upper_index(512, high, 0.005)
    assert result.indices == ranks
    drawn = np.sort(np.concatenate(seen[-4:]))  # 512 samples in batches of 128
    assert len(drawn) == 512
    assert result.lower == (float(drawn[ranks[0] - 1]),)
    assert result.upper == (float(drawn[ranks[1] - 1]),)
    assert result.lower < result.middle < result.upper


def test_all_outputs_hold_together_at_one_level():
    g = smoothed(both, outputs=2)
    one, two = cb.certify_median(g, IMAGES, eps=0.1, n=1000, alpha=0.02, seed=3)
    low, high = shifted(LAW, 0.5, 0.1, LAW.slack(cb.Grid.uint8().step, 2))
    assert one.indices == (lower_index(1000, low, 0.005), upper_index(1000, high, 0.005))
    for result, x in ((one, IMAGES[0] / 255), (two, IMAGES[1] / 255)):
        truth = x * [1, -3]
        reach = 0.1 * np.array([1, 3])
        assert (np.array(result.lower) <= truth - reach).all()
        assert (np.array(result.upper) >= truth + reach).all()
        assert (np.array(result.upper) - result.lower < 2 * reach + 0.25 * np.array([1, 3])).all()


def test_modules_and_classifiers_have_outputs_too():
    torch.manual_seed(0)
    module = torch.nn.Linear(2, 1)
    [result] = cb.certify_median(smoothed(module), IMAGES[:1], eps=0.1, n=500)
    assert not module.training
    assert len(result.lower) == 1
    scores = cb.TorchClassifier(torch.nn.Linear(2, 3), num_classes=3)
    g = cb.Smoothed(scores, LAW, cb.Grid.uint8())
    [result] = cb.certify_median(g, IMAGES[:1], eps=0.1, n=500)
    assert len(result.lower) == len(result.middle) == len(result.upper) == 3


def test_other_percentiles_and_no_ball():
    g = smoothed(lambda x: x[:, 0])
    [low] = cb.certify_median(g, IMAGES[:1], eps=0.0, n=2000, percentile=0.1, seed=1)
    [high] = cb.certify_median(g, IMAGES[:1], eps=0.0, n=2000, percentile=0.9, seed=1)
    assert low.upper < high.lower
    assert low.lower[0] < 128 / 255 - 1.2816 * 0.25 < low.upper[0]
    assert high.lower[0] < 128 / 255 + 1.2816 * 0.25 < high.upper[0]


def test_an_end_that_no_sample_proves_is_infinite():
    g = smoothed(lambda x: x[:, 0])
    [result] = cb.certify_median(g, IMAGES[:1], eps=0.2, n=100, percentile=0.05)
    assert result.lower == (-math.inf,)
    assert math.isfinite(result.upper[0])
    with pytest.raises(InfeasibleError, match="n = 5 samples bound neither end"):
        cb.certify_median(g, IMAGES[:1], eps=0.2, n=5)


def test_a_larger_ball_has_a_larger_interval():
    g = smoothed(lambda x: x[:, 0])
    results = [cb.certify_median(g, IMAGES[:1], eps=e, n=2000, seed=2)[0] for e in (0.0, 0.1, 0.3)]
    widths = [r.upper[0] - r.lower[0] for r in results]
    assert widths == sorted(widths)


def test_its_text_and_ball():
    g = smoothed(lambda x: x[:, 0])
    [result] = cb.certify_median(g, IMAGES[:1], eps=0.1, n=1000)
    assert "percentile 0.5 in [" in str(result)
    assert "L2 norm at most 0.1 on the same grid" in str(result)
    assert not result.ball.strict
    floats = smoothed(lambda x: x[:, 0], space=cb.Reals(low=0.0, high=1.0))
    [result] = cb.certify_median(floats, IMAGES[:1] / np.float32(255), eps=0.1, n=1000)
    assert "in exact reals" in str(result)


def test_refusals():
    g = smoothed(lambda x: x[:, 0])
    with pytest.raises(InputError, match="eps must be finite and ≥ 0, not -0.1"):
        cb.certify_median(g, IMAGES, eps=-0.1)
    with pytest.raises(InputError, match="eps must be finite"):
        cb.certify_median(g, IMAGES, eps=math.nan)
    with pytest.raises(InputError, match="percentile must lie between 0 and 1, not 1"):
        cb.certify_median(g, IMAGES, eps=0.1, percentile=1.0)
    with pytest.raises(InputError, match="intervals of percentiles are proven for Gaussian noise"):
        cb.certify_median(smoothed(both, law=Laplace(scale=0.2)), IMAGES, eps=0.1)
    with pytest.raises(InputError, match="n must be a whole number"):
        cb.certify_median(g, IMAGES, eps=0.1, n=True)


def test_answers_that_are_no_numbers():
    nan = smoothed(lambda x: np.where(x[:, 0] > 0.9, np.nan, x[:, 0]))
    with pytest.raises(
        ModelError, match="input 0: the model's outputs have NaN, which has no rank"
    ):
        cb.certify_median(nan, IMAGES[:1], eps=0.1)
    labels = cb.FunctionClassifier(lambda x: (x[:, 0] > 0.5).astype(int), num_classes=2)
    with pytest.raises(ModelError, match="percentiles are of floats"):
        cb.certify_median(cb.Smoothed(labels, LAW, cb.Grid.uint8()), IMAGES, eps=0.1)
    with pytest.raises(ModelError, match="it must return floats"):
        cb.certify_median(smoothed(both), IMAGES, eps=0.1)


def test_another_number_of_outputs_is_refused():
    """α was split among the outputs of the first input: 49 more would all be at its level."""

    def widening(x):
        return np.repeat(x[:, :1], 50 if x[0, 0] > 0.75 else 1, axis=1)

    model = cb.FunctionClassifier(widening, num_classes=2)
    g = cb.Smoothed(model, cb.Gaussian(sigma=0.01), cb.Grid.uint8())
    with pytest.raises(ModelError, match="input 1: the model returned 50 outputs, and 1 for the"):
        cb.certify_median(g, IMAGES, eps=0.001, n=500)


def test_models_that_mix_their_batch_are_refused():
    g = smoothed(lambda x: x[:, 0] - x.mean())
    with pytest.raises(ModelError, match="depends on the other inputs of its batch"):
        cb.certify_median(g, IMAGES, eps=0.1)
