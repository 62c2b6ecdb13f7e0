from itertools import combinations

import numpy as np
import pytest
from scipy import special

from certiball.errors import InputError
from certiball.laws.ablation import Ablation
from certiball.samplers import Sampler, sampler_for
from certiball.samplers.null_encoding import null_encoded
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid, Reals

GRID = Grid.uint8()


def stream(chunk=0):
    return Stream(key=77, phase=Phase.ESTIMATION, input=0, chunk=chunk)


def sampler(keep, shape, space=GRID):
    return sampler_for(Ablation(keep=keep, pixels=int(np.prod(shape[-2:]))), space, shape)


@pytest.mark.parametrize(("keep", "pixels"), [(1, 5), (2, 6), (3, 6), (5, 6), (6, 6)])
def test_every_choice_of_pixels_is_as_likely(keep, pixels):
    choices = list(combinations(range(pixels), keep))
    kept = sampler(keep, (pixels,)).kept(stream(), 0, 40_000)
    assert (kept.sum(1) == keep).all()
    codes = kept @ (1 << np.arange(pixels))
    names = [sum(1 << i for i in choice) for choice in choices]
    counts = np.array([(codes == name).sum() for name in names])
    assert counts.sum() == 40_000
    expected = 40_000 / len(choices)
    statistic = float(((counts - expected) ** 2 / expected).sum())
    assert len(choices) == 1 or special.chdtrc(len(choices) - 1, statistic) > 1e-5


def test_the_model_sees_pixels_as_a_whole_or_nothing_of_them():
    shape = (3, 5, 4)
    clean = np.random.default_rng(0).integers(0, 256, 60)
    s = sampler(7, shape)
    assert isinstance(s, Sampler)
    seen = s.noisy(clean, stream(), 50).reshape(50, 6, 20)
    whole = s.clean(clean).reshape(6, 20)
    assert (whole == null_encoded(GRID, clean, 20)).all()
    kept = (seen != 0).any(1)
    assert (kept.sum(1) == 7).all()
    assert (seen == np.where(kept[:, None], whole, 0)).all()
    assert not np.signbit(seen[seen == 0]).any()


def test_inputs_that_differ_where_nothing_is_seen_are_seen_alike():
    first = np.zeros(64, int)
    second = first.copy()
    second[10] = 255
    s = sampler(8, (1, 8, 8))
    same = (s.noisy(first, stream(), 4000) == s.noisy(second, stream(), 4000)).all(1)
    assert (same == ~s.kept(stream(), 0, 4000)[:, 10]).all()
    assert abs(same.mean() - 7 / 8) < 0.03  # 1 − Δ_1


@pytest.mark.parametrize("shape", [(1, 5, 5), (28, 28), (300,), (1, 300, 300)])
def test_fewer_samples_are_a_prefix_of_more_and_pieces_do_not_matter(shape, monkeypatch):
    features = int(np.prod(shape))
    clean = np.arange(features) % 256
    s = sampler_for(Ablation(keep=3, pixels=features), GRID, shape)
    whole = s.noisy(clean, stream(), 9)
    assert (s.noisy(clean, stream(), 4) == whole[:4]).all()
    assert (s.noisy(clean, stream(1), 9) != whole).any()
    monkeypatch.setattr("certiball.samplers.ablation.PIECE", 1000)
    assert (s.noisy(clean, stream(), 9) == whole).all()


@pytest.mark.parametrize("space", [GRID, Reals(low=0.0, high=1.0)])
def test_rows_are_the_same_where_they_are_told_to_lie(space):
    clean = np.ones(12, int if isinstance(space, Grid) else np.float32)
    s = sampler(2, (3, 2, 2), space)
    place = np.full((9, 24), np.nan, np.float32)
    assert s.noisy(clean, stream(), 7, place[1:8]).base is place
    assert (place[1:8] == s.noisy(clean, stream(), 7)).all()
    assert np.isnan(place[[0, 8]]).all()


def test_refusals():
    with pytest.raises(InputError, match="give pixels=16"):
        sampler_for(Ablation(keep=2, pixels=9), GRID, (4, 4))
    with pytest.raises(InputError, match="has no such ends"):
        sampler(2, (4, 4), Reals()).clean(np.zeros(16, np.float32))
