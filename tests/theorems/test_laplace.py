"""Radii of Laplace noise by other roads than the code's."""

from fractions import Fraction
from math import comb

import mpmath
import numpy as np
import pytest

from certiball.errors import InputError
from certiball.laws.laplace import Laplace
from certiball.theorems import laplace_l1, laplace_linf
from certiball.theorems.bounds import Bounds
from certiball.theorems.sign_sums import _levels, growth

DIMENSIONS = [1, 2, 3, 4, 5, 8, 13, 30, 31, 100]


def number(value):
    return mpmath.mpf(value.numerator) / value.denominator


def sum_over_levels(dimension, a):
    """G(1 − a) term by term as it is defined, with exact binomial masses."""
    above = steep = Fraction(0)
    total = mpmath.mpf(0)
    for k in range(dimension // 2 + 1):
        w, mass = dimension - 2 * k, Fraction(comb(dimension, k), 2**dimension)
        start, end = max(a, above), min(Fraction(1, 2), above + mass)
        if end > start:
            first, last = (steep + (p - above) * w for p in (start, end))
            total += mpmath.log(number(last / first)) / w if w else number((end - start) / steep)
        above, steep = above + mass, steep + mass * w
    return total


def likely(seed, number_of_them):
    """Floats above ½, many of them near ½ and near 1."""
    generator = np.random.default_rng(seed)
    tails = 1 - 10 ** generator.uniform(-15, -0.31, number_of_them)
    return [*tails.tolist(), *(0.5 + 10 ** generator.uniform(-10, -0.4, number_of_them)).tolist()]


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_linf_is_the_exact_sum(dimension):
    law = Laplace(scale=1.0)
    with mpmath.workdps(50):
        for p in likely(dimension, 15):
            exact = sum_over_levels(dimension, 1 - Fraction(p))
            found = laplace_linf.radius(law, Bounds(p_lower=p), dimension=dimension)
            assert exact * (1 - mpmath.mpf(10) ** -12) <= found <= exact
            upper = growth(dimension).upper(1 - p)
            assert exact <= upper <= exact * (1 + mpmath.mpf(10) ** -12)


@pytest.mark.parametrize("dimension", [784, 3072, 150_528])
def test_linf_in_high_dimension_is_the_integral_of_exact_tails(dimension):
    # Masses by the logarithm of the gamma function, from the middle outwards.
    with mpmath.workdps(60):
        levels, k = [], dimension // 2
        mass = mpmath.exp(
            mpmath.loggamma(dimension + 1) - 2 * mpmath.loggamma(mpmath.mpf(dimension) / 2 + 1)
            - dimension * mpmath.log(2)
        )  # fmt: skip
        above = (1 - mass) / 2
        for p in (0.50001, 0.6, 0.9, 0.99):
            a, total, here, up, place = 1 - mpmath.mpf(p), mpmath.mpf(0), mass, above, k
            end = mpmath.mpf(1) / 2
            while end > a:
                w, start = dimension - 2 * place, max(a, up)
                steep = place * here  # Σ of masses times levels above this one
                last, first = (steep + (q - up) * w for q in (end, start))
                total += mpmath.log(last / first) / w if w else (end - start) / steep
                end, here = up, here * place / (dimension - place + 1)
                up, place = up - here, place - 1
            law, bounds = Laplace(scale=0.25), Bounds(p_lower=p)
            found = laplace_linf.radius(law, bounds, Fraction(0), dimension)
            assert total / 4 * (1 - mpmath.mpf(10) ** -12) <= found <= total / 4
            levels.append(found)
        assert levels == sorted(levels)


def test_what_is_tempting_is_no_certificate():
    # λΦ⁻¹(p̲)/√d lies above the exact sum in odd dimensions, near ½.
    with mpmath.workdps(30):
        for dimension, p, excess in ((1, 0.6, 0.13), (3, 0.505, 0.08), (13, 0.505, 0.017)):
            tempting = mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1) / mpmath.sqrt(dimension)
            found = laplace_linf.radius(Laplace(scale=1.0), Bounds(p_lower=p), dimension=dimension)
            assert tempting / found - 1 > excess


def test_one_dimension_has_one_norm():
    law = Laplace(scale=0.3)
    for p in likely(7, 30):
        one, other = (m.radius(law, Bounds(p_lower=p)) for m in (laplace_l1, laplace_linf))
        assert one == pytest.approx(other, rel=1e-12)


def test_l1_never_exceeds_the_exact_radius():
    scales = np.random.default_rng(5).uniform(0.01, 3, 400).tolist()
    with mpmath.workdps(40):
        for p, scale in zip(likely(3, 200), scales, strict=True):
            exact = -mpmath.mpf(scale) * mpmath.log(2 * (1 - mpmath.mpf(p)))
            found = laplace_l1.radius(Laplace(scale=scale), Bounds(p_lower=p))
            assert exact * (1 - mpmath.mpf(10) ** -12) <= found <= exact


@pytest.mark.parametrize(
    ("p", "q"), [(0.9, 0.05), (0.9, 0.1), (0.4, 0.2), (0.51, 1e-9), (0.8, 1.0)]
)
def test_l1_with_two_classes(p, q):
    law, other = Laplace(scale=1.0), min(q, float(1 - Fraction(p)))
    found = laplace_l1.radius(law, Bounds(p_lower=p, p_upper=q))
    with mpmath.workdps(30):
        p, other = mpmath.mpf(p), mpmath.mpf(other)
        ratio = max(mpmath.log(p / other) / 2, -mpmath.log(1 - p + other))
        half_lines = mpmath.log(p / other) / 2
        if p >= 0.5:
            half_lines = -mpmath.log(4 * (1 - p) * other) / 2
        assert half_lines * (1 - mpmath.mpf(10) ** -12) <= found <= half_lines
        assert found >= ratio * (1 - mpmath.mpf(10) ** -12)


def test_dimensions_that_would_take_long_are_refused():
    with pytest.raises(InputError, match="up to 100000000 numbers per input, not 100000001: .* L1"):
        laplace_linf.radius(Laplace(scale=1.0), Bounds(p_lower=0.9), dimension=10**8 + 1)


def test_levels_are_found_once_for_a_dimension():
    assert growth(150_528) is growth(150_528)
    assert len(_levels(150_528)[0].w) < 2000  # of 75,264: the others hold less than 2⁻⁵⁶
