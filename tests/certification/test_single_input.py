"""Classifiers that are no functions of one input are refused before any vote, others are not."""

import random

import numpy as np
import pytest
import torch
from torch import nn

from certiball.certification.change import change
from certiball.certification.plan import FixedSamples
from certiball.certification.single_input import UNTRIED, check_single
from certiball.certification.smooth import certify
from certiball.classifiers.function import FunctionClassifier
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import BatchError, ModelError
from certiball.execution import Execution
from certiball.laws.gaussian import Gaussian
from certiball.models.architecture import Architecture, build
from certiball.smoothed import Smoothed, encode
from certiball.spaces import Grid, Reals

PIXELS = np.random.default_rng(0).integers(0, 256, (3, 1, 8, 8)).astype(np.uint8)
SHAPE = Architecture(name="small-cnn", classes=3, shape=(1, 8, 8), mean=(0.5,), std=(0.25,))


@pytest.fixture(autouse=True)
def time_enough(monkeypatch):
    monkeypatch.setattr("certiball.certification.single_input.SECONDS", 60.0)


class Around(nn.Module):
    """A small network with something done around it."""

    def __init__(self, does):
        super().__init__()
        self.inner, self.does, self.calls, self.last = build(SHAPE, seed=0), does, 0, 0.0

    def forward(self, x):
        self.calls += 1
        return self.does(self, x)


def _counted(own, x):
    generator = torch.Generator().manual_seed(own.calls)
    return own.inner(x + 0.1 * torch.randn(x.shape, generator=generator))


def _remembers(own, x):
    before, own.last = own.last, float(x.mean())
    return own.inner(x - before)


def _only_under_noise(own, x):
    outside = (x < 0).any(1).any(1).any(1)[:, None]
    scores = own.inner(x)
    return torch.where(outside, scores + torch.randn_like(scores), scores)


def _seeded(own, x):
    torch.manual_seed(0)
    return own.inner(nn.functional.dropout(x, 0.2, training=True))


REPEATED, MOVED, COMPANY = "asked for again", "in other places", "beside others"
FAULTS = {
    "functional dropout": (
        lambda own, x: own.inner(nn.functional.dropout(x, 0.1, training=True)),
        REPEATED,
    ),
    "random layer": (lambda own, x: own.inner(x + 0.05 * torch.randn_like(x)), REPEATED),
    "NumPy's generator": (lambda own, x: own.inner(x) * float(np.random.rand()), REPEATED),  # noqa: NPY002
    "seeded by a counter": (_counted, REPEATED),
    "remembers the last call": (_remembers, REPEATED),
    "random under noise alone": (_only_under_noise, REPEATED),
    "seeded in each call": (_seeded, MOVED),
    "the number of a row": (lambda own, x: own.inner(x) + torch.arange(len(x))[:, None] / 9, MOVED),
    "mean of the batch": (lambda own, x: own.inner(x - x.mean(0)), COMPANY),
    "range of the batch": (lambda own, x: own.inner((x - x.min()) / (x.max() - x.min())), COMPANY),
    "most of the batch": (lambda own, x: own.inner(x / x.abs().max()), COMPANY),
    "least of the batch": (lambda own, x: own.inner(x - x.min()), COMPANY),
    "spread of the batch": (lambda own, x: own.inner(x / x.std()), COMPANY),
    "batch norm without statistics": (
        lambda own, x: own.inner(nn.functional.batch_norm(x, None, None, training=True)),
        COMPANY,
    ),
    "instance norm over the batch": (
        lambda own, x: own.inner(
            nn.functional.instance_norm(x.movedim(0, -1)[None].flatten(3))
            .view(*x.shape[1:], len(x))
            .movedim(-1, 0)
        ),
        COMPANY,
    ),
    "layer norm over the batch": (
        lambda own, x: own.inner(
            nn.functional.layer_norm(x.movedim(0, -1), (len(x),)).movedim(-1, 0)
        ),
        COMPANY,
    ),
}


