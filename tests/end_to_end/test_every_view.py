"""Real digits certified without an error rate, and attacked within what was certified."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import torch

import certiball as cb
from certiball.certification.compare import compare_noise
from certiball.certification.every_view import EveryView, settled
from certiball.datasets.digits import digits
from certiball.errors import InputError
from certiball.models.architecture import Architecture, build
from certiball.samplers import sampler_for
from certiball.samplers.streams import Phase, Stream

DIGITS = 40


def all_views(law, space, inputs):
    """Every view of each input [n, views, *seen]."""
    shape, stream = inputs.shape[1:], Stream(key=0, phase=Phase.ESTIMATION, input=0, chunk=0)
    sampler = sampler_for(law, space, shape)
    rows = np.stack([sampler.noisy(x.reshape(-1), stream, law.views) for x in inputs])
    return torch.from_numpy(rows).view(len(inputs), law.views, *law.seen(shape))


def trained(law, epochs):
    """A multilayer perceptron that saw every view of the training digits some times."""
    known = digits("train")
    seen = law.seen(known.inputs.shape[1:])
    half = (0.5,) * seen[0]
    network = build(Architecture(name="mlp", classes=10, shape=seen, mean=half, std=half), seed=0)
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
    examples = all_views(law, known.space, known.inputs).flatten(0, 1)
    answers = torch.from_numpy(known.labels.copy()).repeat_interleave(law.views)
    shuffle = torch.Generator().manual_seed(0)
    for _ in range(epochs):
        for chosen in torch.randperm(len(examples), generator=shuffle).split(256):
            loss = torch.nn.functional.cross_entropy(network(examples[chosen]), answers[chosen])
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
    return cb.TorchClassifier(network.eval(), num_classes=10)


def painted(image, side, generator, count):
    """Copies of an image with a patch of noise, black or white, each at a place by chance."""
    copies = np.repeat(image[None], count, axis=0)
    for copy in copies:
        top, left = generator.integers(0, 9 - side, 2)
        part = (0, slice(top, top + side), slice(left, left + side))
        copy[part] = generator.choice([0, 256]) if generator.random() < 0.5 else copy[part]
        if generator.random() < 0.5:
            copy[part] = generator.integers(0, 257, copy[part].shape)
    return copies


@pytest.mark.parametrize(
    ("law", "epochs"),
    [
        (cb.Bands(width=2, columns=8), 8),
        pytest.param(cb.Blocks(side=3, rows=8, columns=8), 1, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_digits_under_patches(law, epochs):
    held_out = digits("test")
    g = cb.Smoothed(trained(law, epochs), law, space=held_out.space)
    inputs, labels = held_out.inputs[:DIGITS], held_out.labels[:DIGITS]
    results = cb.certify(g, inputs)
    certified = [
        (x, r)
        for x, r, label in zip(inputs, results, labels, strict=True)
        if isinstance(r, cb.Certificate) and r.label == label
    ]
    assert len(certified) >= DIGITS // 4
    answers = cb.predict(g, inputs)
    assert [a.label for a in answers] == [r.label for r in results]
    generator = np.random.default_rng(0)
    for image, result in certified[:8]:
        others = painted(image, int(result.radius), generator, 60)
        assert all(result.covers(image, other) for other in others)
        assert {answer.label for answer in cb.predict(g, others)} == {result.label}
        far = image.copy()
        far[0, 0, 0], far[0, 7, 7] = 256 - far[0, 0, 0], 256 - far[0, 7, 7]
        assert not result.covers(image, far)


def test_a_certificate_without_an_error_rate_says_so():
    white = np.full((1, 1, 6, 6), 255, np.uint8)
    light = cb.FunctionClassifier(lambda x: x[:, 0].sum((1, 2)) > x[:, 1].sum((1, 2)), 2)
    for law, radius, words in (
        (cb.Bands(width=1, columns=6), 2, "inside a square of at most 2 × 2 pixels, anywhere"),
        (cb.Blocks(side=1, rows=6, columns=6), 4, "inside a square of at most 4 × 4 pixels"),
    ):
        for space in (cb.Grid.uint8(), cb.Reals(low=0.0, high=1.0)):
            images = white if isinstance(space, cb.Grid) else white / 255
            [result] = cb.certify(cb.Smoothed(light, law, space=space), images)
            assert result.radius == radius
            assert (result.claim.alpha, result.claim.strict) == (0, False)
            assert (result.p_lower, result.p_upper) == (1, 0)
            assert result.selection.total == 0
            assert words in str(result)
            assert "exact: every view is asked, no α" in str(result)
            assert "probability" not in str(result)
            assert "arithmetic" not in str(result)


def test_offsets_in_l1():
    bright = cb.FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
    law = cb.DeterministicSplitting(scale=Fraction(1, 2), step=Fraction(1, 16))
    g = cb.Smoothed(bright, law, space=cb.Grid(step=Fraction(1, 16), low=0, high=16))
    light = np.full((1, 1, 2), 13)
    [result] = cb.certify(g, light)
    assert (result.label, result.claim.norm) == (1, cb.Norm.L1)
    steps = int(result.radius * 16)
    assert steps >= 2
    others = [np.array([[13 + a, 13 + b]]) for a, b in product(range(-12, 13), repeat=2)]
    within = [x for x in others if np.abs(x - light[0]).sum() <= steps]
    answers = cb.predict(g, np.stack(within).astype(np.int64))
    assert {answer.label for answer in answers} == {1}
    assert all(result.covers(light[0], x) for x in within)
    beyond = [x for x in others if np.abs(x - light[0]).sum() == steps + 1]
    assert not any(result.covers(light[0], x) for x in beyond)
    everything = cb.predict(g, np.stack(others).astype(np.int64))
    assert {answer.label for answer in everything} == {0, 1}


def test_what_is_about_chance_has_no_place():
    law = cb.Bands(width=1, columns=4)
    g = cb.Smoothed(
        cb.FunctionClassifier(lambda x: x.mean((1, 2, 3)) > 0.5, 2), law, space=cb.Grid.uint8()
    )
    image = np.zeros((1, 1, 4, 4), np.uint8)
    for named in ({"alpha": 0.01}, {"rule": cb.Rule.TWO_CLASS}, {"plan": cb.FixedSamples()}):
        with pytest.raises(InputError, match=f"{next(iter(named))} = .* has no place here"):
            cb.certify(g, image, **named)
    for named in ({"alpha": 0.01}, {"n": 100}, {"max_n": 100}):
        with pytest.raises(InputError, match=f"{next(iter(named))} = .* has no place here"):
            cb.predict(g, image, **named)
    with pytest.raises(InputError, match="is drawn and has no list of views"):
        settled(cb.Gaussian(sigma=0.25), EveryView(views=4), None, None)
    with pytest.raises(InputError, match="the exact bound is not for samples: see EveryView"):
        cb.FixedSamples(bound=cb.Bound.EXACT)
    with pytest.raises(InputError, match="images"):
        cb.certify(g, np.zeros((1, 16), np.uint8))
    with pytest.raises(InputError, match="state the space"):
        cb.certify(
            cb.Smoothed(g.classifier, law, space=cb.Reals()), np.zeros((1, 1, 4, 4), np.float32)
        )


def test_laws_side_by_side():
    light = cb.FunctionClassifier(lambda x: x[:, 0].sum((1, 2)) > x[:, 1].sum((1, 2)), 2)
    white = np.full((1, 1, 6, 6), 255, np.uint8)
    laws = [cb.Bands(width=1, columns=6), cb.Ablation(keep=3, pixels=36)]
    bands, ablation = compare_noise(light, white, cb.Grid.uint8(), laws)
    assert dict(bands.radii) == {cb.Norm.PATCH: (2.0,)}
    assert set(ablation.radii) == {cb.Norm.L0}
