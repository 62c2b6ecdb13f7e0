from fractions import Fraction

import numpy as np
import pytest
from scipy import special

from certiball.errors import InputError
from certiball.laws.discrete import Discrete
from certiball.samplers import Sampler, sampler_for
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid, Reals

GRID = Grid.uint8()
LAW = Discrete(keep=0.2, levels=256)


def stream(chunk=0):
    return Stream(key=78, phase=Phase.ESTIMATION, input=0, chunk=chunk)


def levels_of(seen, grid):
    return np.rint(seen.astype(np.float64) / float(grid.step)).astype(int)


@pytest.mark.parametrize("clean", [0, 1, 2])
@pytest.mark.parametrize("keep", [0.4, 0.9])
def test_two_numbers_at_a_time_have_the_law(clean, keep):
    """All nine outcomes of two neighbours, so that they are seen to be independent as well."""
    grid = Grid(step=Fraction(1, 2), low=-1, high=1)
    s = sampler_for(Discrete(keep=keep, levels=3), grid, (2,))
    assert isinstance(s, Sampler)
    seen = levels_of(s.noisy(np.array([clean - 1, 0]), stream(), 40_000), grid) + 1
    counts = np.bincount(3 * seen[:, 0] + seen[:, 1], minlength=9)
    first, second = ([keep if j == c else (1 - keep) / 2 for j in range(3)] for c in (clean, 1))
    expected = 40_000 * np.outer(first, second).reshape(-1)
    statistic = float(((counts - expected) ** 2 / expected).sum())
    assert special.chdtrc(8, statistic) > 1e-5


@pytest.mark.parametrize("clean", [0, 100, 255])
def test_every_other_level_of_256_is_as_likely(clean):
    s = sampler_for(LAW, GRID, (784,))
    seen = levels_of(s.noisy(np.full(784, clean), stream(), 600), GRID)
    counts = np.bincount(seen.reshape(-1), minlength=256)
    expected = np.full(256, 0.8 / 255 * seen.size)
    expected[clean] = 0.2 * seen.size
    statistic = float(((counts - expected) ** 2 / expected).sum())
    assert special.chdtrc(255, statistic) > 1e-5


def test_the_model_sees_one_float_for_each_level():
    s = sampler_for(LAW, GRID, (256,))
    clean = np.arange(256)
    assert (s.clean(clean)[0] == GRID.values(clean)).all()
    seen = s.noisy(clean, stream(), 400)
    assert seen.dtype == np.float32
    assert set(np.unique(seen).tolist()) == set(GRID.values(clean).tolist())


def test_levels_outside_of_the_range_count_as_the_nearest():
    s = sampler_for(LAW, GRID, (3,))
    outside, inside = np.array([-7, 300, 10**9]), np.array([0, 255, 255])
    assert (s.noisy(outside, stream(), 50) == s.noisy(inside, stream(), 50)).all()
    assert (s.clean(outside) == s.clean(inside)).all()


@pytest.mark.parametrize("levels", [2, 256, 2**14 + 1, 2**15 + 1, 2**16])
def test_numbers_of_any_width(levels):
    grid = Grid(step=Fraction(1, levels - 1), low=0, high=levels - 1)
    s = sampler_for(Discrete(keep=0.75, levels=levels), grid, (50,))
    clean = np.linspace(0, levels - 1, 50).astype(int)
    seen = levels_of(s.noisy(clean, stream(), 400), grid)
    assert seen.min() >= 0
    assert seen.max() <= levels - 1
    assert abs((seen == clean).mean() - 0.75) < 0.02


def test_fewer_samples_are_a_prefix_of_more_wherever_they_lie():
    s = sampler_for(LAW, GRID, (3, 5, 7))
    clean = np.arange(105)
    whole = s.noisy(clean, stream(), 9)
    assert (s.noisy(clean, stream(), 4) == whole[:4]).all()
    assert (s.noisy(clean, stream(1), 9) != whole).any()
    place = np.full((11, 105), np.nan, np.float32)
    assert s.noisy(clean, stream(), 9, place[1:10]).base is place
    assert (place[1:10] == whole).all()
    assert np.isnan(place[[0, 10]]).all()


def test_refusals():
    with pytest.raises(InputError, match="is for 256 levels, and .* has 257: give levels=257"):
        sampler_for(LAW, Grid(step=Fraction(1, 256), low=0, high=256), (64,))
    with pytest.raises(InputError, match=r"the real interval \[0, 1\] has none: state a Grid"):
        sampler_for(LAW, Reals(low=0.0, high=1.0), (64,))
