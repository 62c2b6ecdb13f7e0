"""Float noise of every law: its distribution, its address, and what float32 cannot hold."""

import numpy as np
import pytest
from scipy import stats

from certiball.errors import InputError
from certiball.laws.exponential_power import ExponentialPower
from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.laws.pareto import Pareto
from certiball.laws.uniform import Uniform
from certiball.samplers import FloatSampler, sampler_for
from certiball.samplers.floats import DRAWN
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid, Reals
from guarantees.independent import known

LAWS = [
    Gaussian(sigma=0.5),
    Uniform(scale=0.5),
    Laplace(scale=0.5),
    Pareto(scale=0.5, tail=3.0),
    Pareto(scale=0.5, tail=0.9),
    ExponentialPower(scale=0.5, power=1.0),
    ExponentialPower(scale=0.5, power=1.7),
    ExponentialPower(scale=0.5, power=64.0),
]
each = pytest.mark.parametrize("law", LAWS, ids=str)


def stream(chunk=0):
    return Stream(key=5, phase=Phase.ESTIMATION, input=0, chunk=chunk)


def test_all_laws_are_here():
    assert {type(law) for law in LAWS} == set(DRAWN)


@each
def test_noise_has_the_law(law):
    noise = FloatSampler(law=law).noisy(np.zeros(300, np.float32), stream(), 300).ravel()
    assert stats.kstest(noise.astype(float), known(law).cdf).pvalue > 1e-4
    farther = 1.1 * noise.astype(float)
    assert stats.kstest(farther, known(law).cdf).pvalue < 1e-4  # more noise would show


@each
def test_tails_are_as_heavy_as_the_law_says(law):
    noise = FloatSampler(law=law).noisy(np.zeros(2000, np.float32), stream(1), 500)
    sizes = np.abs(noise.astype(float))
    for chance in (1e-2, 1e-3, 1e-4):
        expected = chance * sizes.size
        end = float(known(law).ppf(1 - chance / 2))
        if isinstance(law, Uniform):
            end = law.scale * (1 - chance)
        assert abs((sizes > end).sum() - expected) < 5 * np.sqrt(expected)


@each
def test_numbers_are_independent_of_their_neighbours(law):
    noise = FloatSampler(law=law).noisy(np.zeros(300, np.float32), stream(2), 300).astype(float)
    places = known(law).cdf(noise) - 0.5
    for other in (np.roll(places, 1, axis=0), np.roll(places, 1, axis=1)):
        assert abs(12 * (places * other).mean()) < 5 / np.sqrt(places.size)
    # Signs and sizes too: one comes from the first stage, and one may come from the second.
    sizes = np.abs(places) - 0.25
    assert abs(12 * 2 * (np.sign(places) * sizes).mean()) < 10 / np.sqrt(places.size)


@each
def test_fewer_samples_are_a_prefix_of_more_wherever_they_lie(law):
    s = FloatSampler(law=law)
    clean = np.linspace(0, 1, 33, dtype=np.float32)
    whole = s.noisy(clean, stream(), 50)
    assert (s.noisy(clean, stream(), 50) == whole).all()
    assert (s.noisy(clean, stream(), 7) == whole[:7]).all()
    assert (s.noisy(clean, stream(3), 7) != whole[:7]).mean() > 0.99
    place = np.full((9, 33), np.nan, np.float32)
    assert s.noisy(clean, stream(), 7, place[1:8]).base is place
    assert (place[1:8] == whole[:7]).all()
    assert np.isnan(place[[0, 8]]).all()
    assert (s.clean(clean) == clean).all()


@pytest.mark.parametrize(
    "law",
    [
        Gaussian(sigma=1e-40),
        Laplace(scale=1e31),
        Uniform(scale=1e-39),
        Pareto(scale=1.0, tail=0.5),  # as large as exp(120)
        Pareto(scale=1e-20, tail=0.5),
        Pareto(scale=1e-30, tail=1e12),  # half of it below 1e-42
        ExponentialPower(scale=1e300, power=2.0),
    ],
    ids=str,
)
def test_noise_that_float32_cannot_hold_is_refused(law):
    with pytest.raises(InputError, match=r"noise of .* must be from .* scale the inputs"):
        FloatSampler(law=law)


@pytest.mark.parametrize("law", [Laplace(scale=1e-6), Pareto(scale=1.0, tail=1e6)], ids=str)
def test_noise_lost_beside_the_input_is_refused(law):
    with pytest.raises(InputError, match=r"is lost in float32 beside .* 1.0: scale"):
        FloatSampler(law=law).noisy(np.ones(3, np.float32), stream(), 2)


@each
def test_the_reals_have_a_sampler_and_grids_where_there_are_thresholds(law):
    assert isinstance(sampler_for(law, Reals(), (3,)), FloatSampler)
    if isinstance(law, Gaussian | Laplace | Uniform):
        sampler_for(law, Grid.uint8(), (3,))
    else:
        with pytest.raises(InputError, match=r"--space reals:LOW:HIGH"):
            sampler_for(law, Grid.uint8(), (3,))
