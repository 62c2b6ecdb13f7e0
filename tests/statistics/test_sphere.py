"""Latitudes against ball arithmetic: what is returned is on the safe side, and close."""

from fractions import Fraction

import numpy as np
import pytest
from scipy import special

from certiball.errors import InputError
from certiball.statistics.sphere import BETA_ERROR, latitude_down, latitude_up

flint = pytest.importorskip("flint", reason="ball arithmetic is in the dev extra: python-flint")

from flint import arb  # noqa: E402

from guarantees.exact import at_most, exactly  # noqa: E402

DIMENSIONS = (2, 3, 4, 5, 12, 31, 102, 786, 3074, 150_530, 1_000_002)


def share(dimension, tangent):
    """Of the sphere between the latitudes ±φ, tan φ given: T² has a beta law."""
    square = exactly(tangent) ** 2
    parameters = arb(1) / 2, arb(dimension - 1) / 2
    return (square / (1 + square)).beta_lower(*parameters, regularized=True)


def shares(generator, count=24):
    near = [Fraction(float(10.0 ** -generator.uniform(0.4, 15))) for _ in range(count)]
    return near + [1 - tiny for tiny in near] + [Fraction(1, 2), Fraction(1, 2**52)]


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_both_sides_are_safe_and_close(dimension):
    for wanted in shares(np.random.default_rng(dimension)):
        low, high = latitude_down(dimension, wanted), latitude_up(dimension, wanted)
        assert 0 < low < high <= low * (1 + 5e-13)
        assert at_most(lambda w=low: share(dimension, w), lambda p=wanted: exactly(p))
        assert at_most(lambda p=wanted: exactly(p), lambda w=high: share(dimension, w))


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_forward_functions_are_far_better_than_allowed_for(dimension):
    b = (dimension - 1) / 2
    worst = 0.0
    for wanted in shares(np.random.default_rng(dimension + 1)):
        x = float(special.betaincinv(0.5, b, float(wanted)))
        y = float(special.betaincinv(b, 0.5, float(1 - wanted)))
        with flint.ctx.workprec(256):
            checks = []
            if wanted <= Fraction(1, 2):
                lower = exactly(x).beta_lower(arb(1) / 2, exactly(b), regularized=True)
                checks += [(special.betainc(0.5, b, x), lower)]
            elif x <= 0.5:
                lower = exactly(x).beta_lower(arb(1) / 2, exactly(b), regularized=True)
                checks += [(special.betaincc(0.5, b, x), 1 - lower)]
            else:
                lower = exactly(y).beta_lower(exactly(b), arb(1) / 2, regularized=True)
                checks += [(special.betainc(b, 0.5, y), lower)]
            for found, exact in checks:
                worst = max(worst, float(abs(exactly(float(found)) / exact - 1)))
    assert 0 < worst < BETA_ERROR / 10


def test_small_spheres_by_hand():
    for wanted in (0.1, 0.5, 0.9, 0.999):
        circle = np.tan(np.pi / 2 * wanted)  # angles are uniform on a circle
        assert latitude_down(2, Fraction(wanted)) == pytest.approx(circle, rel=1e-12)
        height = wanted / np.sqrt(1 - wanted**2)  # and heights on a sphere
        assert latitude_down(3, Fraction(wanted)) == pytest.approx(height, rel=1e-12)


def test_the_equator_and_what_is_no_latitude():
    assert latitude_down(5, Fraction(0)) == 0.0
    assert 0 <= latitude_up(5, Fraction(0)) < 1e-300
    for wrong in (Fraction(-1, 10), Fraction(1)):
        with pytest.raises(InputError, match="from 0 to below 1"):
            latitude_down(3, wrong)
    with pytest.raises(InputError, match="2 dimensions or more, not 1"):
        latitude_up(1, Fraction(1, 2))
