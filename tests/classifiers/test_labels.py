"""Labels of fixed inputs, for digests."""

import hashlib

import numpy as np
import pytest
import torch

from certiball.classifiers.function import FunctionClassifier
from certiball.classifiers.labels import RAISED, probe_labels
from certiball.classifiers.machine import lacks_memory, machine_failed
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import BackendError, ModelError

PROBES = torch.arange(12.0).reshape(4, 3)  # their sums are 3, 12, 21 and 30


def raises_for(*sums, error=ValueError):
    def label(batch):
        for total in sums:
            if (batch.sum(1) == total).any():
                raise error(f"{total} is odd")
        return (batch.sum(1) > 20).astype(int)

    return FunctionClassifier(label, 2, name="v1")


def bits(*labels):
    return b"".join(RAISED if n is None else np.int64(n).tobytes() for n in labels)


def test_what_is_hashed_where_nothing_raises_is_what_it_always_was():
    scores = torch.eye(2)[[0, 0, 1, 1]]
    assert probe_labels(lambda _: scores, PROBES) == bits(0, 0, 1, 1)
    assert probe_labels(raises_for(), PROBES) == bits(0, 0, 1, 1)
    known = hashlib.sha256(b"v1" + bits(0, 0, 1, 1)).hexdigest()
    assert raises_for().digest(PROBES) == known


def test_a_probe_for_which_a_model_raises_is_hashed_as_such():
    assert probe_labels(raises_for(12), PROBES) == bits(0, None, 1, 1)
    assert probe_labels(raises_for(3, 30), PROBES) == bits(None, 0, 1, None)
    digests = {raises_for(*sums).digest(PROBES) for sums in ((), (12,), (21,), (12, 21))}
    assert len(digests) == 4


def test_a_model_that_raises_for_all_has_a_digest_all_the_same():
    assert probe_labels(raises_for(3, 12, 21, 30), PROBES) == 4 * RAISED
    net = torch.nn.Linear(7, 2)
    other = torch.nn.Linear(7, 2)
    digests = [TorchClassifier(model, 2).digest(PROBES) for model in (net, net, other)]
    assert digests[0] == digests[1] != digests[2]


def test_a_batch_that_fails_as_a_whole_changes_nothing():
    def label(batch):
        if len(batch) > 2:
            raise RuntimeError("too many")
        return (batch.sum(1) > 20).long()

    assert probe_labels(label, PROBES) == bits(0, 0, 1, 1)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError,
        torch.OutOfMemoryError,
        torch.AcceleratorError,
        BackendError,
        lambda text: RuntimeError(f"DefaultCPUAllocator: can't allocate memory: {text}"),
    ],
)
def test_what_no_input_is_to_blame_for_is_passed_on(error):
    with pytest.raises((MemoryError, RuntimeError, BackendError), match="12 is odd"):
        probe_labels(raises_for(12, error=error), PROBES)


def test_what_certiball_says_of_every_input_is_said():
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Dropout())
    classifier = TorchClassifier(model, 2)
    model.train()
    with pytest.raises(ModelError, match="must be in eval mode"):
        classifier.digest(PROBES)
    assert probe_labels(raises_for(3, error=ModelError), PROBES) == bits(None, 0, 1, 1)


def test_which_errors_are_the_machines():
    for error in (MemoryError(), torch.OutOfMemoryError("full")):
        assert lacks_memory(error)
        assert machine_failed(error)
    assert not lacks_memory(torch.AcceleratorError("lost"))
    assert machine_failed(torch.AcceleratorError("lost"))
    assert not machine_failed(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not machine_failed(ValueError("cannot allocate"))
