"""Independent noise in L1 and L∞: no event and no run betrays a radius."""

import numpy as np
import pytest
from scipy import special

import certiball as cb
from certiball.balls import Norm
from certiball.laws import GridLaw
from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.laws.pareto import Pareto
from certiball.laws.uniform import Uniform
from certiball.theorems.bounds import Bounds
from guarantees import independent as checks

each = pytest.mark.parametrize(("law", "norm"), checks.PAIRS, ids=str)
TIGHT_IN_TWO = [  # dimensions; all but Pareto noise are tight in one
    pair
    for pair in checks.PAIRS
    if type(pair[0]) is not Pareto and (type(pair[0]), pair[1]) != (Laplace, Norm.LINF)
]


@each
@pytest.mark.parametrize("dimension", [1, 2])
def test_no_event_falls_below_half(law, norm, dimension):
    checks.no_event_falls_below_half(law, norm, dimension)


@each
@pytest.mark.parametrize("dimension", [1, 2])
def test_no_two_events_meet(law, norm, dimension):
    checks.no_events_meet(law, norm, dimension)


@pytest.mark.parametrize(("law", "norm"), TIGHT_IN_TWO, ids=str)
@pytest.mark.parametrize("dimension", [1, 2])
def test_no_larger_ball_would_do(law, norm, dimension):
    for p in (0.6, 0.95):
        farther = 1.02 * checks.radius(law, norm, Bounds(p_lower=p), dimension)
        [delta, *_] = checks.directions(norm, dimension)
        left = checks.left_over(law, [farther * d for d in delta], p, {1: 4000, 2: 300}[dimension])
        assert left < 0.5


@pytest.mark.slow
@pytest.mark.parametrize(("p", "most"), [(0.505, 0.502), (0.6, 0.51), (0.9, 0.56)])
def test_laplace_in_linf_against_events_in_three_dimensions(p, most):
    law = Laplace(scale=1.0)
    found = checks.radius(law, Norm.LINF, Bounds(p_lower=p), 3)
    left = checks.left_over(law, [found] * 3, p, 60)
    assert 0.5 - 1e-9 <= left < most


@each
@pytest.mark.parametrize("p", [0.5, 0.69, 0.84])
def test_few_certificates_of_a_half_line_are_false(law, norm, p):
    checks.coverage_of_a_half_line(law, norm, p)


@each
@pytest.mark.parametrize(("p", "q"), [(0.45, 0.45), (0.6, 0.25)])
def test_few_certificates_of_three_intervals_are_false(law, norm, p, q):
    checks.coverage_of_three_intervals(law, norm, p, q)


LAWS = {str(law): (law, norm) for law, norm in checks.PAIRS}  # one norm of each: d is 1
MANY = [60, pytest.param(1000, marks=pytest.mark.slow)]


@pytest.mark.parametrize("inputs", MANY)
@pytest.mark.parametrize("name", LAWS)
def test_few_certificates_are_false_through_float_noise(name, inputs):
    checks.coverage_in_the_reals(*LAWS[name], 0.75, inputs)


@pytest.mark.parametrize("inputs", MANY)
@pytest.mark.parametrize("name", [name for name in LAWS if isinstance(LAWS[name][0], GridLaw)])
def test_few_certificates_are_false_through_noise_on_a_grid(name, inputs):
    checks.coverage_on_the_grid(*LAWS[name], 0.75, inputs)


@pytest.mark.parametrize("space", [cb.Reals(), checks.GRID], ids=str)
@pytest.mark.parametrize("law", [Laplace(scale=0.2), Uniform(scale=0.5), Gaussian(sigma=0.25)])
def test_radii_in_l1_tend_to_the_true_distance(law, space):
    point = (np.rint(255 * checks.known(law).ppf(0.9)) + 0.5) / 255
    kind = np.float32 if space == cb.Reals() else np.uint8
    g = cb.Smoothed(checks.below(point), law, space=space)
    plan = cb.FixedSamples(n0=50, n=60_000)
    [result] = cb.certify(g, np.zeros((1, 1), kind), plan=plan, norm=Norm.L1, alpha=1e-3, seed=3)
    # On the grid the nearest wrong input is up to half a step away from the point.
    assert 0.93 < result.radius / point < 1 + (0.5 / 255 / point) * (space == checks.GRID)
    assert result.claim.norm is Norm.L1


@pytest.mark.slow
@pytest.mark.parametrize(("dimension", "p"), [(1, 0.6), (3, 0.505)])
def test_events_refute_the_normal_approximation_for_laplace_noise(dimension, p):
    tempting = float(special.ndtri(p)) / dimension**0.5
    cells = {1: 4000, 3: 60}[dimension]
    assert checks.left_over(Laplace(scale=1.0), [tempting] * dimension, p, cells) < 0.5
