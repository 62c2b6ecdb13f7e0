"""Broken tests of agreement: each must make an exact check fail."""

import pytest

from certiball.statistics import consistency
from guarantees import agreement


def test_the_smaller_tail_not_doubled(monkeypatch):
    monkeypatch.setattr(
        consistency, "_tails", lambda law, place, *_, **__: min(law[: place + 1].sum(), 1.0)
    )
    agreement.same_votes_keeps_its_level(20, 20, 0.5)  # one side alone is a test too
    monkeypatch.setattr(
        consistency,
        "_tails",
        lambda law, place, *_, **__: min(law[: place + 1].sum(), law[place:].sum()),
    )
    with pytest.raises(AssertionError):
        agreement.same_votes_keeps_its_level(20, 20, 0.5)


def test_what_was_found_left_out_of_the_tail(monkeypatch):
    monkeypatch.setattr(
        consistency,
        "_tails",
        lambda law, place, *_, **__: 2 * min(law[:place].sum(), law[place + 1 :].sum()),
    )
    with pytest.raises(AssertionError):
        agreement.same_votes_keeps_its_level(40, 15, 0.9)
    with pytest.raises(AssertionError):
        agreement.pooled_keeps_its_level(6, 4, (0.5, 0.8))


def test_two_parts_of_a_claim_at_the_level_of_one(monkeypatch):
    right = consistency.contradiction_p_value
    monkeypatch.setattr(consistency, "contradiction_p_value", lambda row: right(row) / 2)
    with pytest.raises(AssertionError):
        agreement.contradiction_keeps_its_level(24, 0.4, p_upper=0.3)
