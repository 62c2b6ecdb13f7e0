"""The benchmark of the store, for an instant: that it runs and counts, not how fast."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from certiball.certification.plan import FixedSamples
from certiball.certification.target_radius import TargetRadius

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "store.py"


@pytest.fixture(scope="module")
def store():
    spec = importlib.util.spec_from_file_location("store", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["store"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["store"]


def test_all_votes_of_a_fixed_number_are_stored_in_blocks(store):
    row = store.measure(FixedSamples(n0=100, n=5000), classes=10, inputs=3, block=32, repeats=2)
    assert (row.blocks, row.samples) == (3 * 7, 3 * 5100)  # labels, n0, and five blocks of n
    assert row.spread[0] <= row.per_second <= row.spread[1]
    assert row.bytes_per_block > 100


def test_a_plan_that_stops_has_smaller_blocks(store):
    plan = TargetRadius(radii=0.5, max_n=5000)
    row = store.measure(plan, classes=10, inputs=3, block=32, repeats=1)
    assert row.samples / row.blocks < 128


@pytest.mark.parametrize(("change", "holds"), [(1.0, True), (0.01, False)])
def test_the_claim_is_about_blocks_per_second(store, change, holds):
    row = store.measure(FixedSamples(n=1000), classes=10, inputs=2, block=32, repeats=1)
    usual = replace(row, per_second=5000.0 * change, read=5000.0, bytes_per_block=400.0)
    assert usual.holds is holds
