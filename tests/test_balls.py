import csv
import math
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from certiball.balls import (
    Ball,
    Norm,
    comparable,
    distance_up,
    length_up,
    longest_in,
    longest_up,
    radius_in,
)
from certiball.certificate import Certificate
from certiball.claim import Claim, Draw, Rule
from certiball.errors import InputError
from certiball.laws.gaussian import Gaussian
from certiball.spaces import Grid, Reals
from certiball.votes import Votes

LENGTHS = [Norm.L1, Norm.L2, Norm.LINF]
finite = st.floats(allow_nan=False, allow_infinity=False)


def exactly_within(length: float, numbers: list[Fraction], norm: Norm) -> bool:
    """Whether a length is not below the norm, in rationals."""
    if norm is Norm.L2:
        return Fraction(length) ** 2 >= sum(x**2 for x in numbers)
    moved = [abs(x) for x in numbers]
    return Fraction(length) >= (sum(moved) if norm is Norm.L1 else max(moved, default=0))


def test_text_says_strict_or_not():
    assert str(Ball(norm=Norm.L2, radius=0.5)) == "‖δ‖ < 0.5 in L2"
    assert str(Ball(norm=Norm.L0, radius=3.0, strict=False)) == "‖δ‖ ≤ 3.0 in L0"
    # The float .3 is below three tenths, and its shortest text would claim those.
    assert str(Ball(norm=Norm.L2, radius=0.3)) == "‖δ‖ < 0.29999999999999998 in L2"
    assert [str(norm) for norm in Norm] == ["L0", "L1", "L2", "L∞", "patch side", "parameter"]
    assert str(Ball(norm=Norm.PARAMETER, radius=0.5)) == "|parameter| < 0.5"


def test_a_parameter_is_no_length_of_pixels():
    ball = Ball(norm=Norm.PARAMETER, radius=0.5)
    with pytest.raises(InputError, match="no length of a difference of pixels"):
        ball.covers(np.array([0.1]))
    for norm in (Norm.L0, *LENGTHS, Norm.PATCH):
        with pytest.raises(InputError, match=f"in parameter says nothing of any in {norm}: a par"):
            radius_in(ball, norm, 4)
        assert not comparable(Norm.PARAMETER, norm)
    with pytest.raises(InputError, match="in L2 says nothing of any in parameter"):
        radius_in(Ball(norm=Norm.L2, radius=0.5), Norm.PARAMETER, 4)


@pytest.mark.parametrize("radius", [0.0, -1.0, math.inf, math.nan])
def test_bad_radius(radius):
    with pytest.raises(InputError, match="radius must be finite and > 0"):
        Ball(norm=Norm.L2, radius=radius)


@given(st.lists(finite, max_size=8), st.sampled_from(LENGTHS))
def test_a_length_is_the_next_float_upwards(values, norm):
    length = length_up(np.array(values, dtype=np.float64), norm)
    exact = [Fraction(x) for x in values]
    assert length == math.inf or exactly_within(length, exact, norm)
    below = length if norm is not Norm.L2 else math.nextafter(length, 0)  # may be one more
    if length > 0:
        assert not exactly_within(min(math.nextafter(below, 0), 1.7e308), exact, norm)


@given(st.lists(st.tuples(finite, finite), min_size=1, max_size=8), st.sampled_from(LENGTHS))
def test_a_distance_forms_differences_exactly(pairs, norm):
    first, second = (np.array(side) for side in zip(*pairs, strict=True))
    distance = distance_up(first, second, norm)
    moved = [Fraction(b) - Fraction(a) for a, b in pairs]
    assert distance == math.inf or exactly_within(distance, moved, norm)


