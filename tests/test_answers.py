"""Answers that are no votes come from the same noise, whatever the batches."""

import numpy as np
import pytest
import torch

import certiball as cb
from certiball.errors import ModelError
from certiball.execution import Block, Execution
from certiball.samplers.streams import Phase, Stream
from certiball.sampling import clean_answers, each_answer

GRID = cb.Grid.uint8()
IMAGE = np.arange(6).reshape(2, 3) * 40
LAW = cb.Gaussian(sigma=0.25)


def answers(g, samples, execution):
    found = []
    block = Block(input=7, phase=Phase.ESTIMATION, first=0, samples=samples)
    each_answer(g, {7: IMAGE}, block, 99, execution, lambda batch: found.append(batch.clone()))
    return torch.cat(found)


@pytest.mark.parametrize(("samples", "batch", "chunk"), [(100, 32, 16), (65, 64, 32), (7, 20, 16)])
def test_every_sample_once_and_no_padding(samples, batch, chunk):
    g = cb.Smoothed(cb.Regressor(lambda x: x.reshape(len(x), 6), outputs=6), LAW, GRID)
    execution = Execution(batch=batch, chunk=chunk)
    found = answers(g, samples, execution)
    chunks = range(-(-samples // chunk))
    streams = [Stream(key=99, phase=Phase.ESTIMATION, input=7, chunk=c) for c in chunks]
    sampler = g.sampler(IMAGE.shape)
    expected = np.concatenate([sampler.noisy(IMAGE.reshape(-1), s, chunk) for s in streams])
    assert np.array_equal(found.numpy(), expected[:samples])


def test_without_noise():
    g = cb.Smoothed(cb.Regressor(lambda x: x.reshape(len(x), 6), outputs=6), LAW, GRID)
    one, two = clean_answers(g, {0: IMAGE, 3: IMAGE + 1}, Execution(batch=32))
    assert np.array_equal(one.numpy(), GRID.values(IMAGE).reshape(-1))
    assert np.array_equal(two.numpy(), GRID.values(IMAGE + 1).reshape(-1))


def test_a_model_that_loses_inputs_is_refused():
    lossy = cb.FunctionClassifier(lambda x: x[1:] > 0, num_classes=2)
    with pytest.raises(ModelError, match="its first axis must be the batch's"):
        answers(cb.Smoothed(lossy, LAW, GRID), 10, Execution(batch=32))
