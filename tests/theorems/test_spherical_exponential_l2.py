from fractions import Fraction

import numpy as np
import pytest
from scipy import special

from certiball.errors import InputError
from certiball.laws.spherical_exponential import SphericalExponential
from certiball.theorems.bounds import Bounds
from certiball.theorems.spherical_exponential_l2 import radius

pytest.importorskip("flint", reason="ball arithmetic is in the dev extra: python-flint")

from flint import arb

from guarantees.exact import at_most, exactly

LAW = SphericalExponential(scale=0.75)


def reached(way, dimension):
    """h⁻¹: the probability p that h(p)/(λ(d − 1)) is a number of; T² has a beta law."""
    square = way.tanh() ** 2
    parameters = arb(1) / 2, arb(dimension - 1) / 2
    within = square.beta_lower(*parameters, regularized=True)
    return (1 + within) / 2 if way > 0 else (1 - within) / 2


def way(distance, dimension):
    return exactly(distance) / (exactly(LAW.scale) * (dimension - 1))


@pytest.mark.parametrize("dimension", [2, 3, 4, 10, 784, 3072, 150_528])
def test_never_above_the_exact_radius_and_close_to_it(dimension):
    generator = np.random.default_rng(dimension)
    for _ in range(20):
        p = float(generator.choice([0.5 + 10.0 ** -generator.uniform(0.5, 12), 1 - 1e-9, 0.9]))
        found = radius(LAW, Bounds(p_lower=p), dimension=dimension)
        assert found > 0
        assert at_most(
            lambda r=found: reached(way(r, dimension), dimension), lambda v=p: exactly(v)
        )
        assert not at_most(
            lambda r=found: reached(way(r * (1 + 1e-12), dimension), dimension),
            lambda v=p: exactly(v),
        )


@pytest.mark.parametrize("dimension", [2, 10, 3072])
@pytest.mark.parametrize(("p", "q"), [(0.4, 0.2), (0.45, 0.44), (0.6, 0.3), (0.9, 0.001)])
def test_two_classes_meet_where_the_radius_ends(dimension, p, q):
    found = radius(LAW, Bounds(p_lower=p, p_upper=q), dimension=dimension)
    # h is odd about ½: from h(p) down and from h(q) up by the radius, both are at the same place.
    low = 1 - q if 1 - q < 0.5 else q  # a probability below one half
    start = _place(1 - low, dimension)
    other = -start if low == q else start
    first = _place(p, dimension) if p >= 0.5 else -_place(1 - p, dimension)
    middle = LAW.scale * (dimension - 1) * (first - other) / 2
    assert found == pytest.approx(middle, rel=1e-9)
    assert found >= radius(LAW, Bounds(p_lower=p), dimension=dimension) * (1 - 1e-12)


def _place(p, dimension):
    half = (dimension - 1) / 2
    return np.arctanh(1 - 2 * special.betaincinv(half, half, 1 - p))


def test_the_formula_of_the_literature():
    for dimension in (2, 3, 10, 784):
        half = (dimension - 1) / 2
        for p in (0.6, 0.8, 0.99):
            start = 1 - 2 * special.betaincinv(half, half, 1 - p)
            published = LAW.scale * (dimension - 1) * np.arctanh(start)
            found = radius(LAW, Bounds(p_lower=p), dimension=dimension)
            assert found == pytest.approx(published, rel=1e-11)


def test_nothing_is_proven_at_or_below_the_boundary():
    for bounds in (
        Bounds(p_lower=0.5),
        Bounds(p_lower=0.2),
        Bounds(p_lower=0.3, p_upper=0.3),
        Bounds(p_lower=0.3, p_upper=1.0),
        Bounds(p_lower=0.0, p_upper=0.0),
    ):
        assert radius(LAW, bounds, dimension=7) == 0.0
    for dimension in (2, 7, 3072):
        assert 0 < radius(LAW, Bounds(p_lower=1.0), dimension=dimension) < 1000  # not infinite
        assert radius(LAW, Bounds(p_lower=1.0, p_upper=0.0), dimension=dimension) < 1000
        assert radius(LAW, Bounds(p_lower=1e-300, p_upper=1e-301), dimension=dimension) == 0.0


def test_what_it_is_not_for():
    with pytest.raises(InputError, match="two numbers or more: for one use Laplace"):
        radius(LAW, Bounds(p_lower=0.9), dimension=1)
    with pytest.raises(InputError, match="for one use Laplace"):
        LAW.seen((1,))


def test_slack_is_paid_at_both_ends():
    # What has probability p − τ here has ½ + τ at the radius; two classes keep a lead of 2τ there.
    tau, dimension = Fraction(1, 1000), 5
    found = radius(LAW, Bounds(p_lower=0.9), tau, dimension)
    exact = _place(0.899, dimension) - _place(0.501, dimension)
    assert found == pytest.approx(LAW.scale * (dimension - 1) * exact, rel=1e-9)
    found = radius(LAW, Bounds(p_lower=0.6, p_upper=0.3), tau, dimension)
    assert 0 < found < radius(LAW, Bounds(p_lower=0.6, p_upper=0.3), dimension=dimension)
    unit = found / (LAW.scale * (dimension - 1))
    first = _reached_at(_place(0.599, dimension) - unit, dimension)
    other = _reached_at(_place(0.301, dimension) + unit, dimension)
    assert first - other >= 0.002


def _reached_at(place, dimension):
    half = (dimension - 1) / 2
    return special.betainc(half, half, (1 + np.tanh(place)) / 2)
