"""Fresh votes against a record: false alarms at the stated rate, and what is found."""

from functools import partial

import numpy as np
import pytest

from certiball.statistics import consistency
from certiball.votes import Design
from guarantees import agreement


@pytest.mark.parametrize(("n", "m", "p"), [(20, 20, 0.5), (40, 15, 0.9), (12, 30, 0.97)])
def test_same_votes_by_enumeration(n, m, p):
    agreement.same_votes_keeps_its_level(n, m, p)


def test_pooled_by_enumeration():
    agreement.pooled_keeps_its_level(6, 4, (0.5, 0.8))


@pytest.mark.parametrize("p", [0.5, 0.87, 0.99])
def test_contradiction_by_enumeration(p):
    agreement.contradiction_keeps_its_level(60, p)


def test_contradiction_of_two_classes_by_enumeration():
    agreement.contradiction_keeps_its_level(24, 0.4, p_upper=0.3)


def test_honest_records_of_a_fixed_number():
    found = agreement.simulated_alarms(np.random.default_rng(1), level=0.1)
    assert found <= 0.1 + 4 * (0.1 * 0.9 / 1000) ** 0.5


def test_a_shift_of_every_input_is_found_by_the_pooled_test():
    rng = np.random.default_rng(2)
    assert agreement.simulated_alarms(rng, level=0.01, shift=0.03, runs=100, inputs=40) > 0.95


@pytest.mark.parametrize("p", [0.87, pytest.param(0.9, marks=pytest.mark.slow)])
def test_contradiction_after_stopping(p):
    for level in (0.01, 0.05):
        assert agreement.stopped_level(p, level, 400, consistency.contradiction_p_value) <= level


@pytest.mark.parametrize("level", [pytest.param(0.01, marks=pytest.mark.slow), 0.05])
def test_a_two_sample_test_of_stopped_votes_has_not_its_level(level):
    # The neighbour: stopped votes compared as if their number had been fixed.
    test = partial(consistency.same_votes_p_value, two_sided=False)
    assert agreement.stopped_level(0.87, level, 2000, test, most=2000) > 1.5 * level


def test_stopped_votes_are_compared_with_their_claim_alone():
    rows = [agreement.compared(100, 100, 50, 100)]
    said = consistency.consistency(rows, level=0.03, design=Design.STOPPED)
    assert (said.same, said.pooled, said.levels.contradiction) == ((), None, 0.03)