@pytest.mark.parametrize("wide", [2**53 + 1, 2**62 + 1, 2**63 - 1])
@pytest.mark.parametrize("other", [np.int64, np.uint64, np.float64, np.float32, np.uint8])
@pytest.mark.parametrize("norm", LENGTHS)
def test_integers_beside_other_types_lose_nothing(wide, other, norm):
    # NumPy makes float64 of int64 beside uint64 or a float, and of 2⁵³ + 1 then 2⁵³.
    for kind, value in product((np.int64, np.uint64), (0, 1, 200)):
        first, second = np.array([3, wide], dtype=kind), np.array([3, value], dtype=other)
        for distance in (distance_up(first, second, norm), distance_up(second, first, norm)):
            assert exactly_within(distance, [Fraction(wide - value)], norm)
            assert not exactly_within(distance * (1 - 2.0**-51), [Fraction(wide - value)], norm)
    apart = distance_up(np.array([wide]), np.array([0.5]), norm)
    assert exactly_within(apart, [Fraction(2 * wide - 1, 2)], norm)


def test_rounding_to_nearest_would_say_less():
    # Of 2,000 random perturbations NumPy's norm is below the exact one for hundreds.
    generator = np.random.default_rng(3)
    lower = 0
    for _ in range(2000):
        delta = generator.normal(size=5)
        exact = [Fraction(x) for x in delta.tolist()]
        lower += not exactly_within(float(np.linalg.norm(delta)), exact, Norm.L2)
        assert exactly_within(length_up(delta, Norm.L2), exact, Norm.L2)
    assert lower > 200


def test_levels_are_exact():
    step = Fraction(1, 255)
    assert length_up(np.array([3, -4]), Norm.L2, step) == math.nextafter(5 / 255, 1)
    assert length_up(np.full((3, 4), -2), Norm.L1, Fraction(1, 8)) == 3.0
    assert length_up(np.array([-(2**63)]), Norm.LINF) == 2.0**63  # abs() of NumPy wraps around
    assert length_up(np.array([200, 255], dtype=np.uint8), Norm.L1) == 455.0
    assert length_up(np.array([[0, 7], [0, -1]]), Norm.L0, step) == 2.0
    assert length_up(np.array([0.0, -0.0, 5e-324]), Norm.L0) == 1.0
    apart = distance_up(np.array([0], dtype=np.uint8), np.array([255], dtype=np.uint8), Norm.L1)
    assert apart == 255.0


