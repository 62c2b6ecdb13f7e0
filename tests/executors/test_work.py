"""What is drawn depends on the bundle alone, and one broken input breaks no other."""

import numpy as np
import pytest
import torch

from certiball.errors import ModelError
from certiball.execution import Block
from certiball.executors import Bundle
from certiball.executors.work import draw, narrow
from certiball.samplers.streams import Phase
from certiball.sampling import count_votes


def light(batch):
    """Input 4 is there; batches are filled up with black rows."""
    return (batch.mean((1, 2, 3)) > 0.75).any()


def spoiled_by(error):
    def spoil(batch):
        if light(batch):
            raise error

    return spoil


def test_votes_are_those_of_the_sampling_loop(work, bundles):
    wanted = work()
    drawn = draw(wanted, bundles[1])
    wide = {n: x.astype(np.int64) for n, x in bundles[1].inputs.items()}
    counts = count_votes(wanted.g, wide, bundles[1].blocks, 7, wanted.execution)
    assert [block for block, _ in drawn.votes] == list(bundles[1].blocks)
    for (_, votes), expected in zip(drawn.votes, counts, strict=True):
        np.testing.assert_array_equal(votes, expected)
    assert drawn.answered
    assert drawn.error is None
    assert drawn.seconds > 0


def test_without_blocks_inputs_are_labelled(work, bundles):
    assert draw(work(), bundles[-1]).labels == {0: 0, 1: 0, 2: 0, 3: 1, 4: 1}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ModelError("no vote"), "no vote"),
        (KeyError("pixel"), "the model raised KeyError: 'pixel'"),
        (ValueError("a\nb"), "the model raised ValueError: a"),
        (ZeroDivisionError(), "the model raised ZeroDivisionError"),
    ],
)
def test_an_input_that_raises_fails_alone(work, bundles, error, reason):
    wanted = work(spoiled_by(error), sigma=0.004)
    labels = draw(wanted, bundles[-1])
    assert labels.failed == {4: reason}
    assert sorted(labels.labels) == [0, 1, 2, 3]
    votes = draw(wanted, bundles[2])
    assert votes.failed == {4: reason}
    assert votes.error == reason
    assert [block.input for block, _ in votes.votes] == [2]


def test_inputs_that_all_fail_are_no_answer(work, bundles):
    only = Bundle(number=3, inputs={4: bundles[-1].inputs[4]})
    drawn = draw(work(spoiled_by(ModelError("no"))), only)
    assert not drawn.answered
    assert drawn.failed == {4: "no"}


def outgrown():
    try:
        raise torch.OutOfMemoryError("CUDA out of memory")
    except torch.OutOfMemoryError as cause:
        error = ModelError("the classifier does not take inputs")
        error.__cause__ = cause
        return error


@pytest.mark.parametrize(
    "error", [MemoryError(), outgrown(), RuntimeError("can't allocate memory: you tried")]
)
def test_a_machine_without_memory_fails_no_input(work, bundles, error):
    with pytest.raises(ModelError, match="the machine failed while the model ran"):
        draw(work(spoiled_by(error), sigma=0.004), bundles[-1])


@pytest.mark.parametrize(
    ("levels", "kind"),
    [
        ([0, 255], np.uint8),
        ([-1, 255], np.int16),
        ([0, 256], np.int16),
        ([0, 2**15], np.int32),
        ([-(2**31), 2**31], np.int64),
    ],
)
def test_levels_travel_in_the_smallest_type_and_stay_the_same(levels, kind):
    x = np.array(levels)
    assert narrow(x).dtype == kind
    np.testing.assert_array_equal(narrow(x).astype(np.int64), x)


def test_floats_stay_floats():
    x = np.array([0.5], dtype=np.float32)
    assert narrow(x) is x


def test_a_bundle_knows_its_size():
    blocks = [Block(input=0, phase=Phase.ESTIMATION, first=f, samples=5) for f in (0, 1)]
    assert Bundle(number=0, inputs={}, blocks=tuple(blocks)).samples == 10
