"""Mistakes about other outputs than one class: each must break a guarantee's check."""

from fractions import Fraction

import numpy as np
import pytest

from certiball.certification import median, outputs, places, segmentation
from certiball.samplers.streams import Phase
from certiball.statistics import holm, multinomial, order
from certiball.theorems import percentile, top_k
from guarantees import outputs as guarantees


def caught(check, *arguments, **named):
    with pytest.raises(AssertionError):
        check(*arguments, **named)


def test_the_whole_level_for_every_class(monkeypatch):
    monkeypatch.setattr(multinomial, "shared_level", lambda alpha, classes: alpha)
    caught(guarantees.bounds_hold_together)


def test_shares_instead_of_bounds(monkeypatch):
    monkeypatch.setattr(multinomial, "lower_bound", lambda k, n, alpha: k / n)
    monkeypatch.setattr(multinomial, "upper_bound", lambda k, n, alpha: k / n)
    caught(guarantees.top_k_coverage, (0.5, 0.5), 1)


def test_the_k_likeliest_rivals_counted_as_one(monkeypatch):
    # The sum of t rivals compared with more than t times the class.
    right = top_k._radius
    monkeypatch.setattr(
        top_k, "_radius", lambda sigma, own, total, t, slack: right(sigma, own, total, t + 1, slack)
    )
    caught(guarantees.top_k_by_brute_force, cases=120)


def test_the_smallest_of_all_rivals_instead_of_the_top_ones(monkeypatch):
    right = top_k.radius
    monkeypatch.setattr(
        top_k, "radius", lambda law, p, others, k, slack=Fraction(0): right(
            law, p, sorted(others)[:k], k, slack
        ),
    )  # fmt: skip
    caught(guarantees.top_k_by_brute_force, cases=120)


def test_percentiles_that_do_not_move(monkeypatch):
    monkeypatch.setattr(percentile, "shifted", lambda law, p, eps: (p, p))
    caught(guarantees.percentile_coverage, 0.5)


def test_twice_the_level_for_an_end(monkeypatch):
    right = order.lower_index
    monkeypatch.setattr(order, "lower_index", lambda n, p, alpha: right(n, p, 2 * alpha))
    caught(guarantees.percentile_coverage, 0.5)


def test_the_empirical_percentiles_as_ends(monkeypatch):
    monkeypatch.setattr(median, "lower_index", lambda n, p, alpha: round(n * p))
    caught(guarantees.intervals_through_real_noise)


def test_no_correction_for_many_pixels(monkeypatch):
    monkeypatch.setattr(holm, "rejected", lambda p_values, alpha: p_values <= alpha)
    caught(guarantees.joint_level_of_places, 40, 10)
    monkeypatch.setattr(segmentation, "rejected", lambda p_values, alpha: p_values <= alpha)
    caught(guarantees.pixels_through_real_noise)


def test_holm_that_counts_from_zero(monkeypatch):
    right = holm.rejected
    monkeypatch.setattr(  # level α/(N − i) for the i-th: as if there were one test fewer
        holm, "rejected", lambda p_values, alpha: right(p_values, alpha * 3 / 2)
    )
    caught(guarantees.joint_level_of_places, 3, 0)


def test_the_estimate_of_a_pixel_instead_of_its_p_value(monkeypatch):
    monkeypatch.setattr(
        segmentation, "above_p_values", lambda counts, n, tau: np.where(counts / n > tau, 0.0, 1.0)
    )
    caught(guarantees.pixels_through_real_noise)


def test_shares_of_heads_instead_of_bounds(monkeypatch):
    monkeypatch.setattr(outputs, "lower_bound", lambda k, n, alpha: min(k / n, 1 - 1e-9))
    caught(guarantees.heads_hold_to_their_distances)


def test_pixels_chosen_and_counted_by_the_same_samples(monkeypatch):
    # Visible where two classes are as good as equal: what most samples chose, most support.
    right = places._draw
    monkeypatch.setattr(
        places, "_draw", lambda setting, number, phase, samples, take: right(
            setting, number, Phase.SELECTION, samples, take
        ),
    )  # fmt: skip
    caught(guarantees.places_are_chosen_by_other_samples)
