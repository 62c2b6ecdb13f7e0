"""Mistakes about the votes of all views: each must break a check of every perturbation."""

from fractions import Fraction

import numpy as np
import pytest

from certiball.laws.bands import Bands
from certiball.laws.blocks import Blocks
from certiball.laws.deterministic_splitting import DeterministicSplitting
from certiball.samplers import deterministic_splitting as offsets
from certiball.samplers import views
from certiball.theorems import bands_patch, blocks_patch, counts, deterministic_splitting_l1
from guarantees import enumerated

BANDS = (Bands(width=1, columns=4), 4, 4, 3, 0)
BLOCKS = (Blocks(side=1, rows=4, columns=4), 4, 4, 2, 0)


def caught(check, *arguments):
    with pytest.raises(AssertionError):
        check(*arguments)


def allow(monkeypatch, rule):
    """Another rule for how many views may change."""
    for module in (counts, bands_patch, blocks_patch, deterministic_splitting_l1):
        monkeypatch.setattr(module, "changes_allowed", rule)


def beside_the_last_runner_up(views, votes, label):
    """A17: only one class with the second most votes is looked at, of several the last."""
    others = [other for other in range(len(votes)) if other != label]
    second = max(others, key=lambda other: (votes[other], other))
    return (votes[label] - votes[second] - (second < label)) // 2


def test_only_one_of_several_runners_up(monkeypatch):
    right = counts.changes_allowed
    every = [(a, b, c) for a in range(9) for b in range(9) for c in range(9) if a + b + c]
    wrong = [
        votes
        for votes in every
        if beside_the_last_runner_up(sum(votes), votes, enumerated.winner(votes))
        > right(sum(votes), votes, enumerated.winner(votes))
    ]
    assert len(every) == 728
    assert len(wrong) == 16
    assert (6, 8, 6) in wrong
    allow(monkeypatch, beside_the_last_runner_up)
    caught(enumerated.worst_votes, 20, 3)


def test_a_tie_goes_to_the_class_itself(monkeypatch):
    def generous(views, votes, label):
        rest = max(count for other, count in enumerate(votes) if other != label)
        return (votes[label] - rest) // 2

    allow(monkeypatch, generous)
    caught(enumerated.worst_votes, 8, 2)
    caught(enumerated.patches, *BANDS)
    caught(splitting)


def test_a_view_that_changes_counts_once(monkeypatch):
    # It leaves the class and joins another, which is two votes of the lead.
    right = counts.changes_allowed
    allow(monkeypatch, lambda n, votes, label: min(n - 1, 2 * right(n, votes, label)))
    caught(enumerated.worst_votes, 8, 2)
    caught(enumerated.patches, *BANDS)
    caught(enumerated.patches, *BLOCKS)
    caught(splitting)


def test_one_band_less(monkeypatch):
    monkeypatch.setattr(
        bands_patch, "reached", lambda law, side: min(law.columns, side + law.width - 2)
    )
    caught(enumerated.reach, Bands(width=2, columns=5), 2, 5)
    caught(enumerated.patches, *BANDS)


def test_bands_that_do_not_go_round(monkeypatch):
    # Of a patch at the edge fewer bands are then counted than see it.
    monkeypatch.setattr(
        bands_patch, "reached", lambda law, side: min(law.columns - law.width + 1, side)
    )
    caught(enumerated.reach, Bands(width=2, columns=5), 2, 5)


def test_blocks_as_bands(monkeypatch):
    monkeypatch.setattr(
        blocks_patch, "reached", lambda law, side: min(law.views, side + law.side - 1)
    )
    caught(enumerated.reach, Blocks(side=2, rows=5, columns=5), 5, 5)
    caught(enumerated.patches, *BLOCKS)


def test_one_row_and_column_of_blocks_less(monkeypatch):
    monkeypatch.setattr(
        blocks_patch, "reached", lambda law, side: min(law.views, (side + law.side - 2) ** 2)
    )
    caught(enumerated.reach, Blocks(side=2, rows=5, columns=5), 5, 5)


def test_a_view_one_column_wider_than_it_says(monkeypatch):
    right = views.ViewSampler.part

    def wider(self, number):
        rows, columns = right(self, number)
        return rows, np.append(columns, (columns[-1] + 1) % self.columns)

    monkeypatch.setattr(views.ViewSampler, "part", wider)
    caught(enumerated.reach, Bands(width=2, columns=5), 2, 5)
    caught(enumerated.patches, *BANDS)


def splitting():
    for seed in range(4):
        law = DeterministicSplitting(scale=Fraction(4, 3), step=Fraction(1, 3), seed=seed)
        enumerated.offsets(law, 3, 2, 2 + seed % 2, seed)


def test_one_step_more(monkeypatch):
    right = deterministic_splitting_l1.radius
    monkeypatch.setattr(
        deterministic_splitting_l1,
        "radius",
        lambda law, votes, label: right(law, votes, label) + float(law.step),
    )
    caught(splitting)


def test_the_model_sees_more_than_the_part(monkeypatch):
    # Beside the middle of the part, which of its halves the number lies in.
    right = offsets.midpoints
    monkeypatch.setattr(
        offsets,
        "midpoints",
        lambda levels, places, period, top: right(levels, places, period, top) + levels % 2,
    )
    caught(splitting)
