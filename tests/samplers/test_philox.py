import numpy as np
import pytest
import torch

from certiball.samplers.philox import signed, stream_words
from certiball.samplers.streams import Phase, Stream

TOP = 2**64 - 1
EDGES = [0, 1, 2**63 - 1, 2**63, 2**64 - 3, TOP]


def ours(key, counters, count):
    rows = torch.tensor([[signed(word) for word in counter] for counter in counters])
    return stream_words(key, rows, count).numpy().view(np.uint64)


def numpys(key, counter, count):
    return np.random.Philox(key=key, counter=np.array(counter, dtype=np.uint64)).random_raw(count)


def random_word(rng):
    return int(rng.integers(2**64, dtype=np.uint64))


def test_random_keys_and_counters_give_numpys_words():
    rng = np.random.default_rng(1)
    for count in [*range(1, 10), 100] * 20:
        key = random_word(rng) | random_word(rng) << 64
        counters = [[random_word(rng) for _ in range(4)] for _ in range(3)]
        found = ours(key, counters, count)
        assert found.shape == (3, count)
        for row, counter in zip(found, counters, strict=True):
            assert (row == numpys(key, counter, count)).all()


@pytest.mark.parametrize("low", EDGES)
@pytest.mark.parametrize("high", EDGES)
def test_keys_at_the_edges(low, high):
    key = low | high << 64
    counter = [high, low, high, low]
    assert (ours(key, [counter], 9)[0] == numpys(key, counter, 9)).all()


@pytest.mark.parametrize(
    "counter",
    [
        [TOP, 0, 0, 0],
        [TOP - 2, TOP, 5, 7],
        [TOP - 1, TOP, TOP, 7],
        [TOP, TOP, TOP, TOP],
        [TOP - 1, 2**63 - 1, TOP, 2**63],
        [2**63 - 2, TOP, TOP, TOP],
    ],
)
def test_carries_go_as_far_as_numpys(counter):
    assert (ours(3, [counter], 40)[0] == numpys(3, counter, 40)).all()


def test_words_are_those_of_streams():
    streams = [
        Stream(key=2**127 + 9, phase=phase, input=n, chunk=chunk)
        for phase in Phase
        for n, chunk in ((0, 0), (7, 2**63), (TOP, TOP))
    ]
    for stage in (0, 1):
        found = ours(2**127 + 9, [s.counter(stage) for s in streams], 13)
        for row, stream in zip(found, streams, strict=True):
            assert (row == stream.words(stage, 0, 13)).all()
