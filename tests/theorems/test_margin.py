from fractions import Fraction

import numpy as np
import pytest

from certiball.laws.max_exponential import MaxExponential
from certiball.laws.splitting import Splitting
from certiball.theorems import max_exponential_l1, max_exponential_linf, splitting_l1
from certiball.theorems.bounds import Bounds
from certiball.theorems.margin import margin


def test_what_the_margin_survives():
    # Sampled p_A ≥ p and p_B ≤ q; ideal ones τ worse; they move by v; sampled ones τ worse again.
    generator = np.random.default_rng(0)
    for _ in range(300):
        p, q = (Fraction(float(x)) for x in generator.uniform(0, 1, 2))
        tau = Fraction(float(generator.choice([0.0, 1e-12, 0.01])))
        for bounds, other in (
            (Bounds(p_lower=float(p)), 1 - p),
            (Bounds(p_lower=float(p), p_upper=float(q)), min(q, 1 - p)),
        ):
            v = margin(bounds, tau)
            assert (p - 2 * tau - v) == (other + 2 * tau + v)


LAW = MaxExponential(scale=0.3)


def test_radii_that_total_variation_gives():
    for p in (0.51, 0.9, 0.9999):
        exact = 2 * Fraction(0.3) * 784 * (Fraction(p) - Fraction(1, 2))
        found = Fraction(max_exponential_l1.radius(LAW, Bounds(p_lower=p), dimension=784))
        assert exact * (1 - Fraction(1, 10**15)) <= found <= exact
        law = Splitting(scale=Fraction(40, 255))
        exact = 2 * law.scale * (Fraction(p) - Fraction(1, 2))
        found = Fraction(splitting_l1.radius(law, Bounds(p_lower=p)))
        assert exact * (1 - Fraction(1, 10**15)) <= found <= exact
        two = splitting_l1.radius(law, Bounds(p_lower=p, p_upper=0.001))
        assert two == pytest.approx(float(law.scale) * (p - min(0.001, 1 - p)), rel=1e-12)


def test_logarithmic_radius_in_the_maximum_norm():
    for p in (0.55, 0.9, 0.999):
        found = max_exponential_linf.radius(LAW, Bounds(p_lower=p), dimension=784)
        assert found == pytest.approx(-0.3 * np.log(2 * (1 - p)), rel=1e-12)
        assert found <= -0.3 * np.log(2 * (1 - p))


@pytest.mark.parametrize("module", [max_exponential_l1, max_exponential_linf, splitting_l1])
def test_nothing_is_proven_at_or_below_the_boundary(module):
    law = Splitting(scale=Fraction(1)) if module is splitting_l1 else LAW
    for bounds in (Bounds(p_lower=0.5), Bounds(p_lower=0.1), Bounds(p_lower=0.3, p_upper=0.4)):
        assert module.radius(law, bounds, dimension=5) == 0.0
    assert module.radius(law, Bounds(p_lower=0.501), Fraction(1, 1000), 5) == 0.0
    assert module.radius(law, Bounds(p_lower=0.3, p_upper=0.1), dimension=5) > 0
