"""Radii with special functions, against mpmath's."""

import mpmath
import numpy as np
import pytest
from scipy import special

from certiball.laws.exponential_power import ExponentialPower
from certiball.laws.pareto import Pareto
from certiball.theorems import exponential_power_l1, pareto_l1
from certiball.theorems.bounds import Bounds

PART = mpmath.mpf(10) ** -12


def errors(seed, count):
    """Floats a = 1 − p̲ below ½, many of them near 0 and near ½."""
    generator = np.random.default_rng(seed)
    small = 10 ** generator.uniform(-16, -0.31, count)
    return [*small.tolist(), *(0.5 - 10 ** generator.uniform(-13, -0.4, count)).tolist()]


def tails(seed, count):
    return [1.0, 2.0, 3.0, *(10 ** np.random.default_rng(seed).uniform(-2, 4, count)).tolist()]


def pareto_exactly(tail, a):
    u, b = 1 - 2 * mpmath.mpf(a), mpmath.mpf(tail) / (mpmath.mpf(tail) + 1)
    return u / tail * mpmath.hyp2f1(1, b, 1 + b, u ** (1 / b))


def test_pareto_radii_are_those_of_the_hypergeometric_function():
    with mpmath.workdps(60):
        for tail in tails(1, 12):
            for p in (1 - np.array(errors(2, 8))).tolist():
                exact = pareto_exactly(tail, 1 - mpmath.mpf(p))
                found = pareto_l1.radius(Pareto(scale=1.0, tail=tail), Bounds(p_lower=p))
                assert exact * (1 - PART) <= found <= exact


def test_pareto_sums_are_as_exact_as_is_claimed():
    worst = mpmath.mpf(0)
    with mpmath.workdps(60):
        for tail in tails(3, 12):
            series = pareto_l1._series(tail)
            for a in errors(4, 10):
                exact = pareto_exactly(tail, a)
                worst = max(worst, abs(pareto_l1._radius(a, series) / exact - 1))
    assert worst <= pareto_l1.ERROR / 4


def test_pareto_radius_is_the_integral_it_stands_for():
    # R = ∫ dp/Φ(p), Φ(p) the density at 0 minus the density where mass p is passed
    with mpmath.workdps(25):
        for tail, p in ((0.7, 0.8), (3.0, 0.95), (20.0, 0.6)):

            def speed(q, tail=tail):
                return tail / 2 * (1 - (1 - 2 * q) ** (1 + 1 / mpmath.mpf(tail)))

            exact = mpmath.quad(lambda q: 1 / speed(q), [1 - mpmath.mpf(p), 0.3, 0.5])
            found = pareto_l1.radius(Pareto(scale=1.0, tail=tail), Bounds(p_lower=p))
            assert found == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize("power", [1.0, 1.3, 2.0, 4.0, 17.5, 64.0])
def test_power_radii_never_exceed_the_exact_ones(power):
    law = ExponentialPower(scale=1.0, power=power)
    with mpmath.workdps(60):
        shape = 1 / mpmath.mpf(power)
        for p in (1 - np.array(errors(5, 7))).tolist():
            found = mpmath.mpf(exponential_power_l1.radius(law, Bounds(p_lower=p)))
            for end, right in ((found, 1), (found * (1 + PART), -1)):
                # The mass outside of ±R, without an inverse.
                outside = mpmath.gammainc(shape, end**power, mpmath.inf, regularized=True)
                assert right * (outside - 2 * (1 - mpmath.mpf(p))) >= 0


def test_scipys_incomplete_gamma_functions_are_as_exact_as_is_claimed():
    generator, worst = np.random.default_rng(6), mpmath.mpf(0)
    with mpmath.workdps(40):
        for _ in range(600):
            power = float(generator.choice([1, 1.5, 2, 4, 64, generator.uniform(1, 64)]))
            value = float(10 ** generator.uniform(-16, 1.56))
            shape = 1 / mpmath.mpf(power)
            inside = mpmath.gammainc(shape, 0, value, regularized=True)
            if inside <= 0.55:
                pair = special.gammainc(1 / power, value), inside
            else:
                pair = special.gammaincc(1 / power, value), 1 - inside
            worst = max(worst, abs(mpmath.mpf(float(pair[0])) / pair[1] - 1))
    assert worst <= exponential_power_l1.FORWARD / 4
