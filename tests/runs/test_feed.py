"""Which blocks come next: full bundles, from many inputs where looks are small."""

from collections import Counter, deque
from dataclasses import dataclass, replace

import numpy as np
import pytest

from certiball.claim import Bound
from certiball.errors import StoreError
from certiball.runs import feed as module
from certiball.runs.feed import Feed
from certiball.runs.pending import Held
from certiball.runs.prepare import prepare
from certiball.votes import Design


@dataclass(frozen=True, kw_only=True)
class Until:
    """Looks after every 32 votes, and stops at 32 · (1 + number of light votes in the first)."""

    design: Design = Design.STOPPED
    bound: Bound = Bound.MIXTURE
    selection: int = 32
    most: int = 32 * 33

    def __post_init__(self):
        object.__setattr__(self, "design", Design(self.design))
        object.__setattr__(self, "bound", Bound(self.bound))

    def targets(self, question, label, estimation):
        return ()

    def wanted(self, question, selection, estimation):
        if estimation is None:
            return 32, 32
        enough = 32 * (1 + estimation.counts[1] % 7)
        return 32, max(estimation.total, min(estimation.total + 32, enough))


@pytest.fixture
def feed(tmp_path, job):
    spec = prepare(tmp_path, job()).spec

    def make(plan=None, inputs=6):
        chosen = spec
        if plan is not None:
            chosen = replace(spec, plan=plan, claim=replace(spec.claim, bound=plan.bound))
        return Feed(
            spec=chosen,
            load=lambda number: np.zeros((1, 2, 2), np.uint8),
            stored=lambda number: Held(chunk=32),
            unopened=deque(range(inputs)),
        )

    return make


def _votes(block, light):
    counts = np.zeros((-(-block.samples // 32), 2), dtype=np.int64)
    counts[:, 0] = np.minimum(32, block.samples - 32 * np.arange(len(counts)))
    counts[0, :] += (-light, light)
    return counts


def test_inputs_of_a_fixed_number_are_done_in_order(feed):
    found = feed()
    assert found.waiting == 6 * 2140
    first, second = found.take(1500), found.take(1500)
    assert [(b.input, b.samples) for b in first] == [(0, 40), (0, 1024), (0, 1024)]
    assert [(b.input, b.samples) for b in second] == [(0, 52), (1, 40), (1, 1024), (1, 1024)]
    assert found.waiting == 6 * 2140 - 2088 - 2140


def test_an_input_whose_blocks_have_all_come_back_is_settled(feed):
    found = feed(inputs=1)
    blocks = found.take(10**6)
    assert found.take(1) == []
    assert [found.give(block, _votes(block, 0)) for block in reversed(blocks)] == (
        [False] * 3 + [True]
    )
    assert not found.is_open(0)


def test_small_looks_of_many_inputs_fill_a_bundle(feed):
    found = feed(Until(), inputs=50)
    assert found.waiting == 50 * 64
    blocks = found.take(1000)
    assert len({block.input for block in blocks}) == 16
    assert found.waiting == 34 * 64


def test_an_input_is_shown_to_its_plan_again_at_once(feed):
    found = feed(Until(), inputs=2)
    selection, estimation, *others = found.take(10**6)
    assert not found.give(selection, _votes(selection, 0))
    assert found.take(1) == []  # its other block is still out
    assert not found.give(estimation, _votes(estimation, 2))
    [more] = found.take(10**6)
    assert (more.input, more.first, more.samples) == (estimation.input, 1, 32)
    assert {block.input for block in others} == {1}


def test_inputs_that_have_no_votes_yet_go_before_those_that_want_more(feed):
    found = feed(Until(), inputs=3)
    for block in found.take(64):
        found.give(block, _votes(block, 2))
    assert [block.input for block in found.take(64)] == [1, 1]
    assert [block.input for block in found.take(65)] == [2, 2, 0]


def test_those_with_the_fewest_votes_go_first_and_no_more_are_open_than_fit(feed, monkeypatch):
    monkeypatch.setattr(module, "MOST_OPEN", 3)
    found = feed(Until(), inputs=4)
    blocks = found.take(10**6)
    assert {block.input for block in blocks} == {0, 1, 2}
    for block in (b for b in blocks if b.input == 2):
        found.give(block, _votes(block, 3))
    for block in (b for b in blocks if b.input < 2):
        found.give(block, _votes(block, 3))
    assert [block.input for block in found.take(96)] == [0, 1, 2]
    found.drop(0)
    assert [block.input for block in found.take(1)] == [3]
    monkeypatch.setattr(module, "MOST_OPEN", 99)
    monkeypatch.setattr(module, "OPEN_BYTES", 1)
    assert len({block.input for block in feed(Until(), inputs=4).take(10**6)}) == 1


def test_an_input_that_fails_is_asked_no_more(feed):
    found = feed()
    found.take(40)
    assert found.drop(0) == 0
    assert {block.input for block in found.take(2140)} == {1}
    assert found.waiting == 4 * 2140


def test_any_order_of_bundles_draws_the_same_blocks(feed):
    """Arrivals in random order, at random bundle sizes: the plan sees prefixes only."""
    drawn = []
    for seed in range(5):
        chance = np.random.default_rng(seed)
        found, flying, all_blocks = feed(Until(), inputs=20), [], Counter()
        while True:
            flying += found.take(int(chance.integers(1, 500)))
            if not flying:
                break
            block = flying.pop(int(chance.integers(len(flying))))
            all_blocks[block] += 1
            found.give(block, _votes(block, (5 * block.input + block.first) % 7))
        assert found.waiting == 0
        assert max(all_blocks.values()) == 1
        drawn.append(all_blocks)
    assert all(each == drawn[0] for each in drawn)
    assert len({block.first for block in drawn[0]}) > 3


def test_a_store_that_contradicts_its_plan_is_damaged(feed):
    found = feed(Until(), inputs=1)
    full = Held(chunk=32)
    for block in feed(Until(), inputs=1).take(10**6):
        full.add(block, _votes(block, 0))
    found.stored = lambda number: full
    with pytest.raises(StoreError, match="the store is damaged"):
        found.take(1)
