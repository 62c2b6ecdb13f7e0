"""Noise that is drawn for many chunks together is the noise that each would get alone."""

import numpy as np
import pytest

from certiball.attacks.oracle import Questions, SmoothedOracle
from certiball.classifiers.function import FunctionClassifier
from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.samplers import sampler_for
from certiball.samplers.chunk import Chunk
from certiball.samplers.lattice import PIECE
from certiball.samplers.streams import Phase, Stream
from certiball.samplers.together import fits, noisy_together
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Reals


def chunks_of(count, samples, features):
    clean = np.random.default_rng(0).integers(0, 256, (count, features))
    return [
        Chunk(
            slot=number,
            stream=Stream(key=2**90 + 7, phase=Phase.ATTACK, input=number % 3, chunk=number),
            clean=clean[number],
            samples=samples,
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(
    "law", [Gaussian(sigma=0.25), Gaussian(sigma=0.01), Laplace(scale=2.0)], ids=str
)
@pytest.mark.parametrize(("samples", "features"), [(1, 784), (3, 7), (2, 1), (10, 12)])
def test_bit_for_bit(law, samples, features):
    sampler = sampler_for(law, Grid.uint8(), (features,))
    chunks = chunks_of(9, samples, features)
    rows = np.empty((9 * samples, features), dtype=np.float32)
    noisy_together(sampler, chunks, rows)
    alone = [sampler.noisy(chunk.clean, chunk.stream, samples) for chunk in chunks]
    assert np.array_equal(rows, np.concatenate(alone))
    assert len(np.unique(rows)) > min(20, samples * features)


def test_what_does_not_fit():
    grid, reals = Grid.uint8(), Reals(low=0.0, high=1.0)
    lattice = sampler_for(Gaussian(sigma=0.25), grid, (784,))
    assert fits(lattice, 1, PIECE)
    assert not fits(lattice, 2, PIECE)
    assert not fits(sampler_for(Gaussian(sigma=0.25), reals, (784,)), 1, 784)


@pytest.mark.parametrize("n", [1, 3, 5, 16, 40])
def test_votes_hang_on_the_question_alone_however_many_are_asked(n):
    """With few votes the noise is drawn together, with many chunk by chunk."""
    bright = FunctionClassifier(
        lambda x: (x.reshape(len(x), -1).sum(1) > 8).astype(int), num_classes=2
    )
    g = Smoothed(bright, Gaussian(sigma=0.5), space=Grid.uint8())
    oracle = SmoothedOracle(g, n=n, seed=5)
    points = np.random.default_rng(0).integers(0, 256, (90, 16))
    owners, numbers = np.arange(90) % 7, np.arange(90)
    every = oracle.counts(Questions(points=points, owners=owners, numbers=numbers))
    one = [
        oracle.counts(
            Questions(
                points=points[k : k + 1], owners=owners[k : k + 1], numbers=numbers[k : k + 1]
            )
        )
        for k in range(90)
    ]
    assert np.array_equal(every, np.concatenate(one))
    assert every.sum() == 90 * n
    assert 0 < every[:, 0].sum() < 90 * n
