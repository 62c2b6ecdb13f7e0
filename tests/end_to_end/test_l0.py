"""Real digits certified in L0 by networks that were trained on what they see under the law."""

from fractions import Fraction

import numpy as np
import pytest
import torch

import certiball as cb
from certiball.datasets.digits import digits
from certiball.models.architecture import Architecture, build
from certiball.samplers import sampler_for
from certiball.samplers.streams import Phase, Stream

DIGITS, VIEWS = 40, 12


def views(law, space, inputs):
    """Some views of each input [n, views, *seen]."""
    shape = inputs.shape[1:]
    sampler = sampler_for(law, space, shape)
    streams = [Stream(key=1, phase=Phase.SELECTION, input=i, chunk=0) for i in range(len(inputs))]
    rows = [sampler.noisy(x.reshape(-1), s, VIEWS) for x, s in zip(inputs, streams, strict=True)]
    return torch.from_numpy(np.stack(rows)).view(len(inputs), VIEWS, *law.seen(shape))


def trained(law, space, inputs, labels):
    """A multilayer perceptron that saw each view of its inputs once."""
    seen = law.seen(inputs.shape[1:])
    channels = (0.5,) * seen[0]
    network = build(
        Architecture(name="mlp", classes=10, shape=seen, mean=channels, std=channels), seed=0
    )
    optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
    examples, answers = views(law, space, inputs), torch.from_numpy(labels.copy())
    shuffle = torch.Generator().manual_seed(0)
    for number in range(VIEWS):
        for chosen in torch.randperm(len(inputs), generator=shuffle).split(64):
            output = network(examples[chosen, number])
            loss = torch.nn.functional.cross_entropy(output, answers[chosen])
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
    return cb.TorchClassifier(network.eval(), num_classes=10)


def right_radii(law, space, prepared):
    """Radii of the first held-out digits; 0 where the answer is an abstention or wrong."""
    known, held_out = digits("train"), digits("test")
    classifier = trained(law, space, prepared(known.inputs), known.labels)
    g = cb.Smoothed(classifier, law, space=space)
    plan = cb.FixedSamples(n0=100, n=1000)
    results = cb.certify(g, prepared(held_out.inputs[:DIGITS]), plan=plan, seed=3)
    return [
        result.radius if isinstance(result, cb.Certificate) and result.label == label else 0.0
        for result, label in zip(results, held_out.labels[:DIGITS], strict=True)
    ]


def test_digits_of_which_a_quarter_is_seen():
    law = cb.Ablation(keep=16, pixels=64)
    radii = right_radii(law, digits("test").space, lambda inputs: inputs)
    assert {0.0, 1.0, 2.0} >= set(radii)  # three pixels lose more than one half
    assert sum(radius >= 1 for radius in radii) >= DIGITS // 4


@pytest.mark.slow
def test_black_and_white_digits_with_a_tenth_of_the_pixels_turned():
    law, space = cb.Discrete(keep=0.9, levels=2), cb.Grid(step=Fraction(1), low=0, high=1)
    radii = right_radii(law, space, lambda inputs: (inputs >= 128).astype(np.int64))
    assert sum(radius >= 1 for radius in radii) >= DIGITS // 4
