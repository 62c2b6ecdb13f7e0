"""Tempting mistakes with independent noise: each must break a check of its guarantee."""

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import special

from certiball.balls import Norm
from certiball.laws.exponential_power import ExponentialPower
from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.laws.pareto import Pareto
from certiball.laws.uniform import Uniform
from certiball.samplers import floats
from certiball.theorems import TABLE, growth, laplace_linf
from certiball.theorems.bounds import Bounds
from certiball.theorems.theorem import Theorem
from guarantees import independent as checks

LAPLACE, UNIFORM = Laplace(scale=0.2), Uniform(scale=0.5)
PARETO = Pareto(scale=0.3, tail=3.0)


def caught(check, *arguments):
    check(*arguments)  # as the code is, it holds
    return pytest.raises(AssertionError)


def instead(monkeypatch, law, norm, radius):
    wrong = Theorem(radius=radius, source="nowhere", one_sided="wrong", two_class="wrong")
    monkeypatch.setitem(TABLE, (type(law), norm), wrong)


@pytest.mark.parametrize(
    ("check", "dimension"),
    [(checks.no_event_falls_below_half, 1), (checks.coverage_of_a_half_line, 0.69)],
)
def test_the_normal_approximation_of_the_binomial_sum(monkeypatch, check, dimension):
    # λΦ⁻¹(p̲)/√d, as tables of radii have it: no certificate in odd dimensions.
    with caught(check, LAPLACE, Norm.LINF, dimension):
        instead(
            monkeypatch, LAPLACE, Norm.LINF,
            lambda law, bounds, slack, d: max(
                0.0, law.scale * float(special.ndtri(bounds.p_lower)) / math.sqrt(d)
            ),
        )  # fmt: skip
        check(LAPLACE, Norm.LINF, dimension)


def test_the_l1_radius_of_laplace_noise_taken_for_linf(monkeypatch):
    with caught(checks.no_event_falls_below_half, LAPLACE, Norm.LINF, 2):
        instead(monkeypatch, LAPLACE, Norm.LINF, TABLE[Laplace, Norm.L1].radius)
        checks.no_event_falls_below_half(LAPLACE, Norm.LINF, 2)


def test_the_middle_level_counted_as_a_whole(monkeypatch):
    # W = 0 has mass on both sides of ½, and only half belongs to the sum.
    right = laplace_linf.growth(2)
    whole = growth.Growth(
        lower=lambda a: right.lower(a) + 0.5, upper=right.upper, fastest=right.fastest
    )
    with caught(checks.no_event_falls_below_half, LAPLACE, Norm.LINF, 2):
        monkeypatch.setattr(laplace_linf, "growth", lambda dimension: whole)
        checks.no_event_falls_below_half(LAPLACE, Norm.LINF, 2)


@pytest.mark.parametrize("check", [checks.no_event_falls_below_half])
@pytest.mark.parametrize(("law", "dimension"), [(Gaussian(sigma=0.25), 2), (UNIFORM, 2)])
def test_linf_without_the_dimension(monkeypatch, check, law, dimension):
    right = TABLE[type(law), Norm.LINF].radius
    with caught(check, law, Norm.LINF, dimension):
        instead(monkeypatch, law, Norm.LINF, lambda law, b, slack, d: right(law, b, slack, 1))
        check(law, Norm.LINF, dimension)


def test_uniform_noise_with_half_the_width(monkeypatch):
    # λ taken for the whole width in one place, and for half of it in the other.
    right = TABLE[Uniform, Norm.L1].radius
    with caught(checks.coverage_of_a_half_line, UNIFORM, Norm.L1, 0.69):
        instead(monkeypatch, UNIFORM, Norm.L1, lambda law, b, s, d: 2 * right(law, b, s, d))
        checks.coverage_of_a_half_line(UNIFORM, Norm.L1, 0.69)


def test_pareto_noise_without_its_second_half(monkeypatch):
    # The quantile of the law is its radius only where it is log-concave.
    def quantile(law, bounds, slack, dimension):
        return max(0.0, float(checks.known(law).ppf(bounds.p_lower)))

    with caught(checks.no_event_falls_below_half, PARETO, Norm.L1, 1):
        instead(monkeypatch, PARETO, Norm.L1, quantile)
        checks.no_event_falls_below_half(PARETO, Norm.L1, 1)


@pytest.mark.parametrize(("law", "norm"), [(LAPLACE, Norm.L1), (LAPLACE, Norm.LINF)])
def test_two_classes_without_the_half(monkeypatch, law, norm):
    right = TABLE[type(law), norm].radius
    with caught(checks.no_events_meet, law, norm, 1):
        instead(monkeypatch, law, norm, lambda law, b, s, d: 2 * right(law, b, s, d))
        checks.no_events_meet(law, norm, 1)


def test_slack_that_is_not_paid(monkeypatch):
    tau, law = Fraction(1, 100), LAPLACE
    noise = checks.known(law)

    def holds():
        for p, q in ((0.7, 0.2), (0.9, 0.05)):
            bounds = Bounds(p_lower=p, p_upper=q)
            found = TABLE[Laplace, Norm.L1].radius(law, bounds, tau, 1)
            winner = noise.cdf(noise.ppf(p - float(tau)) - found)
            assert winner - noise.cdf(noise.ppf(q + float(tau)) + found) >= 2 * float(tau)

    with caught(holds):
        right = growth.distance
        monkeypatch.setattr(
            "certiball.theorems.laplace_l1.distance",
            lambda growth, bounds, slack: right(growth, bounds, Fraction(0)),
        )
        holds()


def test_laplace_noise_of_twice_the_rate(monkeypatch):
    # 1/λ taken for λ, here: noise of half the scale that was said.
    with caught(checks.coverage_in_the_reals, LAPLACE, Norm.L1, 0.75):
        right = floats.DRAWN[Laplace]

        def narrow(law, stream, out):
            right(law, stream, out)
            out *= np.float32(0.5)

        monkeypatch.setitem(floats.DRAWN, Laplace, narrow)
        checks.coverage_in_the_reals(LAPLACE, Norm.L1, 0.75)


def test_powers_below_one_have_no_such_theorem():
    # The radius would be the quantile, as above, and the density is no longer log-concave.
    law = object.__new__(ExponentialPower)
    object.__setattr__(law, "scale", 1.0)
    object.__setattr__(law, "power", 0.5)
    for p in (0.7, 0.9):
        found = checks.radius(law, Norm.L1, Bounds(p_lower=p), 1)
        assert checks.left_over(law, [found], p, 4000) < 0.49
