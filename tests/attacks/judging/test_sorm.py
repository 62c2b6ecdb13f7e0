import math
import warnings

import numpy as np
import pytest
from scipy import integrate, special, stats

from certiball.attacks.judging.sorm import (
    Method,
    boundary_shift,
    fits_gaussian,
    normalised,
    sorm_pi0,
)
from certiball.errors import InputError


def quiet(*arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return sorm_pi0(*arguments)


# attacks.md §2.1: β, κ, d − 1; exact, (3), Hohenbichler–Rackwitz, Gaussian
TABLE = [
    (1.0, 0.1, 10, (0.0714, 0.0985, 0.0780, 0.0716)),
    (1.0, -0.1, 10, (0.3123, 0.2687, 0.3629, 0.3128)),
    (0.0, -0.0005, 3071, (0.7786, 0.5000, 0.9227, 0.7786)),
    (2.0, 0.001, 3071, (0.00021, 0.00106, 0.00060, 0.00021)),
]
METHODS = (Method.EXACT, Method.BREITUNG, Method.HOHENBICHLER_RACKWITZ, Method.GAUSSIAN)


@pytest.mark.parametrize("row", range(len(TABLE)))
def test_the_table(row):
    beta, kappa, many, values = TABLE[row]
    tolerance = 5.1e-6 if beta == 2 else 5.1e-5
    for method, value in zip(METHODS, values, strict=True):
        assert quiet(beta, np.full(many, kappa), method) == pytest.approx(value, abs=tolerance)


def by_chi_square(beta, kappa, many):
    """The same for equal curvatures, as an integral over the χ² law of Σy²."""
    law = stats.chi2(many)
    ends = law.ppf(1e-15), law.isf(1e-15)
    inside = lambda s: law.pdf(s) * special.ndtr(-beta - kappa * s / 2)  # noqa: E731
    middle = [law.ppf(q) for q in (0.01, 0.5, 0.99)]
    return integrate.quad(inside, *ends, points=middle, limit=400, epsabs=1e-14)[0]


@pytest.mark.parametrize("beta", [-1.0, 0.0, 2.0])
@pytest.mark.parametrize(("kappa", "many"), [(0.5, 2), (-0.2, 7), (-1e-3, 3071), (1.0, 40)])
def test_the_exact_value_is_the_chi_square_integral(beta, kappa, many):
    found = sorm_pi0(beta, np.full(many, kappa))
    assert found == pytest.approx(by_chi_square(beta, kappa, many), abs=1e-10)


def test_the_exact_value_of_unequal_curvatures_against_simulation():
    kappa = np.array([0.8, -0.5, 0.3, -0.1, 0.05])
    generator = np.random.default_rng(1)
    y = generator.standard_normal((400_000, len(kappa)))
    share = special.ndtr(-(0.7 + 0.5 * (y**2 @ kappa))).mean()
    assert sorm_pi0(0.7, kappa) == pytest.approx(share, abs=2e-3)
    assert sorm_pi0(0.7, -kappa) != pytest.approx(share, abs=2e-2)


def test_a_flat_boundary_is_the_normal_tail_by_every_method():
    for method in Method:
        for beta in (-2.0, 0.0, 1.0, 4.0):
            found = sorm_pi0(beta, np.zeros(5), method)
            assert found == pytest.approx(special.ndtr(-beta), abs=1e-12)


def test_breitung_is_blind_at_the_boundary():
    # The very place where the smoothed boundary is looked for.
    for kappa in (-0.01, 0.0, 0.5):
        assert quiet(0.0, np.full(300, kappa), Method.BREITUNG) == pytest.approx(0.5, abs=1e-14)
    exact = sorm_pi0(0.0, np.full(300, -0.01))
    assert exact > 0.9


def test_breitung_exceeds_one_on_a_large_sphere():
    # Inside a ball of radius 60σ in 3,072 dimensions, at half the way to its edge.
    assert sorm_pi0(30.0, np.full(3071, -1 / 60), Method.BREITUNG) > 1


def test_products_have_no_value_where_a_factor_is_not_positive():
    with pytest.raises(InputError, match="the formula has no value"):
        sorm_pi0(2.0, np.array([-0.6]), Method.BREITUNG)
    assert 0 < sorm_pi0(2.0, np.array([-0.6])) < 1


def ball(radius, many, beta):
    """P(outside a ball of that radius in σ) at distance β from its edge, exactly."""
    return float(stats.ncx2.sf(radius**2, many, (radius - beta) ** 2))


@pytest.mark.parametrize(("radius", "error"), [(300, 0.018), (200, 0.060), (150, 0.144)])
def test_the_gaussian_approximation_on_spheres(radius, error):
    # mathematics.md A18: the largest error, and that the range is said
    kappa = np.full(3071, -1 / radius)
    betas = np.linspace(0.0, 16.0, 161)
    exact = [ball(radius, 3072, float(beta)) for beta in betas]
    found = [quiet(float(beta), kappa, Method.GAUSSIAN) for beta in betas]
    assert np.abs(np.subtract(found, exact)).max() == pytest.approx(error, rel=0.06)
    assert not fits_gaussian(kappa)


def test_the_gaussian_approximation_warns_outside_of_its_range():
    with pytest.warns(UserWarning, match="never a bound"):
        sorm_pi0(0.0, np.full(10, 0.1), Method.GAUSSIAN)
    with pytest.warns(UserWarning, match="Σκ² = 0.1 is above 0.03"):
        boundary_shift(np.full(10, 1.0), sigma=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        sorm_pi0(0.0, np.full(10, 0.05), Method.GAUSSIAN)


def test_in_the_tails_the_gaussian_approximation_is_off_by_factors():
    kappa = np.full(2, 1.0)
    assert sorm_pi0(2.0, kappa) == pytest.approx(6.3e-3, rel=0.02)
    assert quiet(2.0, kappa, Method.GAUSSIAN) == pytest.approx(1.7e-2, rel=0.03)


def test_the_smoothed_boundary_is_shifted_by_half_the_sum_of_curvatures():
    sigma, curvature = 0.25, np.full(500, -0.01)  # a bowl around the input
    shift = boundary_shift(curvature, sigma)
    assert shift == pytest.approx(0.5 * sigma**2 * 5.0)
    kappa = normalised(curvature, sigma)
    assert sorm_pi0(shift / sigma, kappa) == pytest.approx(0.5, abs=2e-3)
    # Curvatures that were not normalised put it elsewhere.
    assert abs(sorm_pi0(shift / sigma, curvature) - 0.5) > 0.1


def test_the_sign_of_a_shift():
    # A boundary that bends around the point leaves less room: its class ends before f's boundary.
    assert boundary_shift(np.full(10, -0.1), 0.25) > 0 > boundary_shift(np.full(10, 0.1), 0.25)
    with pytest.raises(InputError, match="sigma must be > 0"):
        boundary_shift(np.zeros(3), 0.0)
    with pytest.raises(InputError, match="must be finite"):
        sorm_pi0(math.nan, np.zeros(3))
