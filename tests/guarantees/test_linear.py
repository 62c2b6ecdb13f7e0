"""Linear classifiers, whose robustness is known exactly."""

import pytest

import certiball as cb
from guarantees import checks


def test_float_mode_stays_within_the_hyperplane():
    checks.float_radius_is_at_most_the_distance()


def test_lattice_mode_stays_within_the_nearest_wrong_grid_point():
    checks.lattice_radius_is_at_most_the_nearest_wrong_grid_point()


def test_the_radius_tends_to_the_distance_as_samples_grow():
    for seed in range(3):
        classifier, clean, distance, *_ = checks.linear_model(seed)
        g = cb.Smoothed(classifier, checks.LAW, space=cb.Reals())
        shares = []
        for n in (300, 3_000, 100_000):
            plan = cb.FixedSamples(n0=50, n=n)
            [result] = cb.certify(g, clean[None] / 255, plan=plan, alpha=1e-3, seed=seed)
            shares.append(result.radius / distance)
        assert shares[-1] == max(shares)
        assert 0.95 < shares[-1] <= 1


@pytest.mark.slow
def test_the_radius_tends_to_the_distance_closely():
    classifier, clean, distance, *_ = checks.linear_model(1)
    g = cb.Smoothed(classifier, checks.LAW, space=cb.Reals())
    plan = cb.FixedSamples(n0=100, n=3_000_000)
    [result] = cb.certify(g, clean[None] / 255, plan=plan, alpha=1e-3, seed=1)
    assert 0.99 < result.radius / distance <= 1
