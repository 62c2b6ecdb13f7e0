from dataclasses import dataclass

import numpy as np
import pytest

from certiball.errors import InputError
from certiball.laws.gaussian import Gaussian
from certiball.samplers import FloatSampler, LatticeSampler, Sampler, sampler_for
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid, Reals

SHAPE = (3, 8, 8)
STREAM = Stream(key=1, phase=Phase.ESTIMATION, input=0, chunk=0)


def test_the_space_decides():
    law = Gaussian(sigma=0.5)
    assert isinstance(sampler_for(law, Grid.uint8(), SHAPE), LatticeSampler)
    assert isinstance(sampler_for(law, Reals(), SHAPE), FloatSampler)
    assert isinstance(sampler_for(law, Reals(), SHAPE), Sampler)


def test_float_noise_has_its_deviation_and_its_address():
    s = FloatSampler(law=Gaussian(sigma=0.5))
    clean = np.linspace(0, 1, 1000, dtype=np.float32)
    seen = s.noisy(clean, STREAM, 200)
    assert seen.shape == (200, 1000)
    assert abs((seen - clean).std() / 0.5 - 1) < 0.01
    assert (seen == s.noisy(clean, STREAM, 200)).all()
    assert (seen[:10] == s.noisy(clean, STREAM, 10)).all()


@pytest.mark.parametrize("sigma", [1e-40, 1e31])
def test_noise_that_float32_cannot_hold_is_refused(sigma):
    with pytest.raises(InputError, match="noise of Gaussian.* must be from .* scale the inputs"):
        FloatSampler(law=Gaussian(sigma=sigma))


def test_noise_lost_beside_the_input_is_refused():
    with pytest.raises(
        InputError, match=r"Gaussian\(sigma=1e-06\) is lost in float32 beside .* 1.0: scale"
    ):
        FloatSampler(law=Gaussian(sigma=1e-6)).noisy(np.ones(3, np.float32), STREAM, 2)
    FloatSampler(law=Gaussian(sigma=1e-5)).noisy(np.ones(3, np.float32), STREAM, 2)


def test_a_law_without_a_sampler_is_refused():
    @dataclass(frozen=True)
    class Cauchy:
        def slack(self, step, dimension): ...
        def deviation(self, dimension): ...
        def seen(self, shape): ...

    with pytest.raises(InputError, match="state a Grid"):
        sampler_for(Cauchy(), Reals(), SHAPE)
    with pytest.raises(InputError, match="state --space reals"):
        sampler_for(Cauchy(), Grid.uint8(), SHAPE)


@pytest.mark.parametrize("space", [Grid.uint8(), Reals()])
@pytest.mark.parametrize("features", [3, 64, 50_001])
def test_rows_are_the_same_where_they_are_told_to_lie(space, features):
    s = sampler_for(Gaussian(sigma=0.5), space, SHAPE)
    clean = np.zeros(features, int if isinstance(space, Grid) else np.float32)
    place = np.full((9, features), np.nan, np.float32)
    assert s.noisy(clean, STREAM, 7, place[1:8]).base is place
    assert (place[1:8] == s.noisy(clean, STREAM, 7)).all()
    assert np.isnan(place[[0, 8]]).all()
