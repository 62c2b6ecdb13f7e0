"""Radii of the reference, which were computed with 60 digits."""

import csv
from fractions import Fraction

import pytest

from certiball.balls import Norm
from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.laws.uniform import Uniform
from certiball.theorems import theorem
from certiball.theorems.bounds import Bounds

LAWS = {
    "uniform": lambda scale: Uniform(scale=scale),
    "laplace": lambda scale: Laplace(scale=scale),
    "gaussian": lambda scale: Gaussian(sigma=scale),
}


@pytest.mark.parametrize("noise", LAWS)
def test_reference_is_met_on_the_safe_side(shared, noise):
    with (shared / "reference/other_noises.tsv").open() as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["noise"] == noise]
    assert len(rows) >= 5
    for row in rows:
        law, norm = LAWS[noise](float(row["scale"])), Norm(row["norm"])
        bounds, dimension = Bounds(p_lower=float(row["rho"])), int(row["dimension"])
        found = Fraction(theorem(law, norm).radius(law, bounds, Fraction(0), dimension))
        exact = Fraction(row["radius"])
        # The reference has 25 digits, rounded.
        assert found <= exact * (1 + Fraction(1, 10**24))
        assert found >= exact * (1 - Fraction(1, 10**12))
