"""Mistakes in laws whose coordinates depend on each other, and in splitting noise: all are seen."""

import numpy as np
import pytest

from certiball.laws import splitting
from certiball.samplers import vectors
from certiball.theorems import (
    max_exponential_l1,
    max_exponential_linf,
    spherical_exponential_l2,
    splitting_l1,
    uniform_ball_l2,
)
from guarantees import joint


def caught(check, *arguments):
    with pytest.raises(AssertionError):
        check(*arguments)


@pytest.mark.parametrize("theorem", [uniform_ball_l2, spherical_exponential_l2])
def test_a_dimension_less(monkeypatch, theorem):
    right = theorem.latitude_down
    monkeypatch.setattr(theorem, "latitude_down", lambda n, share: right(n - 1, share))
    caught(joint.worst_sets, theorem, 3, 0.95, None, "axis")
    if theorem is uniform_ball_l2:
        caught(joint.coverage, theorem, 3, 0.1)


def test_a_ratio_a_tenth_too_large(monkeypatch):
    right = max_exponential_linf.distance
    monkeypatch.setattr(max_exponential_linf, "distance", lambda *given: 1.1 * right(*given))
    caught(joint.worst_sets, max_exponential_linf, 2, 0.95, None, "diagonal")
    caught(joint.coverage, max_exponential_linf, 30, 1.0)


@pytest.mark.parametrize(("p", "q"), [(0.6, None), (0.95, None), (0.4, 0.2)])
def test_twice_the_margin_along_an_axis(monkeypatch, p, q):
    right = max_exponential_l1.margin
    monkeypatch.setattr(
        max_exponential_l1, "margin", lambda bounds, slack: 2 * right(bounds, slack)
    )
    caught(joint.worst_sets, max_exponential_l1, 3, p, q, "axis")


def test_twice_the_margin_of_splitting_noise(monkeypatch):
    right = splitting_l1.margin
    monkeypatch.setattr(splitting_l1, "margin", lambda bounds, slack: 2 * right(bounds, slack))
    caught(joint.split_never_overclaims, 4, 4, 1, 150)
    caught(joint.split_coverage, 176)


def test_splitting_noise_that_tells_levels_apart(monkeypatch):
    right = splitting.midpoints
    monkeypatch.setattr(
        splitting,
        "midpoints",
        lambda levels, *rest, **named: right(levels, *rest, **named) + levels % 2,
    )
    caught(joint.split_alike, 4, 3)
    caught(joint.split_never_overclaims, 4, 4, 1, 150)


def test_a_threshold_between_the_wrong_levels(monkeypatch):
    # Thresholds from 0 to λ in place of 2λ.
    right = splitting.midpoints
    monkeypatch.setattr(
        splitting,
        "midpoints",
        lambda levels, places, **named: right(levels, places // 2, **named),
    )
    caught(joint.split_alike, 4, 3)
    caught(joint.split_never_overclaims, 4, 4, 1, 150)


@pytest.mark.parametrize(
    ("theorem", "distance"), [(uniform_ball_l2, 0.1), (spherical_exponential_l2, 0.4)]
)
def test_lengths_of_another_law(monkeypatch, theorem, distance):
    wrong = {
        type(joint.LAWS[theorem]): lambda stream, out: vectors._lengthened(
            stream, out, vectors._shares(stream, len(out))
        )
    }
    monkeypatch.setattr(vectors, "DRAWN", vectors.DRAWN | wrong)
    caught(joint.known_robustness, theorem, 2, distance)


def test_a_cube_for_a_ball(monkeypatch):
    wrong = {
        type(joint.LAWS[uniform_ball_l2]): lambda stream, out: (
            np.copyto(out, 2 * stream.generator().random(out.shape, dtype=np.float32) - 1) or out
        )
    }
    monkeypatch.setattr(vectors, "DRAWN", vectors.DRAWN | wrong)
    caught(joint.known_robustness, uniform_ball_l2, 2, 0.1)
