"""Laws side by side."""

import numpy as np
import pytest

import certiball as cb
from certiball.balls import Norm
from certiball.certification.compare import compare_noise, reachable
from certiball.errors import InputError
from certiball.laws.ablation import Ablation
from certiball.laws.additive import KINDS, at_deviation
from certiball.laws.max_exponential import MaxExponential
from certiball.laws.uniform_ball import UniformBall
from certiball.spaces import Grid, Reals
from certiball.theorems import TABLE

GRID = Grid.uint8()
WHITE = np.full((2, 4, 4), 255, dtype=np.uint8)
PLAN = cb.FixedSamples(n0=50, n=500)


def bright():
    return cb.FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2, name="bright")


def test_kinds_of_additive_noise_have_one_deviation():
    for law in at_deviation(0.5, 48):
        assert law.deviation(48) == pytest.approx(0.5, rel=1e-5)
    assert len({type(law) for law in KINDS}) == len(KINDS)
    assert all(any(kind is type(law) for kind, _ in TABLE) for law in KINDS)


def test_a_deviation_is_positive():
    with pytest.raises(InputError, match="sigma must be > 0, not 0"):
        at_deviation(0.0, 3)


def test_radii_are_those_of_certify_and_conversions_of_them():
    laws = (cb.Gaussian(sigma=0.25), UniformBall(scale=1.5), MaxExponential(scale=0.02))
    gaussian, ball, cube = compare_noise(bright(), WHITE, GRID, laws, plan=PLAN)
    best = gaussian.radii[Norm.L2]
    top = cb.certify(cb.Smoothed(bright(), laws[0], GRID), WHITE[:1], plan=PLAN)[0]
    assert best[0] == top.radius > 0.4  # all votes agree, so both have the same counts
    assert gaussian.radii[Norm.L1] == best
    assert np.allclose(gaussian.radii[Norm.LINF], np.array(best) / 4, rtol=1e-12)
    assert gaussian.space == GRID
    assert ball.space == Reals(low=0.0, high=1.0)
    assert ball.labels == (1, 1)
    # The theorems in L1 and L∞ are both better than what follows from the other.
    assert cube.radii[Norm.L1][0] > cube.radii[Norm.LINF][0] > cube.radii[Norm.L1][0] / 16


def test_what_does_not_fit_says_why():
    laws = (Ablation(keep=3, pixels=17), cb.Gaussian(sigma=0.25))
    refused, fine = compare_noise(bright(), WHITE, GRID, laws, plan=PLAN)
    assert "17" in refused.refused
    assert refused.radii == {}
    assert fine.refused == ""


def test_an_input_without_a_certificate_has_radius_zero():
    grey = np.full((1, 4, 4), 127, dtype=np.uint8)
    [found] = compare_noise(bright(), grey, GRID, [cb.Gaussian(sigma=1.0)], plan=PLAN)
    assert found.labels == (None,)
    assert set(found.radii) == {Norm.L1, Norm.L2, Norm.LINF}
    assert all(radii == (0.0,) for radii in found.radii.values())


def test_counts_of_pixels_bound_no_length():
    assert reachable(Ablation(keep=3, pixels=9)) == (Norm.L0,)
