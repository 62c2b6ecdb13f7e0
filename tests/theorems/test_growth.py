"""What all theorems by the differential method share: slack, two classes, edges."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from scipy import stats

from certiball.balls import Norm
from certiball.laws.exponential_power import ExponentialPower
from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.laws.pareto import Pareto
from certiball.laws.uniform import Uniform
from certiball.theorems import TABLE, theorem
from certiball.theorems.bounds import Bounds

PAIRS = [
    (Gaussian(sigma=0.7), Norm.L1),
    (Gaussian(sigma=0.7), Norm.LINF),
    (Laplace(scale=0.7), Norm.L1),
    (Laplace(scale=0.7), Norm.LINF),
    (Uniform(scale=0.7), Norm.L1),
    (Uniform(scale=0.7), Norm.LINF),
    (Pareto(scale=0.7, tail=3.0), Norm.L1),
    (Pareto(scale=0.7, tail=0.9), Norm.L1),
    (ExponentialPower(scale=0.7, power=1.0), Norm.L1),
    (ExponentialPower(scale=0.7, power=1.5), Norm.L1),
    (ExponentialPower(scale=0.7, power=8.0), Norm.L1),
]
each = pytest.mark.parametrize(("law", "norm"), PAIRS, ids=lambda each: str(each))
NONE = Fraction(0)


def radius(law, norm, p, q=None, slack=NONE, dimension=6):
    bounds = Bounds(p_lower=p) if q is None else Bounds(p_lower=p, p_upper=q)
    return theorem(law, norm).radius(law, bounds, slack, dimension)


@each
def test_nothing_is_proven_at_or_below_the_boundary(law, norm):
    assert radius(law, norm, 0.5) == 0.0
    assert radius(law, norm, 0.2) == 0.0
    assert radius(law, norm, 0.0) == 0.0
    assert radius(law, norm, 0.3, 0.3) == 0.0
    assert radius(law, norm, 0.3, 1.0) == 0.0
    assert radius(law, norm, 0.0, 0.0) == 0.0
    assert radius(law, norm, 0.6, slack=Fraction(1, 20)) == 0.0
    assert radius(law, norm, 0.6, 0.4, slack=Fraction(1, 20)) == 0.0
    assert radius(law, norm, math.nextafter(0.5, 1)) >= 0.0
    assert radius(law, norm, 0.3, 0.1) > 0.0


@each
def test_radii_grow_with_the_bounds_and_are_finite(law, norm):
    ps = [0.500001, 0.51, 0.6, 0.9, 0.999, 1 - 1e-9, 1 - 2**-53, 1.0]
    radii = [radius(law, norm, p) for p in ps]
    assert radii == sorted(radii)
    assert radii[0] > 0
    assert math.isfinite(radii[-1])
    others = [radius(law, norm, 0.6, q) for q in (0.3, 0.1, 1e-9, 1e-300)]
    assert others == sorted(others)
    assert math.isfinite(others[-1])


@each
def test_two_class_is_never_below_one_sided_at_the_same_bound(law, norm):
    for p in (0.51, 0.7, 0.99):
        for q in (0.001, 0.3, 1.0):
            assert radius(law, norm, p, q) >= radius(law, norm, p) * (1 - 1e-12)
        twice = radius(law, norm, p, float(1 - Fraction(p)))
        assert twice == pytest.approx(radius(law, norm, p), rel=1e-12)


@each
def test_scales_are_units(law, norm):
    name = "sigma" if isinstance(law, Gaussian) else "scale"
    fields = {k: getattr(law, k) for k in law.__dataclass_fields__}
    twice = type(law)(**(fields | {name: 2 * fields[name]}))
    for p, q in ((0.7, None), (0.99, 0.001)):
        ratio = radius(twice, norm, p, q) / radius(law, norm, p, q)
        assert ratio == pytest.approx(2, rel=1e-12)


@each
@pytest.mark.parametrize("slack", [Fraction(1, 10**6), Fraction(1, 1000)])
def test_slack_is_paid_at_both_ends(law, norm, slack):
    # With slack a radius leads from p̲ − τ to ½ + τ.
    tau, dimension = float(slack), 6
    for p in (0.6, 0.9, 0.999):
        found = radius(law, norm, p, slack=slack)
        assert 0 < found < radius(law, norm, p)
        if (type(law), norm) == (Uniform, Norm.LINF):
            left = p - tau - (1 - (1 - found / (2 * law.scale)) ** dimension)
            assert left == pytest.approx(0.5 + tau, abs=1e-13)
        else:
            way = radius(law, norm, p - tau) - radius(law, norm, 0.5 + tau)
            assert found == pytest.approx(way, rel=1e-9)
    for p, q in ((0.6, 0.3), (0.4, 0.2), (0.9, 0.05)):
        assert 0 < radius(law, norm, p, q, slack) < radius(law, norm, p, q)


QUANTILES = {
    Laplace: lambda law: stats.laplace(scale=law.scale),
    ExponentialPower: lambda law: stats.gennorm(law.power, scale=law.scale),
    Gaussian: lambda law: stats.norm(scale=law.sigma),
    Uniform: lambda law: stats.uniform(-law.scale, 2 * law.scale),
}


@pytest.mark.parametrize(
    "law", [law for law, norm in PAIRS if norm is Norm.L1 and type(law) in QUANTILES], ids=str
)
@pytest.mark.parametrize("slack", [NONE, Fraction(1, 10**6), Fraction(1, 1000)])
def test_half_lines_attain_the_l1_radii_of_log_concave_laws(law, slack):
    # Two half lines of the bounds' probabilities: the sampled law may be off by τ at both ends.
    known, tau = QUANTILES[type(law)](law), float(slack)
    for p, q in ((0.9, 0.05), (0.6, 0.3), (0.4, 0.2), (0.99, 1e-3)):
        found = radius(law, Norm.L1, p, q, slack)
        winner = known.cdf(known.ppf(p - tau) - found)
        other = known.cdf(known.ppf(q + tau) + found)
        assert winner - other >= 2 * tau - 1e-12
        if tau > 1e-5:
            continue  # what slack costs is bounded, not computed
        farther = 1.01 * found
        lead = known.cdf(known.ppf(p - tau) - farther) - known.cdf(known.ppf(q + tau) + farther)
        assert lead < 2 * tau
    for p in (0.6, 0.9, 0.99):
        found = radius(law, Norm.L1, p, slack=slack)
        assert known.cdf(known.ppf(p - tau) - found) >= 0.5 + tau - 1e-12
        assert known.cdf(known.ppf(p - tau) - 1.01 * found) < 0.5 + tau


def test_every_law_of_this_kind_has_a_test_here():
    kinds = {Gaussian, Laplace, Uniform, Pareto, ExponentialPower}
    mine = {pair for pair in TABLE if pair[0] in kinds and pair != (Gaussian, Norm.L2)}
    assert mine == {(type(law), norm) for law, norm in PAIRS}


def test_uniform_beats_laplace_in_l1_below_a_bound_of_943_thousandths_and_loses_above():
    uniform, laplace = Uniform(scale=3**0.5), Laplace(scale=2**-0.5)
    assert uniform.deviation(1) == pytest.approx(laplace.deviation(1)) == pytest.approx(1)
    for p in np.linspace(0.51, 0.94, 30).tolist():
        assert radius(uniform, Norm.L1, p) > radius(laplace, Norm.L1, p)
    for p in np.linspace(0.945, 0.9999, 30).tolist():
        assert radius(uniform, Norm.L1, p) < radius(laplace, Norm.L1, p)

    def lead(p):
        return 2 * mpmath.sqrt(3) * (p - 0.5) + mpmath.log(2 * (1 - p)) / mpmath.sqrt(2)

    crossing = mpmath.findroot(lead, (0.9, 0.96), solver="bisect")
    assert round(float(crossing), 4) == 0.9429
    for side in (-1e-6, 1e-6):
        p = float(crossing) + side
        ahead = radius(uniform, Norm.L1, p) > radius(laplace, Norm.L1, p)
        assert ahead == (side < 0)


@pytest.mark.parametrize("p", [0.51, 0.75, 0.99, 1 - 1e-9])
def test_powers_one_and_two_are_laplace_and_gaussian_noise(p):
    for power, law in ((1.0, Laplace(scale=0.5)), (2.0, Gaussian(sigma=0.5 / 2**0.5))):
        general = ExponentialPower(scale=0.5, power=power)
        assert radius(general, Norm.L1, p) == pytest.approx(radius(law, Norm.L1, p), rel=1e-12)
