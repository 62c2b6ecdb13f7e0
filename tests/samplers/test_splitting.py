from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from certiball.errors import InputError
from certiball.laws.splitting import Splitting, midpoints
from certiball.samplers import sampler_for
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid, Reals

GRID = Grid.uint8()
HALF = Splitting(scale=Fraction(1, 2))


def stream(chunk=0):
    return Stream(key=3, phase=Phase.ESTIMATION, input=4, chunk=chunk)


@pytest.mark.parametrize("scale", [Fraction(1, 2), Fraction(1), Fraction(40, 255)])
def test_what_is_seen_has_the_law(scale):
    # Every place is as likely: what is seen of a level is counted against all places, one by one.
    law = Splitting(scale=scale)
    sampler, period = sampler_for(law, GRID, (1,)), law.period(GRID.step)
    for level in (0, 77, 255):
        clean = np.full(1, level, np.int64)
        seen = np.rint(sampler.noisy(clean, stream(level), 60_000)[:, 0] * 1020).astype(int)
        exact = midpoints(clean, np.arange(period), period=period, top=255)
        expected = np.bincount(exact, minlength=1021) / period * len(seen)
        counts = np.bincount(seen, minlength=1021)
        assert (counts[expected == 0] == 0).all()
        there = expected > 0
        if there.sum() > 1:
            assert stats.chisquare(counts[there], expected[there]).pvalue > 1e-4


@pytest.mark.parametrize("scale", [Fraction(1, 2), Fraction(40, 255)])
def test_no_bit_tells_levels_apart_that_no_threshold_divides(scale):
    law = Splitting(scale=scale)
    sampler = sampler_for(law, GRID, (256,))
    levels = np.arange(256)
    places = sampler.places.noise(stream(), 50, 256)
    seen = sampler.noisy(levels, stream(), 50)
    for row, drawn in zip(seen, places, strict=True):
        for shift in (-3, 1, 20):
            moved = np.clip(levels + shift, 0, 255)
            whole = [(x - drawn - 1) // sampler.period for x in (levels, moved)]
            other = sampler.parts.values(
                midpoints(moved, drawn, period=sampler.period, top=255).astype(np.int64)
            )
            alike = whole[0] == whole[1]  # no threshold lies between
            assert np.array_equal(row[alike], other[alike])
            assert (row[~alike] != other[~alike]).all()
    assert np.isin(seen, sampler.parts.values(np.arange(1021))).all()


def test_prefixes_and_places_to_write_to():
    sampler = sampler_for(HALF, GRID, (5,))
    levels = np.array([0, 10, 100, 254, 255])
    many, few = sampler.noisy(levels, stream(), 1000), sampler.noisy(levels, stream(), 33)
    assert np.array_equal(many[:33], few)
    assert not np.array_equal(sampler.noisy(levels, stream(1), 33), few)
    out = np.empty((33, 5), np.float32)
    assert sampler.noisy(levels, stream(), 33, out) is out
    assert np.array_equal(out, few)
    assert np.array_equal(sampler.clean(levels), GRID.values(levels[None]))
    assert len(np.unique(np.diff(sampler.noisy(levels, stream(), 99), axis=1))) > 99  # independent


def test_fine_grids_do_not_overflow():
    grid = Grid.unsigned(30)
    law = Splitting(scale=Fraction(2**20, 2**30 - 1))
    levels = np.array([0, 2**29, 2**30 - 1])
    seen = sampler_for(law, grid, (3,)).noisy(levels, stream(), 50)
    assert np.abs(seen - grid.values(levels)).max() < 3 * 2**20 / 2**30  # within one period


def test_one_place_is_enough():
    law = Splitting(scale=GRID.step / 2)
    levels = np.arange(256)
    seen = sampler_for(law, GRID, (256,)).noisy(levels, stream(), 3)
    assert (np.diff(seen[0]) > 0).all()  # a threshold lies between any two levels
    assert (seen == seen[0]).all()


def test_what_it_is_not_for():
    with pytest.raises(InputError, match="exact on a grid, and has no sampler for the real"):
        sampler_for(HALF, Reals(low=0.0, high=1.0), (3,))
    with pytest.raises(InputError, match="for grids from 0 to 1, not .*: scale the data"):
        sampler_for(HALF, Grid.fixed_point(8, low=-1, high=1), (3,))
    with pytest.raises(InputError, match="scale = 64/255 is, and the nearest"):
        sampler_for(Splitting(scale=Fraction(1, 4)), GRID, (3,))


def test_what_lies_outside_counts_as_the_nearest_inside():
    sampler = sampler_for(HALF, GRID, (4,))
    outside, nearest = np.array([-300, -1, 256, 10**6]), np.array([0, 0, 255, 255])
    seen = sampler.noisy(outside, stream(), 50)
    assert np.array_equal(seen, sampler.noisy(nearest, stream(), 50))
