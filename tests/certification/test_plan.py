from dataclasses import dataclass

import numpy as np
import pytest

import certiball as cb
from certiball import FixedSamples, Votes
from certiball.certification.pending import BLOCK, bundles, pending_blocks
from certiball.certification.plan import Plan
from certiball.certification.question import Question
from certiball.claim import Bound, Claim
from certiball.errors import InputError
from certiball.execution import Block
from certiball.samplers.streams import Phase
from certiball.statistics.binomial import class_lower_bound
from certiball.votes import Design

CLAIM = Claim(
    law=cb.Gaussian(sigma=0.5),
    norm=cb.Norm.L2,
    rule=cb.Rule.ONE_SIDED,
    alpha=0.05,
    space=cb.Reals(),
)
QUESTION = Question(claim=CLAIM, dimension=1)


def test_fixed_samples_want_the_same_whatever_the_votes():
    plan = FixedSamples(n0=5, n=70)
    assert isinstance(plan, Plan)
    assert (
        plan.wanted(QUESTION, None, None)
        == plan.wanted(QUESTION, Votes(counts=(5, 0)), None)
        == (5, 70)
    )
    assert (plan.selection, plan.most) == (5, 70)
    assert str(plan) == "FixedSamples(n0=5, n=70)"


@pytest.mark.parametrize(
    ("wrong", "name"), [({"n0": 0}, "n0"), ({"n": -3}, "n"), ({"n": 10**10}, "n")]
)
def test_bad_numbers(wrong, name):
    with pytest.raises(InputError, match=f"{name} must be from 1 to 1000000000, not"):
        FixedSamples(**wrong)


def test_pending_is_what_is_wanted_and_not_held():
    size = BLOCK * 32
    plan = FixedSamples(n0=100, n=2 * size + 10)
    blocks = list(pending_blocks(QUESTION, plan, 7, {}, 32))
    assert [(b.phase, b.first, b.samples) for b in blocks] == [
        (Phase.SELECTION, 0, 100),
        (Phase.ESTIMATION, 0, size),
        (Phase.ESTIMATION, BLOCK, size),
        (Phase.ESTIMATION, 2 * BLOCK, 10),
    ]
    assert {b.input for b in blocks} == {7}
    held = {Phase.SELECTION: Votes(counts=(100, 0)), Phase.ESTIMATION: Votes(counts=(0, 2 * size))}
    [last] = pending_blocks(QUESTION, plan, 7, held, 32)
    assert last == Block(input=7, phase=Phase.ESTIMATION, first=2 * BLOCK, samples=10)
    held[Phase.ESTIMATION] = Votes(counts=(0, 2 * size + 10))
    assert list(pending_blocks(QUESTION, plan, 7, held, 32)) == []


def test_parts_of_chunks_cannot_grow():
    held = {Phase.SELECTION: Votes(counts=(50, 0))}
    with pytest.raises(InputError, match="50 votes are not whole chunks of 32"):
        list(pending_blocks(QUESTION, FixedSamples(n0=100, n=10), 0, held, 32))


@dataclass(frozen=True, kw_only=True)
class UntilCertified:
    """The classic mistake: look at the bound after every hundred votes and stop at the first."""

    design: Design
    bound: Bound = Bound.CLOPPER_PEARSON
    selection: int = 50
    most: int = 2000

    def targets(self, question, label, estimation):
        return ()

    def wanted(self, question, selection, estimation):
        if estimation is None:
            return self.selection, 96
        enough = class_lower_bound(estimation, 1, 0.05) > 0.69
        return self.selection, estimation.total if enough else min(estimation.total + 96, 2016)


def test_plans_that_stop_are_refused_and_so_are_those_that_hide_it():
    bright = cb.FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
    g = cb.Smoothed(bright, cb.Gaussian(sigma=0.25), space=cb.Grid.uint8())
    white = np.full((1, 2, 2), 255, dtype=np.uint8)
    with pytest.raises(
        InputError, match="stops by its votes, for which the clopper-pearson bound does not"
    ):
        cb.certify(g, white, plan=UntilCertified(design=Design.STOPPED))
    with pytest.raises(InputError, match="says that its numbers are fixed and wants"):
        cb.certify(g, white, plan=UntilCertified(design=Design.FIXED))


def test_bundles_keep_order_and_lose_nothing():
    blocks = [Block(input=i, phase=Phase.ESTIMATION, first=0, samples=40) for i in range(10)]
    groups = list(bundles(blocks, samples=100))
    assert [len(g) for g in groups] == [3, 3, 3, 1]
    assert [b for g in groups for b in g] == blocks


def test_a_bound_that_does_not_exist_is_refused_with_the_choices():
    def given(bound):  # as users may, whose annotations nobody checks
        plan = FixedSamples()
        object.__setattr__(plan, "bound", bound)
        plan.__post_init__()
        return plan

    with pytest.raises(InputError, match=r"bound must be one of .*randomized.*, not 'foo'"):
        given("foo")
    assert given("randomized") == FixedSamples(bound=Bound.RANDOMIZED)
