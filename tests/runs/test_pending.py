"""What is still to do, from what is stored."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from certiball.claim import Bound
from certiball.errors import InputError
from certiball.execution import Block
from certiball.runs.evidence import Evidence, Kind
from certiball.runs.pending import held_votes, missing_blocks
from certiball.runs.prepare import prepare
from certiball.samplers.streams import Phase
from certiball.votes import Design


@dataclass(frozen=True, kw_only=True)
class Growing:
    """Selects with 32 votes, and estimates with 32 more than there are, up to 96."""

    design: Design = Design.STOPPED
    bound: Bound = Bound.MIXTURE
    selection: int = 32
    most: int = 96

    def targets(self, question, label, estimation):
        return ()

    def wanted(self, question, selection, estimation):
        return 32, min(self.most, (estimation.total if estimation else 0) + 32)


@dataclass(frozen=True, kw_only=True)
class Odd(Growing):
    """Goes on from a part of a chunk."""

    def targets(self, question, label, estimation):
        return ()

    def wanted(self, question, selection, estimation):
        return 32, 50 if estimation is None else 80


@pytest.fixture
def spec(tmp_path, job):
    return replace(prepare(tmp_path, job()).spec, block=2)


def _with(spec, plan):
    return replace(spec, plan=plan, claim=replace(spec.claim, bound=plan.bound))


def _evidence(phase, first, samples):
    counts = np.zeros((-(-samples // 32), 2), dtype=np.int64)
    counts[:, 1] = 32
    counts[-1, 1] = samples - 32 * (len(counts) - 1)
    block = Block(input=0, phase=phase, first=first, samples=samples)
    return Evidence(kind=Kind.VOTES, block=block, counts=counts, seconds=0.0)


def test_everything_is_missing_at_first(spec):
    blocks = missing_blocks(spec, 5, [])
    assert {block.input for block in blocks} == {5}
    assert sum(block.samples for block in blocks) == 2140
    assert blocks[0] == Block(input=5, phase=Phase.SELECTION, first=0, samples=40)
    assert blocks[-1] == Block(input=5, phase=Phase.ESTIMATION, first=64, samples=52)


def test_only_the_contiguous_prefix_is_shown_to_the_plan():
    stored = [_evidence(Phase.ESTIMATION, 0, 64), _evidence(Phase.ESTIMATION, 4, 64)]
    assert held_votes(stored, 32)[Phase.ESTIMATION].total == 64


def test_blocks_behind_a_gap_are_not_drawn_again(spec):
    stored = [_evidence(Phase.ESTIMATION, 0, 64), _evidence(Phase.ESTIMATION, 4, 64)]
    missing = [b.first for b in missing_blocks(spec, 0, stored) if b.phase is Phase.ESTIMATION]
    assert missing[:2] == [2, 6]


def test_a_plan_that_looks_at_votes_gets_them_step_by_step(spec):
    growing = _with(spec, Growing())
    stored = [_evidence(Phase.SELECTION, 0, 32)]
    for step in range(3):
        [block] = missing_blocks(growing, 0, stored)
        assert (block.first, block.samples) == (step, 32)
        stored.append(_evidence(Phase.ESTIMATION, block.first, block.samples))
    assert missing_blocks(growing, 0, stored) == []


def test_a_part_of_a_chunk_cannot_grow(spec):
    odd = _with(spec, Odd())
    with pytest.raises(InputError, match="50 votes are not whole chunks of 32"):
        missing_blocks(odd, 0, [_evidence(Phase.ESTIMATION, 0, 50)])
