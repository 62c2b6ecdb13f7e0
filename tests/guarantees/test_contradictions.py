"""Certificates of neighbours: balls that meet have one class."""

from dataclasses import replace

import numpy as np

import certiball as cb
from guarantees.checks import GRID, LAW, contradictions

SQUARES = np.random.default_rng(8).integers(0, 3, (40, 40))


def chequered(batch):
    """A class for each square of .5 × .5, at random: answers change everywhere."""
    i, j = (np.floor(batch / 0.5).astype(int) % 40).T
    return SQUARES[i, j]


def neighbours():
    """Points of two numbers, some a step apart and some far, and what is certified of them."""
    generator = np.random.default_rng(9)
    centres = generator.integers(0, 256, (60, 2))
    levels = np.clip(
        np.concatenate([centres, centres + generator.integers(-60, 61, (60, 2))]), 0, 255
    )
    classifier = cb.FunctionClassifier(chequered, num_classes=3, name="chequered")
    g = cb.Smoothed(classifier, replace(LAW, sigma=0.12), space=GRID)
    return levels / 255, cb.certify(g, levels, plan=cb.FixedSamples(n0=64, n=1000), seed=1)


def test_certified_neighbours_share_a_class_where_their_balls_meet():
    points, results = neighbours()
    certified = [result for result in results if isinstance(result, cb.Certificate)]
    assert len(certified) > 25
    assert len({result.label for result in certified}) > 1
    assert contradictions(points, results) == []


def test_radii_half_as_large_again_would_contradict_each_other():
    points, results = neighbours()
    larger = [
        replace(r, radius=1.5 * r.radius) if isinstance(r, cb.Certificate) else r for r in results
    ]
    assert contradictions(points, larger)
