import csv
import math
from dataclasses import dataclass
from fractions import Fraction

import mpmath
import numpy as np
import pytest

from certiball.balls import Norm
from certiball.errors import InputError
from certiball.laws.gaussian import Gaussian
from certiball.theorems import TABLE, theorem
from certiball.theorems.bounds import Bounds
from certiball.theorems.gaussian_l2 import radius


def test_reference_is_met_on_the_safe_side(shared):
    with (shared / "reference/gaussian_radius.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) > 60
    for row in rows:
        law = Gaussian(sigma=float(row["sigma"]))
        low, high = float(row["p_lower"]), float(row["p_upper"])
        one, two = Fraction(row["radius_one_sided"]), Fraction(row["radius_two_sided"])
        found = Fraction(radius(law, Bounds(p_lower=low)))
        assert one * (1 - Fraction(1, 10**12)) <= found <= one
        if low + high <= 1:  # elsewhere 1 − p_lower is the sharper bound on the other classes
            found = Fraction(radius(law, Bounds(p_lower=low, p_upper=high)))
            assert max(two, 0) * (1 - Fraction(1, 10**12)) <= found <= max(two, 0)


def test_radius_never_exceeds_the_exact_one():
    generator = np.random.default_rng(3)
    with mpmath.workdps(50):
        for _ in range(300):
            sigma = float(generator.uniform(0.01, 3))
            p = float(1 - 10 ** generator.uniform(-9, -0.31))
            found = radius(Gaussian(sigma=sigma), Bounds(p_lower=p))
            # Φ(R/σ) ≤ p, checked without an inverse
            assert mpmath.ncdf(mpmath.mpf(found) / mpmath.mpf(sigma)) <= p
            assert (
                found == 0 or mpmath.ncdf(mpmath.mpf(found) * (1 + 1e-11) / mpmath.mpf(sigma)) > p
            )


def test_two_class_is_never_below_one_sided_at_the_same_bound():
    law = Gaussian(sigma=0.5)
    for p in (0.51, 0.7, 0.99):
        for q in (0.001, 0.3, 1.0):
            both = radius(law, Bounds(p_lower=p, p_upper=q))
            assert both >= radius(law, Bounds(p_lower=p)) * (1 - 1e-12)


def test_nothing_is_proven_at_or_below_the_boundary():
    law = Gaussian(sigma=1.0)
    assert radius(law, Bounds(p_lower=0.5)) == 0.0
    assert radius(law, Bounds(p_lower=0.2)) == 0.0
    assert radius(law, Bounds(p_lower=0.3, p_upper=0.3)) == 0.0
    assert radius(law, Bounds(p_lower=0.3, p_upper=1.0)) == 0.0
    assert radius(law, Bounds(p_lower=0.3, p_upper=0.1)) > 0.0
    assert radius(law, Bounds(p_lower=0.0, p_upper=0.0)) == 0.0


def shifted(p, distance):
    """The exact probability of the class at a distance, in the worst case: Φ(Φ⁻¹(p) − r/σ)."""
    root = mpmath.sqrt(2) * mpmath.erfinv(2 * p - 1)
    return mpmath.ncdf(root - distance)


@pytest.mark.parametrize("slack", [Fraction(1, 10**12), Fraction(1, 10**6), Fraction(1, 1000)])
def test_slack_is_paid_at_both_ends(slack):
    # sampled p ≥ p̲ → ideal p ≥ p̲ − τ; at distance R the ideal class needs ½ + τ (or a lead of
    # 2τ) for the sampled one to win.
    tau = mpmath.mpf(slack.numerator) / slack.denominator
    with mpmath.workdps(40):
        for p in (0.6, 0.9, 0.9999):
            r = radius(Gaussian(sigma=1.0), Bounds(p_lower=p), slack)
            assert 0 < r < radius(Gaussian(sigma=1.0), Bounds(p_lower=p))
            assert shifted(mpmath.mpf(p) - tau, mpmath.mpf(r)) >= mpmath.mpf(1) / 2 + tau
        for p, q in ((0.6, 0.3), (0.4, 0.2), (0.9, 0.05)):
            r = mpmath.mpf(radius(Gaussian(sigma=1.0), Bounds(p_lower=p, p_upper=q), slack))
            first, other = mpmath.mpf(p) - tau, mpmath.mpf(q) + tau
            assert r > 0
            assert shifted(first, r) - shifted(other, -r) >= 2 * tau * (1 - mpmath.mpf("1e-20"))


def test_bounds_must_be_probabilities():
    for wrong in (-0.1, 1.1, math.nan):
        with pytest.raises(InputError, match="must be from 0 to 1"):
            Bounds(p_lower=wrong)
        with pytest.raises(InputError, match="must be from 0 to 1"):
            Bounds(p_lower=0.5, p_upper=wrong)


def test_table_refuses_what_has_no_theorem():
    assert theorem(Gaussian(sigma=1.0), Norm.L2) is TABLE[Gaussian, Norm.L2]
    with pytest.raises(InputError, match=r"no theorem .* in L0; there is one for: Gaussian in L2"):
        theorem(Gaussian(sigma=1.0), Norm.L0)


def test_table_refuses_unknown_laws():
    @dataclass(frozen=True)
    class Cauchy:
        def slack(self, step, dimension): ...
        def deviation(self, dimension): ...
        def seen(self, shape): ...

    with pytest.raises(InputError, match="no theorem"):
        theorem(Cauchy(), Norm.L2)
