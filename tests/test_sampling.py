import random
import threading

import numpy as np
import pytest
import torch
from torch import nn

from certiball import FunctionClassifier, Gaussian, Grid, Reals, Smoothed, TorchClassifier, sampling
from certiball.errors import BatchError, InputError, ModelError
from certiball.execution import Block, Execution
from certiball.samplers.device import device_lattice
from certiball.samplers.streams import Phase
from certiball.sampling import clean_labels, count_votes, exact_kernels

INPUTS = {n: np.random.default_rng(n).integers(0, 256, (1, 3, 5)) for n in (0, 4, 9)}


def exact_network(x):
    """An integer network: any change of any noise changes votes, and floats cannot blur it."""
    levels = np.rint(x.reshape(len(x), -1).astype(np.float64) * 255).astype(np.int64)
    return (levels * np.arange(1, 16)).sum(1) % 7


def smoothed(function=exact_network, classes=7, space=None):
    classifier = FunctionClassifier(function, num_classes=classes)
    return Smoothed(classifier, Gaussian(sigma=0.5), space=space or Grid.uint8())


def blocks(samples=300, step=300, chunk=32):
    return [
        Block(input=n, phase=phase, first=first // chunk, samples=min(step, samples - first))
        for n in INPUTS
        for phase in (Phase.SELECTION, Phase.ESTIMATION)
        for first in range(0, samples, step)
    ]


def count(work, execution=None, key=77, g=None):
    """Votes per (input, phase, chunk)."""
    execution = execution or Execution(batch=64)
    found = {}
    for block, counts in zip(
        work, count_votes(g or smoothed(), INPUTS, work, key, execution), strict=True
    ):
        for i, row in enumerate(counts):
            found[block.input, block.phase, block.first + i] = row.tolist()
    return found


EXPECTED = count(blocks())


def test_every_sample_votes_once():
    assert all(sum(row) == (12 if key[2] == 9 else 32) for key, row in EXPECTED.items())
    assert len(EXPECTED) == 3 * 2 * 10


def test_votes_are_those_of_the_plain_loop():
    g = smoothed()
    from certiball.samplers.streams import Stream

    for (n, phase, chunk), row in EXPECTED.items():
        stream = Stream(key=77, phase=phase, input=n, chunk=chunk)
        seen = g.sampler(INPUTS[n].shape).noisy(INPUTS[n].reshape(-1), stream, sum(row))
        assert np.bincount(exact_network(seen), minlength=7).tolist() == row


@pytest.mark.parametrize("batch", [1, 7, 16, 32, 100, 1024])
def test_noise_is_identical_for_any_batch_shape(batch):
    assert count(blocks(), Execution(batch=batch)) == EXPECTED


@pytest.mark.parametrize(("batch", "lanes"), [(64, 2), (128, 2), (96, 3), (1024, 4)])
def test_votes_are_identical_however_many_threads_share_a_batch(monkeypatch, batch, lanes):
    monkeypatch.setattr(sampling, "lanes_of", lambda *_: lanes)
    assert count(blocks(), Execution(batch=batch, threads=lanes)) == EXPECTED


def test_threads_that_share_batches_use_as_many_of_torch_as_is_their_part(monkeypatch):
    seen = []
    both = threading.Barrier(2, timeout=20)  # both are at work at once

    def note(x):
        seen.append(
            (threading.get_ident(), torch.get_num_threads(), torch.is_inference_mode_enabled())
        )
        if len(seen) <= 2:
            both.wait()
        return exact_network(x)

    monkeypatch.setattr(sampling, "lanes_of", lambda *_: 2)
    before = torch.get_num_threads()
    assert count(blocks(), Execution(batch=64, threads=4), g=smoothed(note)) == EXPECTED
    assert {threads for _, threads, _ in seen} == {2}
    assert len({thread for thread, *_ in seen}) == 2
    assert all(inference for *_, inference in seen)
    assert torch.get_num_threads() == before


def test_where_one_thread_fails_the_others_end(monkeypatch):
    calls = []

    def broken(x):
        calls.append(len(x))
        raise KeyError("pixel")

    monkeypatch.setattr(sampling, "lanes_of", lambda *_: 2)
    with pytest.raises(ModelError, match="KeyError"):
        count(blocks(samples=6400), Execution(batch=64, threads=2), g=smoothed(broken))
    assert len(calls) <= 4


@pytest.mark.parametrize("step", [32, 64, 160])
def test_votes_are_identical_for_any_block_size_and_order(step):
    work = blocks(step=step)
    random.Random(step).shuffle(work)
    assert count(work) == EXPECTED


def test_layout_does_not_change_noise():
    assert count(blocks(), Execution(batch=64, layout="channels_last")) == EXPECTED


def test_alone_or_among_others():
    for block in blocks():
        found = count([block])
        assert found == {key: EXPECTED[key] for key in found}


def test_other_keys_give_other_votes():
    assert count(blocks(), key=78) != EXPECTED


def test_float_mode_votes_do_not_depend_on_batches_either():
    inputs = {0: np.linspace(0, 1, 15, dtype=np.float32).reshape(1, 3, 5)}
    g = smoothed(lambda x: (x.reshape(len(x), -1).sum(1) > 7.5).astype(int), 2, Reals())
    work = [Block(input=0, phase=Phase.ESTIMATION, first=0, samples=500)]
    tables = [count_votes(g, inputs, work, 1, Execution(batch=b))[0] for b in (10, 64)]
    assert (tables[0] == tables[1]).all()
    assert 50 < tables[0].sum(0)[0] < 450


@pytest.mark.parametrize("batch", [7, 16, 64, 128])
@pytest.mark.parametrize("features", [(30,), (13,), (7,)])
def test_near_ties_of_float_networks_do_not_depend_on_what_came_before(batch, features):
    # Kernels give other bits at other places of a batch, visible where classes nearly tie.
    torch.manual_seed(0)
    net = nn.Linear(*features, 3)
    net.weight.data[1] = net.weight.data[0] * (1 + 1e-7)
    net.bias.data[1] = net.bias.data[0]
    g = Smoothed(TorchClassifier(net, 3), Gaussian(sigma=0.5), space=Grid.uint8())
    inputs = {n: np.random.default_rng(n).integers(0, 256, features) for n in range(4)}
    work = [
        Block(input=n, phase=phase, first=0, samples=samples)
        for n in inputs
        for phase, samples in ((Phase.SELECTION, 37), (Phase.ESTIMATION, 501))
    ]
    execution = Execution(batch=batch)
    together = count_votes(g, inputs, work, 3, execution)
    apart = [count_votes(g, inputs, [block], 3, execution)[0] for block in work]
    assert all((a == b).all() for a, b in zip(together, apart, strict=True))


def test_the_last_batch_is_padded_to_the_full_shape():
    shapes = set()

    def watch(x):
        shapes.add(x.shape)
        return exact_network(x)

    count(blocks(), Execution(batch=64), g=smoothed(watch))
    assert shapes == {(64, 1, 3, 5)}


def test_clean_labels_are_the_base_classifiers():
    labels = clean_labels(smoothed(), INPUTS, Execution(batch=2))
    for n, x in INPUTS.items():
        assert labels[n] == exact_network(Grid.uint8().values(x[None]))[0]
    g = smoothed(lambda x: np.ones(len(x), int), 2, Reals())
    assert clean_labels(g, {3: np.zeros((1, 2), np.float32)}, Execution(batch=4)) == {3: 1}


def poisoned(x):
    scores = np.zeros((len(x), 7))
    scores[:, 3] = 1
    scores[x.reshape(len(x), -1).mean(1) > 3] = np.nan
    return scores


def test_nan_is_an_error_that_names_the_input_and_never_a_vote():
    inputs = {0: np.zeros((2, 2), int), 5: np.full((2, 2), 10 * 255)}
    work = [Block(input=n, phase=Phase.SELECTION, first=0, samples=40) for n in (0, 5)]
    with pytest.raises(ModelError, match="input 5 under noise have NaN: no vote can be counted"):
        count_votes(smoothed(poisoned), inputs, work, 1, Execution(batch=8))
    with pytest.raises(ModelError, match="input 5 without noise have NaN"):
        clean_labels(smoothed(poisoned), inputs, Execution(batch=8))


@pytest.mark.parametrize("label", [-1, 7])
def test_labels_out_of_range_are_an_error(label):
    g = smoothed(lambda x: np.full(len(x), label))
    with pytest.raises(ModelError, match="label for input 0 under noise is not one of 0…6"):
        count(blocks(), g=g)


@pytest.mark.parametrize(
    "answer",
    [
        lambda x: np.zeros((len(x), 6)),
        lambda x: np.zeros(len(x)),
        lambda x: np.zeros(3, int),
        lambda x: np.zeros((len(x), 7), int),
        lambda x: np.zeros((len(x), 7, 1)),
    ],
)
def test_answers_of_the_wrong_shape_are_an_error(answer):
    with pytest.raises(ModelError, match=r"must return scores \[64, 7\] or integer classes \[64\]"):
        count(blocks(), g=smoothed(answer))


def test_inputs_of_a_shape_that_the_model_does_not_take():
    g = Smoothed(TorchClassifier(nn.Linear(4, 2), 2), Gaussian(sigma=0.5), space=Grid.uint8())
    with pytest.raises(ModelError, match=r"does not take inputs of shape \(1, 3, 5\): mat1 and"):
        count(blocks(), g=g)


def test_nothing_to_sample():
    with pytest.raises(InputError, match="nothing to sample"):
        count_votes(smoothed(), INPUTS, [], 1, Execution(batch=8))
    with pytest.raises(InputError, match="nothing to classify"):
        clean_labels(smoothed(), {}, Execution(batch=8))


def test_bad_execution():
    for wrong in ({"batch": 0}, {"batch": 8, "threads": 0}, {"batch": 8, "chunk": 0}):
        with pytest.raises(InputError, match="must be from 1 to [0-9]+, not 0"):
            Execution(**wrong)
    with pytest.raises(InputError, match="threads must be from 1 to 1024, not 9999999"):
        Execution(batch=1, threads=9_999_999)
    with pytest.raises(InputError, match="layout must be"):
        Execution(batch=1, layout="nhwc")


def test_torch_settings_are_restored():
    before = torch.get_num_threads(), torch.backends.cudnn.allow_tf32
    net = nn.Sequential(nn.Flatten(), nn.Linear(15, 7))
    g = Smoothed(TorchClassifier(net, 7), Gaussian(sigma=0.5), space=Grid.uint8())
    found = count(blocks(), Execution(batch=64, threads=1), g=g)
    assert len(found) == len(EXPECTED)
    assert (torch.get_num_threads(), torch.backends.cudnn.allow_tf32) == before
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()


@pytest.mark.parametrize("layout", ["contiguous", "channels_last"])
@pytest.mark.parametrize("batch", [1, 7, 32, 100, 1024])
def test_noise_made_by_torch_gives_the_same_votes(batch, layout):
    made = torch.device("cpu")  # where a GPU would be
    execution = Execution(batch=batch, layout=layout)
    for step in (300, 160):
        work = blocks(step=step)
        tables = count_votes(smoothed(), INPUTS, work, 77, execution, device=made)
        expected = count_votes(smoothed(), INPUTS, work, 77, execution)
        assert all((a == b).all() for a, b in zip(tables, expected, strict=True))


@pytest.mark.parametrize("batch", [7, 64])
def test_near_ties_do_not_depend_on_what_made_the_noise(batch):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(15, 7))
    net[1].weight.data[1] = net[1].weight.data[0] * (1 + 1e-7)
    g = Smoothed(TorchClassifier(net, 7), Gaussian(sigma=0.5), space=Grid.uint8())
    execution = Execution(batch=batch)
    host = count_votes(g, INPUTS, blocks(), 3, execution)
    device = count_votes(g, INPUTS, blocks(), 3, execution, device=torch.device("cpu"))
    assert all((a == b).all() for a, b in zip(host, device, strict=True))


