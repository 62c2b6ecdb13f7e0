from fractions import Fraction

import mpmath
import numpy as np
import pytest
from scipy import special

from certiball.laws.uniform_ball import UniformBall
from certiball.theorems.bounds import Bounds
from certiball.theorems.uniform_ball_l2 import radius

pytest.importorskip("flint", reason="ball arithmetic is in the dev extra: python-flint")

from flint import arb

from guarantees.exact import at_most, exactly

LAW = UniformBall(scale=0.75)


def variation(distance, dimension):
    """Between the laws at two inputs: the share of a ball within half the distance of a plane."""
    half = exactly(distance) / (2 * exactly(LAW.scale))
    parameters = arb(1) / 2, arb(dimension + 1) / 2
    return (half**2).beta_lower(*parameters, regularized=True)


@pytest.mark.parametrize("dimension", [1, 2, 3, 10, 784, 3072, 150_528])
def test_never_above_the_exact_radius_and_close_to_it(dimension):
    generator = np.random.default_rng(dimension)
    for _ in range(20):
        p = float(generator.choice([0.5 + 10.0 ** -generator.uniform(0.5, 12), 1 - 1e-6, 0.9]))
        q = float(generator.uniform(0, p))
        for bounds, allowed in (
            (Bounds(p_lower=p), Fraction(p) - Fraction(1, 2)),
            (Bounds(p_lower=p, p_upper=q), (Fraction(p) - min(Fraction(q), 1 - Fraction(p))) / 2),
        ):
            found = radius(LAW, bounds, dimension=dimension)
            assert found > 0
            assert at_most(lambda r=found: variation(r, dimension), lambda m=allowed: exactly(m))
            assert not at_most(
                lambda r=found: variation(r * (1 + 1e-12), dimension),
                lambda m=allowed: exactly(m),
            )


def test_the_formula_of_the_literature():
    for dimension in (1, 2, 3, 10, 784):
        half = (dimension + 1) / 2
        for p in (0.6, 0.8, 0.99):
            published = LAW.scale * (2 - 4 * special.betaincinv(half, half, 0.75 - p / 2))
            found = radius(LAW, Bounds(p_lower=p), dimension=dimension)
            assert found == pytest.approx(published, rel=1e-11)


@pytest.mark.parametrize("dimension", [2, 3])
def test_the_overlap_of_two_balls_by_integration(dimension):
    # Two caps, whose sections are balls of one dimension less.
    for p in (0.6, 0.95):
        half = mpmath.mpf(radius(LAW, Bounds(p_lower=p), dimension=dimension)) / 2
        size = mpmath.mpf(LAW.scale)
        power = mpmath.mpf(dimension - 1) / 2
        section = lambda t: (size**2 - t**2) ** power  # noqa: B023, E731
        both = mpmath.quad(section, [half, size]) / mpmath.quad(section, [0, size])
        assert 1 - both == pytest.approx(p - 0.5, rel=1e-9)


def test_slack_is_paid_at_both_ends():
    tau = Fraction(1, 1000)
    for p, q in ((0.9, None), (0.6, 0.3)):
        found = radius(LAW, Bounds(p_lower=p, p_upper=q), tau, 10)
        others = 1 - Fraction(p) if q is None else Fraction(q)
        allowed = (Fraction(p) - others) / 2 - 2 * tau
        assert 0 < found < radius(LAW, Bounds(p_lower=p, p_upper=q), dimension=10)
        assert at_most(lambda r=found: variation(r, 10), lambda m=allowed: exactly(m))


def test_nothing_is_proven_at_or_below_the_boundary():
    for bounds in (
        Bounds(p_lower=0.5),
        Bounds(p_lower=0.2),
        Bounds(p_lower=0.3, p_upper=0.3),
        Bounds(p_lower=0.3, p_upper=1.0),
        Bounds(p_lower=0.0, p_upper=0.0),
    ):
        assert radius(LAW, bounds, dimension=7) == 0.0
    assert radius(LAW, Bounds(p_lower=0.3, p_upper=0.1), dimension=7) > 0
    assert radius(LAW, Bounds(p_lower=0.5005), Fraction(1, 1000), 7) == 0.0
    assert radius(LAW, Bounds(p_lower=1.0), dimension=7) < LAW.scale
