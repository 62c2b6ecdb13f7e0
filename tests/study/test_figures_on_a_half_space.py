"""Figures 1, 2 and 3 where the truth is known: a half-space under noise, answered by its law."""

import numpy as np
import pytest
from scipy.stats import binom, norm

from certiball.attacks.linear import LinearOracle
from certiball.errors import InputError
from certiball.spaces import Reals
from certiball.study.crossing import Crossing, crossings, first_crossing
from certiball.study.endpoints import endpoints
from certiball.study.slices import slice_through
from certiball.study.way import Way, way_through

D = 48
SIGMA = 0.25
EVERYWHERE = Reals()


def half_space(n: int = 1, sigma: float = SIGMA, seed: int = 1) -> LinearOracle:
    return LinearOracle(
        weights=np.ones(D), bias=-D / 2, sigma=sigma, n=n, seed=seed, space=EVERYWHERE
    )


def straight(boundary: float = 10 * SIGMA) -> Way:
    """From the side of class 0, at right angles to the boundary."""
    unit = np.full(D, D**-0.5)
    return Way(x=np.full(D, 0.5) - boundary * unit, unit=unit, boundary=boundary, label=0)


def test_boundary_is_found_on_the_way_to_an_adversarial_point() -> None:
    truth = straight(boundary=1.3)
    far = truth.at(np.array([0.9]))[0]
    found = way_through(half_space(sigma=0.0), truth.x, far, label=0)
    assert found.boundary == pytest.approx(1.3, abs=1e-6)
    assert found.unit == pytest.approx(truth.unit)


@pytest.mark.parametrize("place", [-1.3, -0.2], ids=["the image itself", "its own class"])
def test_way_to_no_other_class_is_refused(place: float) -> None:
    truth = straight(boundary=1.3)
    with pytest.raises(InputError, match=r"no direction|give another image"):
        way_through(half_space(sigma=0.0), truth.x, truth.at(np.array([place]))[0], label=0)


def test_probability_along_the_way_is_that_of_the_normal_law() -> None:
    """Of n votes most are wrong with the binomial probability; a tie goes to the lower class."""
    oracles = {n: half_space(n) for n in (1, 10, 50)}
    for line in crossings(oracles, straight(), SIGMA, calls=120):
        q = norm.cdf(np.array(line.places) / SIGMA)
        truth = binom.sf(line.n // 2, line.n, q)
        error = np.array(line.shares) - truth
        # 21 places each: five deviations are passed once in 80,000 times.
        assert np.all(np.abs(error) <= 5 * np.sqrt(truth * (1 - truth) / 120) + 0.01)


def test_crossing_of_one_half_is_where_the_boundary_is() -> None:
    [single, *_, many] = crossings(
        {1: half_space(1), 51: half_space(51)}, straight(), SIGMA, calls=120
    )
    assert single.half == pytest.approx(0.0, abs=0.2 * SIGMA)
    assert many.half == pytest.approx(0.0, abs=0.05 * SIGMA)
    assert many.places[0] < 0 < many.places[-1]


def test_bounds_of_a_share_hold_it() -> None:
    line = Crossing(n=1, calls=100, places=(0.0,), wrong=(50,))
    [(low, high)] = line.bounds
    assert (low, high) == pytest.approx((0.3983, 0.6017), abs=1e-3)


def test_no_crossing_where_half_is_never_reached() -> None:
    assert first_crossing((0.0, 1.0), (0.1, 0.3)) is None


def test_figure_without_votes_is_refused() -> None:
    with pytest.raises(InputError, match="at least"):
        crossings({}, straight(), SIGMA, calls=10)


@pytest.mark.parametrize(
    ("n", "deviation", "bias"), [(10, 0.257, 0.115), (50, 0.115, 0.023), (100, 0.081, 0.011)]
)
def test_noisy_bisections_end_where_the_law_says(n: int, deviation: float, bias: float) -> None:
    """Twelve halvings from ±10σ: the spread falls as 1/√n, and ties push even n outwards."""
    repeats = 600
    found = endpoints(
        half_space(n, seed=n), straight(), -10 * SIGMA, 10 * SIGMA, repeats=repeats, n=n
    )
    assert found.deviation / SIGMA == pytest.approx(deviation, rel=0.12)
    assert found.mean / SIGMA == pytest.approx(bias, abs=5 * deviation / np.sqrt(repeats))


def test_map_shows_a_straight_boundary_and_noise_blurs_it() -> None:
    x = straight(boundary=0.2).x
    oracles = {"none": half_space(sigma=0.0), "one": half_space(1), "many": half_space(200)}
    found = slice_through(oracles, x, side=21, start=0.3, seed=3)
    none, one, many = (found.maps[title] for title in oracles)
    assert none[10, 10] == 0
    rows, _ = np.nonzero(none)
    assert len(rows) > 20
    # A half-plane: no point of class 0 lies between two of class 1 in a row.
    assert all(np.abs(np.diff(row)).sum() <= 1 for row in none)
    assert (one != none).sum() > 3 * (many != none).sum() > 0
    assert found.half >= 0.3


def test_map_grows_until_another_class_is_in_sight() -> None:
    near = slice_through({"f": half_space(sigma=0.0)}, straight(0.2).x, side=5, start=0.1, seed=3)
    far = slice_through({"f": half_space(sigma=0.0)}, straight(0.8).x, side=5, start=0.1, seed=3)
    assert far.half == 4 * near.half


def test_map_of_two_points_is_refused() -> None:
    with pytest.raises(InputError, match="at least 3"):
        slice_through({"f": half_space()}, straight().x, side=2, start=0.1, seed=0)
