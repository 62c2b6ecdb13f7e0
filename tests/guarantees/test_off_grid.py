"""Inputs off the grid: rounded first, they stay within the radius of the certificate."""

from fractions import Fraction

import numpy as np
import pytest

import certiball as cb
from certiball.balls import Norm
from certiball.claim import Claim, Rule
from certiball.report.off_grid import off_grid_radius
from certiball.spaces import Grid

GRIDS = [
    Grid.uint8(),
    Grid.fixed_point(3, low=0, high=1),
    Grid(step=Fraction(3, 7), low=-9, high=9),
]

LENGTHS = [Norm.L1, Norm.L2, Norm.LINF]


def attempts(grid, dimension, generator):
    """Moves of a point of the grid that rounding makes longer, and some at random, as floats."""
    half = float(grid.step) / 2
    for share in (1.0, 0.5, 1 / dimension):
        chosen = generator.random(dimension) < share
        for length in (half, np.nextafter(half, 0), np.nextafter(half, 1), 1.5 * half, 3 * half):
            yield length * chosen * generator.choice([-1, 1], dimension)
    for _ in range(10):
        yield generator.normal(size=dimension) * half * generator.choice([0.3, 1, 3])


def power(numbers, norm):
    """The norm of exact numbers; squared in L2."""
    sizes = [abs(number) for number in numbers]
    if norm is Norm.L2:
        return sum(size * size for size in sizes)
    return sum(sizes) if norm is Norm.L1 else max(sizes)


def worst(grid, dimension, radius_of, norm=Norm.L2):
    """Moves shorter than `radius_of(R)` after whose rounding the distance is not below R."""
    generator, bad = np.random.default_rng(dimension), 0
    levels = generator.integers(grid.low, grid.high + 1, dimension)
    points = levels * float(grid.step)
    for move in attempts(grid, dimension, generator):
        moved = points + move
        rounded = (grid.round(moved[None])[0] - levels).tolist()
        after = power([step * grid.step for step in rounded], norm)
        # Exactly what was moved: floats are fractions, and the clean point is one of the grid.
        exact = [
            Fraction(float(m)) - int(k) * grid.step for m, k in zip(moved, levels, strict=True)
        ]
        before = power(exact, norm)
        exponent = 2 if norm is Norm.L2 else 1
        radius = np.nextafter(float(after) ** (1 / exponent), 0)  # just excludes what is seen
        if radius > 0 and Fraction(radius) ** exponent <= after:
            bad += before < Fraction(radius_of(float(radius))) ** exponent
    return bad


def claim(grid, norm=Norm.L2):
    return Claim(
        law=cb.Gaussian(sigma=0.25), norm=norm, rule=Rule.ONE_SIDED, alpha=0.001, space=grid
    )


@pytest.mark.parametrize("grid", GRIDS, ids=str)
@pytest.mark.parametrize("dimension", [1, 2, 9, 300])
@pytest.mark.parametrize("norm", LENGTHS)
def test_no_move_inside_of_the_off_grid_radius_leaves_the_ball(grid, dimension, norm):
    def fewer(radius):
        return off_grid_radius(radius, claim(grid, norm), dimension)

    assert worst(grid, dimension, fewer, norm) == 0


@pytest.mark.parametrize("grid", GRIDS, ids=str)
@pytest.mark.parametrize("norm", LENGTHS)
def test_hardly_a_larger_one_would_be_left(grid, norm):
    def more(radius):
        return off_grid_radius(radius, claim(grid, norm), 300) * (1 + 1e-9)

    assert worst(grid, 300, more, norm) > 0
