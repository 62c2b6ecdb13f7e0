import math
from dataclasses import replace
from fractions import Fraction

import pytest

from certiball.balls import Norm
from certiball.claim import Claim
from certiball.report.off_grid import off_grid_radius
from certiball.spaces import Grid, Reals


@pytest.mark.parametrize("radius", [0.001, 0.01, 0.03, 0.2, 0.7996])
@pytest.mark.parametrize("dimension", [1, 63, 64, 3072, 150_528])
def test_it_is_the_better_of_both_and_never_above(
    claim: Claim, radius: float, dimension: int
) -> None:
    got = off_grid_radius(radius, claim, dimension)
    assert got is not None
    step = float(claim.space.step)  # type: ignore[union-attr]
    assert got == pytest.approx(max(radius / 2, radius - step * math.sqrt(dimension) / 2))
    # Exactly: got ≤ R/2, or R − got ≥ h√d/2, squared to stay with fractions.
    gap = Fraction(radius) - Fraction(got)
    far_enough = gap**2 >= Fraction(1, 256) ** 2 * dimension / 4
    assert Fraction(got) <= Fraction(radius) / 2 or far_enough


@pytest.mark.parametrize("radius", [0.001, 0.03, 0.2, 7.996])
@pytest.mark.parametrize("dimension", [1, 64, 3072])
def test_in_other_norms_rounding_moves_by_another_length(
    claim: Claim, radius: float, dimension: int
) -> None:
    half = Fraction(1, 512)
    for norm, shift in ((Norm.L1, half * dimension), (Norm.LINF, half)):
        got = off_grid_radius(radius, replace(claim, norm=norm), dimension)
        assert got is not None
        exact = max(Fraction(radius) / 2, Fraction(radius) - shift)
        assert exact * (1 - Fraction(1, 2**52)) <= Fraction(got) <= exact


def test_it_needs_a_grid_a_dimension_and_a_length(claim: Claim) -> None:
    assert off_grid_radius(0.5, None, 64) is None
    assert off_grid_radius(0.5, claim, None) is None
    assert off_grid_radius(0.5, replace(claim, space=Reals()), 64) is None
    for norm in (Norm.L0, Norm.PATCH, Norm.PARAMETER):
        assert off_grid_radius(3.0, replace(claim, norm=norm), 64) is None


def test_no_radius_stays_none_at_all(claim: Claim) -> None:
    assert off_grid_radius(0.0, replace(claim, space=Grid.uint8()), 64) == 0.0