def test_the_classifiers_gpu_makes_the_noise(monkeypatch):
    asked = []

    def noise_on(device, sampler):
        asked.append(device)
        return device_lattice(sampler, torch.device("cpu"))

    monkeypatch.setattr("certiball.batches.noise_on", noise_on)
    assert count(blocks()) == EXPECTED
    assert asked == []
    monkeypatch.setattr("certiball.batches.device_of", lambda _: torch.device("cuda", 1))
    assert count(blocks()) == EXPECTED
    assert asked == [torch.device("cuda", 1)]


class Exact(nn.Module):
    """`exact_network` in torch, where floats hold all that it counts with."""

    def __init__(self):
        super().__init__()
        self.factors = nn.Parameter(torch.arange(1.0, 16.0))

    def forward(self, x):
        sums = ((x.flatten(1) * 255).round().double() * self.factors).sum(1)
        return nn.functional.one_hot(sums.long() % 7, 7).float()


@pytest.mark.parametrize("place", ["cpu", "cuda"])
def test_votes_are_the_same_where_the_network_is(place):
    if place == "cuda" and not torch.cuda.is_available():
        pytest.skip("torch sees no GPU")
    g = Smoothed(TorchClassifier(Exact().to(place), 7), Gaussian(sigma=0.5), space=Grid.uint8())
    for layout in ("contiguous", "channels_last"):
        assert count(blocks(), Execution(batch=64, layout=layout), g=g) == EXPECTED


def test_noise_that_does_not_fit_asks_for_a_smaller_batch(monkeypatch):
    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("certiball.samplers.device.DeviceLattice.levels", full)
    monkeypatch.setattr("certiball.samplers.on_device.repeats", lambda *_: True)
    with pytest.raises(BatchError, match="out of memory .* give a smaller batch"):
        count_votes(
            smoothed(), INPUTS, blocks(), 1, Execution(batch=64), device=torch.device("cpu")
        )


def test_float_noise_stays_where_it_was():
    inputs = {0: np.linspace(0, 1, 15, dtype=np.float32).reshape(1, 3, 5)}
    g = smoothed(lambda x: (x.reshape(len(x), -1).sum(1) > 7.5).astype(int), 2, Reals())
    work = [Block(input=0, phase=Phase.ESTIMATION, first=0, samples=100)]
    tables = [
        count_votes(g, inputs, work, 1, Execution(batch=32), device=device)[0]
        for device in (None, torch.device("cpu"))
    ]
    assert (tables[0] == tables[1]).all()


def test_a_program_that_loosened_float32_changes_no_vote():
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium")
        with exact_kernels(threads=1):
            assert torch.backends.mkldnn.matmul.fp32_precision == "ieee"
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision(before)
