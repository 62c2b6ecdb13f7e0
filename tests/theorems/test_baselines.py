"""Radii to compare with: valid, below the tight ones, and those of the literature."""

import math

import mpmath
import numpy as np
import pytest
from scipy import special

from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.theorems import TABLE, gaussian_l2, laplace_l1, pixeldp, renyi
from certiball.theorems.bounds import Bounds

LAW = Gaussian(sigma=1.0)


def pairs(seed, count):
    generator = np.random.default_rng(seed)
    for _ in range(count):
        p = float(1 - 10 ** generator.uniform(-8, -0.32))
        yield p, (1 - p) * float(generator.choice([1.0, generator.uniform(0.001, 1)]))


def test_the_numbers_of_the_comparison():
    bounds = Bounds(p_lower=0.99, p_upper=0.01)
    assert round(gaussian_l2.radius(LAW, bounds), 3) == 2.326
    assert round(renyi.gaussian_l2(LAW, bounds), 3) == 1.908
    assert round(pixeldp.gaussian_l2(LAW, bounds), 4) == 0.5549
    half = Gaussian(sigma=0.5)
    assert renyi.gaussian_l2(half, bounds) == renyi.gaussian_l2(LAW, bounds) / 2


def test_no_certificate_comes_from_them():
    sources = {theorem.radius for theorem in TABLE.values()}
    assert not sources & {renyi.gaussian_l2, pixeldp.gaussian_l2, pixeldp.laplace_l1}


def test_never_above_the_tight_radius():
    for p, q in pairs(1, 60):
        bounds = Bounds(p_lower=p, p_upper=q)
        tight = gaussian_l2.radius(LAW, bounds)
        assert 0 < pixeldp.gaussian_l2(LAW, bounds) < tight
        assert 0 < renyi.gaussian_l2(LAW, bounds) < tight
        laplace = Laplace(scale=1.0)
        assert 0 < pixeldp.laplace_l1(laplace, bounds) <= laplace_l1.radius(laplace, bounds)


def test_differential_privacy_that_the_radius_needs_holds_exactly():
    # The exact δ of Gaussian noise, beyond where the classical proof ends (δ > .4) as well.
    for p, q in [*pairs(2, 40), (0.99, 0.01), (0.9999, 1e-9), (1.0, 0.0), (0.3, 0.001)]:
        length = pixeldp.gaussian_l2(LAW, Bounds(p_lower=p, p_upper=q))
        assert length > 0

        def left(e, p=p, q=q):  # of the condition, when δ is what noise really gives
            half, far = length / 2, e / length  # noqa: B023
            delta = special.ndtr(half - far) - math.exp(e) * special.ndtr(-half - far)
            return p - math.exp(2 * e) * q - (1 + math.exp(e)) * delta

        assert max(left(e) for e in np.linspace(0.001, 1, 200)) >= 0


def test_no_other_epsilon_is_better():
    for p, q in [*pairs(3, 30), (0.99, 0.01), (0.6, 0.39)]:
        found = pixeldp.gaussian_l2(LAW, Bounds(p_lower=p, p_upper=q))
        q = min(q, 1 - p)
        epsilons = np.linspace(1e-3, 1, 20_000)
        deltas = (p - np.exp(2 * epsilons) * q) / (1 + np.exp(epsilons))
        kept = deltas > 0
        lengths = epsilons[kept] / np.sqrt(2 * np.log(1.25 / deltas[kept]))
        assert lengths.max() * (1 - 1e-12) <= found <= lengths.max() * (1 + 1e-6)


def renyi_by_order(a, p, q):
    with mpmath.workdps(50):
        a, p, q = mpmath.mpf(a), mpmath.mpf(p), mpmath.mpf(q)
        mean = ((p ** (1 - a) + q ** (1 - a)) / 2) ** (1 / (1 - a))
        return mpmath.sqrt(-2 / a * mpmath.log(1 - p - q + 2 * mean))


def test_no_other_order_is_better():
    for p, q in [*pairs(4, 8), (0.99, 0.01), (0.6, 0.39), (0.3, 0.001)]:
        found = renyi.gaussian_l2(LAW, Bounds(p_lower=p, p_upper=q))
        q = min(q, 1 - mpmath.mpf(p))
        best = max(renyi_by_order(1 + mpmath.exp(t), p, q) for t in np.linspace(-9, 5, 120))
        assert best * (1 - mpmath.mpf("1e-9")) <= found <= best * (1 + mpmath.mpf("1e-2"))


def test_rounded_down_from_sixty_digits():
    for p, q in pairs(5, 20):
        bounds = Bounds(p_lower=p, p_upper=q)
        ratio = pixeldp.laplace_l1(Laplace(scale=1.0), bounds)
        with mpmath.workdps(50):
            least = min(mpmath.mpf(q), 1 - mpmath.mpf(p))
            exact = mpmath.log(mpmath.mpf(p) / least) / 2
            assert exact * (1 - mpmath.mpf("1e-15")) <= ratio <= exact
        found = renyi.gaussian_l2(LAW, bounds)  # no order gives more than the best of a fine search
        with mpmath.workdps(15):
            around = mpmath.findroot(
                lambda t, p=p, q=least: mpmath.diff(
                    lambda s: renyi_by_order(1 + mpmath.exp(s), p, q), t
                ),
                -0.5,
                tol=1e-10,
            )
        assert found <= renyi_by_order(1 + mpmath.exp(around), p, least) * (1 + mpmath.mpf("1e-16"))


@pytest.mark.parametrize("radius", [renyi.gaussian_l2, pixeldp.gaussian_l2])
def test_nothing_is_proven_at_or_below_the_boundary(radius):
    for bounds in (
        Bounds(p_lower=0.5),
        Bounds(p_lower=0.2),
        Bounds(p_lower=0.3, p_upper=0.3),
        Bounds(p_lower=0.0, p_upper=0.0),
    ):
        assert radius(LAW, bounds) == 0.0
    assert radius(LAW, Bounds(p_lower=1.0)) < 40  # and not infinite
    assert pixeldp.laplace_l1(Laplace(scale=1.0), Bounds(p_lower=0.5)) == 0.0
    assert pixeldp.laplace_l1(Laplace(scale=1.0), Bounds(p_lower=1.0)) < 400
