"""Points are inside ε for certain, whatever was rounded on the way."""

from fractions import Fraction

import numpy as np
import pytest

from certiball.attacks.epsilons import measured
from certiball.attacks.gradient.settle import settled
from certiball.balls import Norm, distance_up
from certiball.spaces import Grid, Reals

SPACES = {
    "8 bits": Grid.uint8(),
    "wide": Grid(step=Fraction(1, 3), low=-5, high=10**6),
    "unit": Reals(low=0.0, high=1.0),
    "odd": Reals(low=-2.1179039, high=2.64),
    "all": Reals(),
}


def clean_inputs(space, rng, count):
    low, high = (max(-3.0, space.bounds[0]), min(3.0, space.bounds[1]))
    values = rng.uniform(low, high, (count, 3, 7))
    return space.round(values) if isinstance(space, Grid) else values.astype(np.float32)


def in_units(space, encoded):
    return encoded * float(space.step) if isinstance(space, Grid) else encoded.astype(float)


@pytest.mark.parametrize("name", SPACES)
@pytest.mark.parametrize("norm", [Norm.L2, Norm.LINF])
def test_points_are_in_the_ball_and_in_the_box(name, norm):
    space, rng = SPACES[name], np.random.default_rng(4)
    clean = clean_inputs(space, rng, 60)
    step = space.step if isinstance(space, Grid) else 1
    radii = rng.choice([1e-9, 1e-4, 8 / 255, 0.25, 1 / 3, 1.7], 60)
    radii = np.array([measured(space, float(radius)) for radius in radii])
    walked = in_units(space, clean) + rng.standard_normal(clean.shape) * radii[:, None, None]
    found = settled(space, clean, walked.astype(np.float32), norm, radii)
    assert found.dtype == clean.dtype
    for x, point, radius in zip(clean, found, radii, strict=True):
        assert distance_up(x, point, norm, step) <= radius
    low, high = space.bounds
    low, high = (space.low, space.high) if isinstance(space, Grid) else (low, high)
    # A clean input may have been rounded out of the box by float32; nothing else is outside.
    assert (((found >= low) & (found <= high)) | (found == clean)).all()


@pytest.mark.parametrize("norm", [Norm.L2, Norm.LINF])
def test_no_more_is_lost_than_roundings(norm):
    space, rng = Reals(low=0.0, high=1.0), np.random.default_rng(5)
    clean = rng.uniform(0.4, 0.6, (20, 50)).astype(np.float32)
    walked = clean + rng.choice([-1.0, 1.0], clean.shape)
    found = settled(space, clean, walked, norm, np.full(20, 0.1))
    reached = [distance_up(x, point, norm) for x, point in zip(clean, found, strict=True)]
    assert min(reached) > 0.1 * (1 - 2e-6)


def test_eight_levels_are_eight_levels():
    clean, space = np.full((1, 5), 100), Grid.uint8()
    radii = np.array([measured(space, 8 / 255)])
    walked = np.array([[0.9, 0.0, 0.4, 0.39, 100 / 255]])
    found = settled(space, clean, walked, Norm.LINF, radii)
    assert found.tolist() == [[108, 92, 102, 99, 100]]
    alone = np.array([[1.0, *(100 / 255,) * 4]])
    assert settled(space, clean, alone, Norm.L2, radii).tolist() == [[108, 100, 100, 100, 100]]


def test_rounding_that_would_leave_the_ball_keeps_the_largest_moves():
    clean, space = np.full((1, 4), 100), Grid.uint8()
    walked = (clean + np.array([[5.8, 0.6, 0.6, 0.6]])) / 255
    # Rounded to (6, 1, 1, 1) it is 6.245 levels long.
    whole = settled(space, clean, walked, Norm.L2, np.array([6.25 / 255]))
    assert whole.tolist() == [[106, 101, 101, 101]]
    shorter = settled(space, clean, walked, Norm.L2, np.array([6.24 / 255]))
    assert shorter.tolist() == [[105, 101, 101, 101]]  # which is 5.29 levels long


def test_a_difference_that_float64_does_not_hold_is_rounded_up():
    """.5 + 10⁻²⁰ is .5 in float64, and beyond a ball of .5 all the same."""
    clean = np.array([[-1e-20, 0.0]], dtype=np.float32)
    for norm in (Norm.L2, Norm.LINF):
        found = settled(Reals(), clean, np.array([[1.0, 0.0]]), norm, np.array([0.5]))
        assert distance_up(clean[0], found[0], norm) <= 0.5
        assert found[0, 0] > 0.499999