def test_a_large_picture_takes_no_time():
    delta = np.random.default_rng(0).normal(size=(3, 224, 224)).astype(np.float32)
    assert length_up(delta, Norm.L2) == pytest.approx(np.linalg.norm(delta.ravel()), rel=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_no_length_of_what_is_no_number(bad):
    for norm in Norm:
        with pytest.raises(InputError, match="nan or infinity"):
            length_up(np.array([1.0, bad]), norm)
    for wrong in (np.array(["a"]), np.array([1j]), np.array([True]), np.zeros(2, np.longdouble)):
        with pytest.raises(InputError, match="integers or floats of at most 64 bits"):
            length_up(wrong, Norm.L2)
    with pytest.raises(InputError, match=r"shapes \(2,\) and \(3,\)"):
        distance_up(np.zeros(2), np.zeros(3), Norm.L2)


def test_the_edge_of_a_ball():
    edge = np.array([3, 4])
    assert not Ball(norm=Norm.L2, radius=5.0).covers(edge)
    assert Ball(norm=Norm.L2, radius=5.0, strict=False).covers(edge)
    assert Ball(norm=Norm.L2, radius=math.nextafter(5.0, 6)).covers(edge)
    assert not Ball(norm=Norm.L2, radius=math.nextafter(5.0, 0), strict=False).covers(edge)
    # √2 as a float is above √2, and the length is rounded up to it: strictly, nothing is said.
    assert not Ball(norm=Norm.L2, radius=math.sqrt(2)).covers(np.array([1, 1]))


def test_corners_of_the_reference(shared):
    """An L∞ ball of radius ε holds its corner, which has these lengths."""
    with (shared / "reference/norm_conversion.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) == 15
    for row in rows:
        d = math.prod(int(row[name]) for name in ("channels", "height", "width"))
        step = Fraction(row["linf_eps"])
        for norm, column in ((Norm.L2, "l2_norm_of_corner"), (Norm.L1, "l1_norm_of_corner")):
            exact = Fraction(row[column])  # to 25 digits
            length = length_up(np.ones(d, dtype=np.int64), norm, step)
            assert exact * (1 - Fraction(1, 10**24)) <= length <= exact * (1 + Fraction(1, 10**15))
            inner = Fraction(radius_in(Ball(norm=norm, radius=length), Norm.LINF, d))
            assert step * (1 - Fraction(1, 10**15)) <= inner <= step * (1 + Fraction(1, 10**15))
            longest = longest_up(step, Norm.LINF, norm, d)
            assert exact * (1 - Fraction(1, 10**24)) <= longest <= length
            below = Ball(norm=norm, radius=math.nextafter(length, 0))
            assert radius_in(below, Norm.LINF, d) < step * (1 + Fraction(1, 10**24))


@given(st.sampled_from(LENGTHS), st.sampled_from(LENGTHS), st.integers(1, 10**6), st.data())
def test_a_radius_in_another_norm_is_exact_and_rounded_down(norm, other, dimension, data):
    radius = data.draw(st.floats(1e-6, 1e6))
    got = Fraction(radius_in(Ball(norm=norm, radius=radius), other, dimension))
    order = {Norm.L1: 2, Norm.L2: 1, Norm.LINF: 0}
    power = max(0, order[norm] - order[other])  # R_q² = R_p²/d^power
    assert got**2 * dimension**power <= Fraction(radius) ** 2
    assert got * (1 + Fraction(1, 2**52)) >= 0
    assert (got * (1 + Fraction(1, 2**51))) ** 2 * dimension**power >= Fraction(radius) ** 2


def test_a_higher_norm_never_multiplies():
    # L2 radius 1 in 3,072 dimensions is not L1 radius 55: one pixel moved by 2 has L2 norm 2.
    ball = Ball(norm=Norm.L2, radius=1.0)
    assert radius_in(ball, Norm.L1, 3072) == 1.0
    assert radius_in(Ball(norm=Norm.LINF, radius=1.0), Norm.L1, 3072) == 1.0
    assert radius_in(ball, Norm.L2, 3072) == 1.0


@pytest.mark.parametrize(("norm", "other"), [(n, m) for n in LENGTHS for m in LENGTHS])
def test_what_the_other_norm_allows_the_ball_holds(norm, other):
    generator = np.random.default_rng(4)
    ball = Ball(norm=norm, radius=0.7)
    for d in (1, 2, 7, 50):
        inner = Ball(norm=other, radius=radius_in(ball, other, d))
        for _ in range(20):
            delta = generator.normal(size=d) ** 3
            for shape in (delta, np.sign(delta), np.eye(d)[0]):  # anything, a corner, an axis
                scale = inner.radius / length_up(shape, other) * (1 - 1e-12)
                assert inner.covers(shape * scale)
                assert ball.covers(shape * scale)


@given(st.sampled_from(LENGTHS), st.sampled_from(LENGTHS), st.integers(1, 10**6), st.data())
def test_the_longest_of_a_ball_is_exact_and_rounded_up(norm, other, dimension, data):
    budget = data.draw(st.fractions(Fraction(1, 10**6), 10**6, max_denominator=10**6))
    got = Fraction(longest_up(budget, norm, other, dimension))
    order = {Norm.L1: 2, Norm.L2: 1, Norm.LINF: 0}
    power = max(0, order[other] - order[norm])  # ε_q² = ε_p² · d^power
    assert got**2 >= budget**2 * dimension**power
    assert (got * (1 - Fraction(1, 2**51))) ** 2 <= budget**2 * dimension**power


@pytest.mark.parametrize(("norm", "other"), [(n, m) for n in LENGTHS for m in LENGTHS])
def test_nothing_in_a_ball_is_longer_and_something_is_as_long(norm, other):
    generator = np.random.default_rng(5)
    for d in (1, 2, 7, 50):
        closed = Ball(norm=norm, radius=0.7, strict=False)
        longest, reached = longest_in(closed, other, d), 0.0
        for _ in range(20):
            delta = generator.normal(size=d) ** 3
            for shape in (delta, np.sign(delta), np.eye(d)[0]):
                inside = shape * (closed.radius / length_up(shape, norm) * (1 - 1e-12))
                assert closed.covers(inside)
                reached = max(reached, length_up(inside, other))
        assert longest * (1 - 1e-11) < reached <= longest


def test_what_is_comparable():
    for norm in Norm:
        for other in Norm:
            counted = {Norm.L0, Norm.PATCH, Norm.PARAMETER} & {norm, other}
            assert comparable(norm, other) == (norm is other or not counted)
    pixels = Ball(norm=Norm.L0, radius=3.0, strict=False)
    assert longest_in(pixels, Norm.L0, 10) == 3.0
    with pytest.raises(InputError, match="L0 counts how many coordinates"):
        longest_in(pixels, Norm.L2, 10)
    with pytest.raises(InputError, match="at least 1 number, not 0"):
        longest_in(pixels, Norm.L0, 0)


def test_counting_coordinates_bounds_no_length():
    pixels = Ball(norm=Norm.L0, radius=3.0, strict=False)
    assert radius_in(pixels, Norm.L0, 10) == 3.0
    for ball, norm in ((pixels, Norm.L2), (Ball(norm=Norm.L1, radius=3.0), Norm.L0)):
        with pytest.raises(InputError, match="L0 counts how many coordinates"):
            radius_in(ball, norm, 10)
    with pytest.raises(InputError, match="at least 1 number, not 0"):
        radius_in(ball, Norm.L1, 0)


def certificate(space, norm=Norm.L2, radius=0.25):
    claim = Claim(
        law=Gaussian(sigma=0.25), norm=norm, rule=Rule.ONE_SIDED, alpha=0.001, space=space
    )
    votes = Votes(counts=(1000, 0))
    return Certificate(
        claim=claim, draw=Draw(seed=1, chosen=True), selection=votes, estimation=votes, label=0,
        p_lower=0.99, p_upper=None, radius=radius,
    )  # fmt: skip


def test_a_certificate_covers_levels_exactly():
    on_grid = certificate(Grid(step=Fraction(1, 4), low=0, high=4))
    clean = np.array([[1, 2]])
    assert on_grid.covers(clean, clean)
    assert not on_grid.covers(clean, np.array([[1, 3]]))  # at the radius itself: strict
    larger = certificate(on_grid.claim.space, radius=math.nextafter(0.25, 1))
    assert larger.covers(clean, np.array([[1, 3]]))
    assert larger.covers(np.array([[0, 2]]), np.array([[-1, 2]]))  # outside of the range
    # Floats are rounded to the grid before they are classified, and so before they are measured.
    assert on_grid.covers(clean, np.array([[0.37, 0.6]]))
    assert not on_grid.covers(clean, np.array([[0.38, 0.5]]))
    with pytest.raises(InputError, match="is outside of"):
        on_grid.covers(np.array([[9, 2]]), clean)


def test_a_certificate_in_float_mode_covers_what_the_model_sees():
    in_float = certificate(Reals(low=0.0, high=1.0))
    clean = np.array([0.5, 0.5])
    assert in_float.covers(clean, np.array([0.7499, 0.5]))
    assert not in_float.covers(clean, np.array([0.75, 0.5]))
    # Below .25 in float64, at .25 in the float32 that the model sees.
    assert not in_float.covers(clean, np.array([0.75 - 1e-12, 0.5]))
    assert not in_float.covers(np.array([1e-30, 0.0]), np.array([0.25, 1e-12]))
    with pytest.raises(InputError, match="must be floats"):
        in_float.covers(clean, np.array([1, 0]))
    with pytest.raises(InputError, match="have no distance"):
        in_float.covers(clean, np.array([0.5]))
