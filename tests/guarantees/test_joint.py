"""Uniform balls, exponential noise in L2 and L∞, and splitting noise: no certificate too large."""

from fractions import Fraction

import numpy as np
import pytest

import certiball as cb
from certiball.laws.splitting import Splitting
from certiball.theorems import (
    max_exponential_l1,
    max_exponential_linf,
    spherical_exponential_l2,
    uniform_ball_l2,
)
from guarantees import checks, joint

KINDS = ["axis", "diagonal", "any"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("p", "q"), [(0.6, None), (0.95, None), (0.4, 0.2)])
@pytest.mark.parametrize("dimension", [2, 3])
@pytest.mark.parametrize("theorem", list(joint.LAWS))
def test_worst_sets(theorem, dimension, p, q, kind):
    joint.worst_sets(theorem, dimension, p, q, kind)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("p", "q"), [(0.6, None), (0.8, None), (0.95, None), (0.6, 0.1)])
@pytest.mark.parametrize("dimension", [2, 3, 10])
@pytest.mark.parametrize("theorem", list(joint.LAWS))
def test_worst_sets_in_full(theorem, dimension, p, q, kind):
    joint.worst_sets(theorem, dimension, p, q, kind, samples=200_000)


EXACT = [
    (uniform_ball_l2, 2, 0.1),
    (uniform_ball_l2, 3, 0.1),
    (max_exponential_linf, 2, 0.3),
    (max_exponential_linf, 30, 1.0),
    (spherical_exponential_l2, 2, 0.4),
    (spherical_exponential_l2, 30, 2.0),
    (max_exponential_l1, 2, 0.5),
    (max_exponential_l1, 30, 5.0),
]


@pytest.mark.parametrize(("theorem", "dimension", "distance"), EXACT)
def test_classifiers_of_known_robustness(theorem, dimension, distance):
    joint.known_robustness(theorem, dimension, distance)


@pytest.mark.parametrize(("theorem", "dimension", "distance"), EXACT)
def test_coverage_where_the_answer_is_known_to_change(theorem, dimension, distance):
    joint.coverage(theorem, dimension, distance)


@pytest.mark.parametrize("top", [1, 2, 3, 5])
@pytest.mark.parametrize("period", [1, 2, 3, 4, 6, 7])
def test_splitting_tells_levels_apart_as_often_as_it_should(period, top):
    joint.split_alike(period, top)


@pytest.mark.parametrize(
    ("period", "top", "dimension", "tables"),
    [(3, 4, 1, 150), (4, 4, 1, 150), (6, 5, 1, 150), (9, 5, 1, 150), (3, 3, 2, 60), (5, 3, 2, 60)],
)
def test_splitting_never_overclaims(period, top, dimension, tables):
    balls, sharp = joint.split_never_overclaims(period, top, dimension, tables)
    assert balls > 200
    assert sharp > 0  # some balls are as large as the truth


@pytest.mark.parametrize("kept", [140, 176, 214])
def test_splitting_coverage(kept):
    joint.split_coverage(kept)


def test_splitting_coverage_through_the_sampler():
    kept, inputs = 214, 200
    # What is seen of a level below its threshold t, in quarters of a step, is 2t + 1.
    seen = np.arange(1021)
    others = ~((seen % 2 == 1) & (seen < 2 * kept))
    classifier = cb.FunctionClassifier(
        lambda x: others[np.rint(x[:, 0] * 1020).astype(int)].astype(int), num_classes=2
    )
    g = cb.Smoothed(classifier, Splitting(scale=Fraction(1, 2)), space=cb.Grid.uint8())
    results = cb.certify(
        g, np.zeros((inputs, 1), np.uint8), plan=cb.FixedSamples(n0=100, n=1000), alpha=checks.ALPHA
    )
    distance = (kept - 127) / 255  # where 127 of 255 places are left
    certified = [r for r in results if isinstance(r, cb.Certificate)]
    false = sum(r.label != 0 or r.radius > distance for r in certified)
    checks.at_most(false, inputs, checks.ALPHA)
    assert len(certified) == inputs  # the sampler draws what the theorem is about
    assert distance - 0.06 < np.mean([r.radius for r in certified]) < distance
