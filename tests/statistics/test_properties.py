"""What holds of floats alone, at very many random places: order, and digits on their side."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from certiball.balls import Ball, Norm, radius_in
from certiball.laws.gaussian import Gaussian
from certiball.statistics.binomial import lower_bound, upper_bound
from certiball.statistics.normal import quantile_down, quantile_up
from certiball.statistics.rounding import format_down, format_up, parse_down, significant_up
from certiball.theorems.bounds import Bounds
from certiball.theorems.gaussian_l2 import radius


def at_places(default: int, slow: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("places", [default, pytest.param(slow, marks=pytest.mark.slow)])


# 1,012,000 checks in the slow suite: 16,000 · 10 + 134,000 · 6 + 8,000 · 6. Each place below is
# looked at for so many properties.
BOUNDS, DIGITS, RADII = 10, 6, 6


@at_places(500, 16_000)
def test_order_of_clopper_pearson(places: int) -> None:
    generator = np.random.default_rng(1)
    for _ in range(places):
        n = int(10 ** generator.uniform(0, 6))
        k = int(generator.integers(n + 1))
        alpha = float(10 ** generator.uniform(-15, -1))
        more = min(0.5, alpha * (1 + 10 ** generator.uniform(-5, 1)))
        low, high = lower_bound(k, n, alpha), upper_bound(k, n, alpha)
        found = (
            0 <= low <= k / n,
            k / n <= high <= 1,
            k == n or ordered(low, lower_bound(k + 1, n, alpha)),  # in k
            k == n or ordered(high, upper_bound(k + 1, n, alpha)),
            ordered(lower_bound(k, n + 1, alpha), low),  # in n, one more failure …
            ordered(upper_bound(k, n + 1, alpha), high),
            ordered(low, lower_bound(k + 1, n + 1, alpha)),  # … or one more success
            ordered(high, upper_bound(k + 1, n + 1, alpha)),
            ordered(low, lower_bound(k, n, more)),  # in α
            ordered(upper_bound(k, n, more), high),
        )
        assert len(found) == BOUNDS
        assert all(found), (k, n, alpha, more, found)


def ordered(less: float, more: float) -> bool:
    """Where exact bounds are nearer than what safety takes, safety comes before order."""
    return less <= more * (1 + 1e-13)


@at_places(1000, 134_000)
def test_digits_claim_no_more(places: int) -> None:
    generator = np.random.default_rng(2)
    for _ in range(places):
        value = float(generator.uniform() * 10 ** generator.uniform(-12, 6))
        digits = int(generator.integers(0, 17))
        low, high = format_down(value, digits), format_up(value, digits)
        exact = Decimal(value)  # all digits of the float
        found = (
            Decimal(low) <= exact,
            exact <= Decimal(high),
            Decimal(high) - Decimal(low) <= Decimal(10) ** -digits,
            parse_down(low) <= value,
            Fraction(parse_down(high)) <= Fraction(high),
            exact <= Decimal(significant_up(value)),
        )
        assert len(found) == DIGITS
        assert all(found), (value, digits, low, high, found)


@at_places(300, 8000)
def test_order_of_radii(places: int) -> None:
    generator = np.random.default_rng(3)
    for _ in range(places):
        law = Gaussian(sigma=float(10 ** generator.uniform(-3, 3)))
        wider = Gaussian(sigma=law.sigma * (1 + 10 ** generator.uniform(-9, 1)))
        p = 1 - float(10 ** generator.uniform(-14, -0.01))
        more = min(1 - 1e-16, p + (1 - p) * float(10 ** generator.uniform(-2, -0.1)))
        rest = float(generator.uniform() * (1 - p))
        here = radius(law, Bounds(p_lower=p))
        two = radius(law, Bounds(p_lower=p, p_upper=rest))
        found = (
            here <= radius(law, Bounds(p_lower=more)),
            here <= radius(wider, Bounds(p_lower=p)),
            (here > 0) == (p > 0.5),
            here <= two,
            two <= radius(law, Bounds(p_lower=p, p_upper=rest * 0.9)),
            not here or radius_in(Ball(norm=Norm.L2, radius=here), Norm.LINF, 3072) < here / 55,
        )
        assert len(found) == RADII
        assert all(found), (law.sigma, p, more, rest, found)


def test_quantiles_at_the_ends_are_on_their_side() -> None:
    assert quantile_down(0.0) == -math.inf
    assert quantile_up(1.0) == math.inf
    assert math.isfinite(quantile_down(1.0))
    assert math.isfinite(quantile_up(0.0))
    law = Gaussian(sigma=0.25)
    assert radius(law, Bounds(p_lower=0.0)) == 0.0
    assert radius(law, Bounds(p_lower=0.5)) == 0.0
    assert math.isfinite(radius(law, Bounds(p_lower=1.0)))
    assert math.isfinite(radius(law, Bounds(p_lower=1.0, p_upper=0.0)))
