import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certiball.errors import InputError
from certiball.laws.anisotropic_gaussian import AnisotropicGaussian
from certiball.laws.gaussian import Gaussian
from certiball.theorems import gaussian_l2
from certiball.theorems.anisotropic_gaussian_l2 import ellipsoid, radius
from certiball.theorems.bounds import Bounds
from certiball.theorems.ellipsoid import Ellipsoid

axes = st.lists(st.floats(0.01, 100), min_size=1, max_size=6)


@given(axes, st.floats(0.01, 10), st.data())
def test_inside_is_decided_exactly(a, scale, data):
    numbers = data.draw(st.lists(st.floats(-500, 500), min_size=len(a), max_size=len(a)))
    exact = sum(Fraction(x) ** 2 / Fraction(s) ** 2 for x, s in zip(numbers, a, strict=True))
    found = Ellipsoid(axes=a, scale=scale)
    assert found.covers(np.array(numbers)) == (exact < Fraction(scale) ** 2)


def test_the_edge_is_outside_and_levels_are_exact():
    found = Ellipsoid(axes=(0.5, 2.0), scale=1.0)
    assert not found.covers(np.array([0.5, 0.0]))
    assert found.covers(np.array([math.nextafter(0.5, 0), 0.0]))
    assert found.covers(np.array([[0, 509]]), Fraction(1, 255))
    assert not found.covers(np.array([[0, 510]]), Fraction(1, 255))
    assert found.covers(np.zeros(2))
    for wrong in (np.zeros(3), np.array([np.nan, 0.0]), np.array([np.inf, 0.0])):
        with pytest.raises(InputError):
            found.covers(wrong)


@given(axes, st.floats(0.01, 10))
def test_the_inner_ball_lies_inside_and_reaches_the_edge(a, scale):
    found = Ellipsoid(axes=a, scale=scale)
    short = np.zeros(len(a))
    short[int(np.argmin(a))] = found.inner_radius * (1 - 1e-15)
    assert found.covers(short)
    assert not found.covers(short * (1 + 1e-12))
    generator = np.random.default_rng(0)
    for _ in range(5):
        delta = generator.normal(size=len(a))
        delta *= found.inner_radius / np.linalg.norm(delta) * (1 - 1e-14)
        assert found.covers(delta)


@pytest.mark.parametrize("d", [1, 3, 3072])
def test_volumes_are_those_of_60_digits_and_no_larger(d):
    generator = np.random.default_rng(d)
    a = np.exp(generator.normal(size=d) * 3).tolist()
    found = Ellipsoid(axes=a, scale=0.75)
    with mpmath.workdps(60):
        mean = mpmath.fsum(mpmath.log(mpmath.mpf(each)) for each in a) / d
        proxy = mpmath.exp(mean) * mpmath.mpf(0.75)
        assert proxy * (1 - mpmath.mpf(10) ** -12) <= found.proxy_radius <= proxy
        ratio = d * (mean + mpmath.log(mpmath.mpf(0.75)) - mpmath.log(mpmath.mpf(0.3)))
        got = found.log_volume_over(0.3)
        assert ratio - d * mpmath.mpf(10) ** -13 <= got <= ratio
    assert math.isfinite(found.proxy_radius)


def test_at_equal_noise_and_votes_no_ellipsoid_is_larger_than_the_ball():
    """The geometric mean of variances is at most their mean: what is gained, votes must bring."""
    generator = np.random.default_rng(1)
    for _ in range(20):
        law = AnisotropicGaussian(deviations=generator.uniform(0.1, 1, 64).tolist())
        same = Gaussian(sigma=law.deviation(64))
        bounds = Bounds(p_lower=0.9)
        found = ellipsoid(law, bounds, Fraction(0), 64)
        assert found is not None
        assert found.log_volume_over(gaussian_l2.radius(same, bounds)) < 0
        assert found.log_volume_over(found.inner_radius) > 0


@pytest.mark.parametrize("bounds", [Bounds(p_lower=0.9), Bounds(p_lower=0.6, p_upper=0.2)])
@pytest.mark.parametrize("slack", [Fraction(0), Fraction(1, 10**6)])
def test_the_ball_is_that_of_the_least_deviation(bounds, slack):
    law = AnisotropicGaussian(deviations=(0.5, 0.125, 2.0))
    least = Gaussian(sigma=0.125)
    found = ellipsoid(law, bounds, slack, 6)
    assert radius(law, bounds, slack, 6) == gaussian_l2.radius(least, bounds, slack)
    assert found is not None
    assert found.scale == gaussian_l2.radius(Gaussian(sigma=1.0), bounds, slack)
    assert found.inner_radius == pytest.approx(radius(law, bounds, slack, 6), rel=1e-14)
    assert found.axes == (0.5, 0.5, 0.125, 0.125, 2.0, 2.0)


def test_nothing_proven_is_no_ellipsoid():
    law = AnisotropicGaussian(deviations=(0.5, 0.125))
    assert ellipsoid(law, Bounds(p_lower=0.5), Fraction(0), 2) is None
    assert radius(law, Bounds(p_lower=0.5)) == 0.0


def test_the_radii_of_reference(shared):
    lines = (shared / "reference/gaussian_radius.tsv").read_text().splitlines()
    header, *rows = [line.split("\t") for line in lines]
    names = {name: place for place, name in enumerate(header)}
    one = next(name for name in names if "one" in name)
    for row in rows:
        sigma, p = float(row[names["sigma"]]), float(row[names["p_lower"]])
        law = AnisotropicGaussian(deviations=(sigma, 7 * sigma))
        found = radius(law, Bounds(p_lower=p))
        exact = Fraction(row[names[one]])
        assert Fraction(found) <= exact * (1 + Fraction(1, 10**23))
        assert found >= float(exact) * (1 - 1e-12)


@pytest.mark.parametrize("bad", [{"axes": ()}, {"axes": (0.0,)}, {"scale": 0.0}, {"scale": np.inf}])
def test_what_is_no_ellipsoid(bad):
    with pytest.raises(InputError):
        Ellipsoid(**{"axes": (1.0,), "scale": 1.0} | bad)
    with pytest.raises(InputError, match="radius must be finite"):
        Ellipsoid(axes=(1.0,), scale=1.0).log_volume_over(0.0)
