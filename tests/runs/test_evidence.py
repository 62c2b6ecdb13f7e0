"""Counts as bytes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certiball.errors import StoreError
from certiball.runs.evidence import Kind, clean_evidence, pack, unpack


@given(
    st.lists(
        st.lists(st.integers(min_value=0, max_value=2**32 - 1), min_size=3, max_size=3),
        min_size=1,
        max_size=5,
    )
)
def test_what_is_packed_comes_back(rows):
    counts = np.array(rows, dtype=np.int64)
    assert (unpack(pack(counts), *counts.shape) == counts).all()


def test_many_classes_cost_nothing():
    counts = np.zeros((32, 1000), dtype=np.int64)
    counts[:, 7] = 32
    assert len(pack(counts)) < 200


@pytest.mark.parametrize("packed", [b"", b"noise", pack(np.eye(9, dtype=np.int64))])
def test_damage_is_one_line(packed):
    with pytest.raises(StoreError, match="stored votes are damaged"):
        unpack(packed, 2, 3)


def test_counts_that_are_no_triples_are_damage():
    import zlib

    with pytest.raises(StoreError, match="stored votes are damaged"):
        unpack(zlib.compress(b"1234" * 4), 2, 3)


def test_a_clean_label_is_a_single_vote():
    evidence = clean_evidence(5, 1, 3)
    assert evidence.kind is Kind.CLEAN
    assert evidence.counts.tolist() == [[0, 1, 0]]
    assert (evidence.block.input, evidence.block.samples) == (5, 1)