def _check(classifier, batch=128, space=None, pixels=PIXELS, layout="contiguous"):
    g = Smoothed(classifier, Gaussian(sigma=0.25), space=space or Grid.uint8())
    execution = Execution(batch=batch, threads=1, layout=layout)
    return check_single(g, iter(encode(g.space, pixels)), execution)


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_refused(fault):
    does, words = FAULTS[fault]
    with pytest.raises(ModelError, match=words):
        _check(TorchClassifier(Around(does), num_classes=3))


def test_certify_refuses_before_it_draws_votes(monkeypatch):
    monkeypatch.setattr("certiball.certification.smooth.count_votes", None)
    model = Around(FAULTS["mean of the batch"][0])
    g = Smoothed(TorchClassifier(model, 3), Gaussian(sigma=0.25), space=Grid.uint8())
    with pytest.raises(ModelError, match="depends on the other inputs of its batch"):
        certify(g, PIXELS, plan=FixedSamples(n0=10, n=100))


HEALTHY = {
    "as it is": lambda own, x: own.inner(x),
    "clips": lambda own, x: own.inner(x.clamp(0, 1)),
    "rounds to 8 bits": lambda own, x: own.inner((x.clamp(0, 1) * 255).round() / 255),
    "resizes": lambda own, x: own.inner(
        nn.functional.interpolate(nn.functional.interpolate(x, (4, 4)), (8, 8))
    ),
    "normalises each input": lambda own, x: own.inner(nn.functional.instance_norm(x)),
    "its own autocast": lambda own, x: _low(own, x),
    "dropout in eval mode": lambda own, x: own.inner(
        nn.functional.dropout(x, 0.5, training=own.training)
    ),
    "NaN for some": lambda own, x: own.inner(x).masked_fill(
        x.mean((1, 2, 3))[:, None] > 0.5, np.nan
    ),
}


def _low(own, x):
    with torch.autocast("cpu", torch.bfloat16):
        return own.inner(x).float()


@pytest.mark.parametrize("layout", ["contiguous", "channels_last"])
@pytest.mark.parametrize("batch", [1, 2, 7, 16, 128])
@pytest.mark.parametrize("does", HEALTHY)
def test_functions_of_one_input_pass(does, batch, layout):
    said = _check(TorchClassifier(Around(HEALTHY[does]), 3), batch, layout=layout)
    if does != "NaN for some":
        count = min(16, batch) // 2 * 2 or 1
        assert said.startswith(f"{count} noisy input{'s' if count > 1 else ''} asked again")
    assert said.endswith(" calls): the same answers")


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "float64"])
def test_other_precisions_pass(dtype):
    assert "beside other inputs" in _check(TorchClassifier(build(SHAPE, seed=0), 3, dtype=dtype))


def test_batches_of_one_have_no_company():
    """A model that mixes its batch is a function of one input where every batch has but one."""
    centred = TorchClassifier(Around(FAULTS["range of the batch"][0]), num_classes=3)
    said = _check(centred, batch=1)
    often = "one of them 300 times (95 % sure to show what changes in 1 of 100 calls)"
    assert said == f"1 noisy input asked again, {often}: the same answers"


def test_hard_labels_are_looked_at_too():
    bright = FunctionClassifier(lambda x: x.mean((1, 2, 3)) > 0.5, num_classes=2)
    assert _check(bright).startswith("32 noisy inputs asked again, in other places, beside")
    relative = FunctionClassifier(lambda x: x.mean((1, 2, 3)) > x.mean(), num_classes=2)
    with pytest.raises(ModelError, match=r"of 16 labels change; normalise by fixed numbers"):
        _check(relative)
    counting = FunctionClassifier(lambda x: np.arange(len(x)) % 2, num_classes=2)
    with pytest.raises(ModelError, match="16 of 16 labels change; remove what is seeded"):
        _check(counting)


