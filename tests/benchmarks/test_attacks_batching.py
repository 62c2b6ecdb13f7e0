"""The benchmark of attacks in batches, for an instant: that it compares, and nothing changes."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from certiball.attacks.attacked import Status

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "attacks_batching.py"


@pytest.fixture(scope="module")
def batching():
    spec = importlib.util.spec_from_file_location("attacks_batching", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["attacks_batching"] = module
    spec.loader.exec_module(module)
    module.CHOSEN_OF, module.LOOKS = 2, 3
    yield module
    del sys.modules["attacks_batching"]


@pytest.fixture(autouse=True)
def alone():
    """One thread: on a busy machine two wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_sums_of_the_exact_network_are_exact_in_batches_of_any_shape(batching):
    model = batching.Exact().eval()
    batch = torch.rand(32, *batching.SHAPE)
    with torch.inference_mode():
        together = model(batch)
        alone = torch.cat([model(one[None]) for one in batch])
        exact = model.double()(batch.double().mul(255).round().div(255))
    assert torch.equal(together, alone)
    assert torch.equal(together.double(), exact)
    assert together.abs().max() < 2**24
    assert len(together.argmax(1).unique()) > 1


@pytest.mark.parametrize("name", ["RayS", "SurFree", "Boundary", "HSJA"])
@pytest.mark.parametrize("n", [0, 2])
def test_each_input_is_attacked_as_it_is_alone(batching, name, n):
    model, attack = batching.Exact().eval(), batching.ATTACKS[name]
    queries = 40 if name == "HSJA" else 25
    together = batching.run(attack, model, n, slice(8), 8, queries)
    alone = batching.run(attack, model, n, slice(1), 8, queries)
    assert np.array_equal(alone.raw[0], together.raw[0])
    assert (alone.history[0], alone.status[0]) == (together.history[0], together.status[0])
    assert alone.queries[0] == together.queries[0]
    assert n or together.status.count(Status.FOUND) >= 3


def test_a_row_and_the_costs(batching):
    row = batching.measure("RayS", inputs=4, queries=20, repeats=1)
    assert row.same
    assert row.ratio[1] <= row.ratio[0] <= row.ratio[2]
    costs = batching.costs(inputs=2, queries=20, repeats=1)
    assert [cost.oracle for cost in costs] == ["no noise", "1 votes", "10 votes"]
    assert all(cost.ratio > 0 for cost in costs)
