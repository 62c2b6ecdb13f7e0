"""The benchmark beside the peers' attacks: how it counts, without the peers."""

import importlib.util
import math
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from certiball.balls import Norm

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "attacks_peers.py"


@pytest.fixture(scope="module")
def peers():
    spec = importlib.util.spec_from_file_location("attacks_peers", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["attacks_peers"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["attacks_peers"]


class Sum(torch.nn.Module):
    """Class 1 where the sum of a picture is above 1."""

    def forward(self, batch):
        total = batch.flatten(1).sum(1)
        return torch.stack([torch.ones_like(total), total], 1)


@pytest.fixture
def counter(peers):
    images, labels = torch.zeros(2, 1, 2, 2), torch.zeros(2, dtype=torch.int64)
    s = peers.Subject(model=Sum(), images=images, labels=labels, data="made up")
    return peers.Counter(s, 1, Norm.L2, 5).eval()


def test_every_row_counts_and_the_closest_adversarial_one_is_remembered(peers, counter):
    for value in (0.2, 0.5, 0.3):
        counter(torch.full((1, 1, 2, 2), value))
    assert counter.asked == 3
    assert counter.closest == pytest.approx(0.6)  # of .3 in four places
    with pytest.raises(peers.SpentError):
        counter(torch.tensor([0.9, 0.28, 0.26]).view(3, 1, 1, 1).expand(3, 1, 2, 2))
    assert counter.asked == 5
    assert counter.closest == pytest.approx(0.56)  # what lies beyond the budget is not answered
    with pytest.raises(peers.SpentError):
        counter(torch.ones(1, 1, 2, 2))


def test_the_smallest_epsilon_counts_and_the_median_is_over_inputs(peers):
    epsilons = peers.ladder(1.0, 2.0)
    assert epsilons[0] == 1.0
    assert 2.0 / peers.LADDER < epsilons[-1] <= 2.0
    success = np.zeros((len(epsilons), 3), dtype=bool)
    success[4:, 0] = success[2, 1] = True
    assert peers.middle_of(success, epsilons) == epsilons[4]
    success[2, 1] = False
    assert math.isinf(peers.middle_of(success, epsilons))


def test_the_claim_is_a_tenth(peers):
    row = peers.Row(
        attack="HSJA", peer="it", ours=1.09, theirs=1.0, inputs=3, queries=(1, 1), seconds=(1, 1)
    )
    assert row.holds
    assert not replace(row, ours=1.11).holds


def test_without_the_peers_it_says_so_in_one_line(peers, monkeypatch, capsys):
    monkeypatch.setattr(peers, "foolbox", None)
    monkeypatch.setattr(sys, "argv", ["attacks_peers.py"])
    assert peers.main() == 2
    assert capsys.readouterr().out == (
        "error: Foolbox or torchattacks is not installed here: make .venv-peers/.installed\n"
    )


def test_the_network_is_trained_on_what_is_there(peers, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(peers, "trained", lambda x, y, epochs, noise: seen.append(x) or Sum())
    found = peers.subject(tmp_path, 4, 0.0)
    assert found.data == "the bundled digits"
    assert (len(found.images), seen[0].shape) == (4, (1297, 1, 8, 8))
    assert found.images.max() <= 1