def _every_seventh(own, x):
    return own.inner(x) + (torch.arange(3) if own.calls % 7 == 0 else 0)


def _one_in_fifty(own, x):
    rolls = (own.calls * 2654435761 % 2**32) / 2**32 < 0.02
    return own.inner(x).roll(1, 1) if rolls else own.inner(x)


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "never alone"])
@pytest.mark.parametrize("fault", [_every_seventh, _one_in_fifty])
def test_what_few_calls_do_is_seen_in_many(fault, alone):
    def answer(own, x):
        if len(x) == 1 and not alone:
            raise ValueError("no batch of one")
        return fault(own, x)

    with pytest.raises(ModelError, match=r"asked for again and again, in call \d+ "):
        _check(TorchClassifier(Around(answer), num_classes=3))


def test_a_slow_model_is_asked_less(monkeypatch):
    monkeypatch.setattr("certiball.certification.single_input.SECONDS", 0.0)
    said = _check(TorchClassifier(build(SHAPE, seed=0), 3))
    assert said.endswith("beside other inputs: the same answers")


@pytest.mark.parametrize(
    ("draw", "name"),
    [(torch.rand, "torch"), (np.random.rand, "numpy"), (lambda _: random.random(), "python")],
)
def test_what_is_random_too_rarely_to_be_seen_is_named_by_what_it_draws_from(draw, name):
    rare = Around(lambda own, x: own.inner(x) if draw(1) >= 0 else own.inner(x).flip(1))
    said = _check(TorchClassifier(rare, num_classes=3))
    assert said.endswith(f"the same answers, though it draws random numbers ({name})")


def test_spaces_without_ends():
    floats = (PIXELS / 255).astype(np.float32)
    assert "beside other" in _check(TorchClassifier(build(SHAPE), 3), space=Reals(), pixels=floats)
    centred = TorchClassifier(Around(FAULTS["mean of the batch"][0]), num_classes=3)
    with pytest.raises(ModelError, match=COMPANY):
        _check(centred, space=Reals(), pixels=floats)


def test_models_that_raise_for_some_are_asked_for_others():
    def picky(own, x):
        if (x.mean((1, 2, 3)) < 0.2).any() or (x.mean((1, 2, 3)) > 0.9).any():
            raise KeyError("too dark, or too bright")
        return own.inner(x)

    greys = np.tile(np.array([0, 128], np.uint8)[:, None, None, None], (1, 1, 8, 8))
    said = _check(TorchClassifier(Around(picky), 3), pixels=greys)
    assert "beside other inputs, one of them 300 times" in said
    assert _check(TorchClassifier(Around(picky), 3), pixels=greys[:1]) == UNTRIED


def test_a_machine_that_fails_is_not_the_models_fault():
    def full(own, x):
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(BatchError, match="smaller batch"):
        _check(TorchClassifier(Around(full), 3))


def test_a_near_tie_is_no_change_and_a_far_score_is():
    near, other = torch.tensor([[1.0, 1.0001]]), torch.tensor([[1.0001, 1.0]])
    found = change(near, other, 1e-3)
    assert (found.rows, found.flips, found.real) == (1, 1, False)
    assert found.far == pytest.approx(1e-4, rel=0.01)
    assert change(near, torch.tensor([[1.0, 1.01]]), 1e-3).real
    assert not change(near, torch.tensor([[1.0, np.nan]]), 1e-3).real


def test_within_autocast_it_is_another_model():
    model = TorchClassifier(build(SHAPE, seed=0), num_classes=3)
    with torch.autocast("cpu", torch.bfloat16), pytest.raises(ModelError, match="leave that block"):
        model(torch.zeros(2, 1, 8, 8))
    with torch.autocast("cuda", torch.bfloat16, enabled=False):
        assert model(torch.zeros(2, 1, 8, 8)).shape == (2, 3)
