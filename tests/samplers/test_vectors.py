"""Noise vectors against the exact laws of their lengths, directions and coordinates."""

import numpy as np
import pytest
from scipy import special, stats

from certiball.errors import InputError
from certiball.laws.max_exponential import MaxExponential
from certiball.laws.spherical_exponential import SphericalExponential
from certiball.laws.uniform_ball import UniformBall
from certiball.samplers import sampler_for
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid, Reals

LAWS = [UniformBall(scale=0.5), SphericalExponential(scale=0.5), MaxExponential(scale=0.5)]
SAMPLES = 20_000


def stream(chunk=0):
    return Stream(key=3, phase=Phase.ESTIMATION, input=4, chunk=chunk)


def noise(law, dimension, samples=SAMPLES, chunk=0):
    sampler = sampler_for(law, Reals(), (dimension,))
    return sampler.noisy(np.zeros(dimension, np.float32), stream(chunk), samples)


def is_of(values, cdf):
    """Kolmogorov's test; three per cent more or less would show at these numbers of samples."""
    return stats.kstest(np.asarray(values, np.float64), cdf).pvalue > 1e-4


@pytest.mark.parametrize("dimension", [2, 3, 40])
def test_lengths(dimension):
    ball, sphere, cube = (noise(law, dimension).astype(np.float64) / 0.5 for law in LAWS)
    lengths = np.linalg.norm(ball, axis=1)
    assert is_of(lengths, lambda r: np.clip(r, 0, 1) ** dimension)
    assert not is_of(lengths, lambda r: np.clip(r, 0, 1) ** (1.1 * dimension))
    lengths = np.linalg.norm(sphere, axis=1)
    assert is_of(lengths, lambda r: special.gammainc(dimension, r))
    assert not is_of(lengths, lambda r: special.gammainc(dimension + 1, r))
    lengths = np.abs(cube).max(1)
    assert is_of(lengths, lambda r: special.gammainc(dimension, r))
    assert not is_of(1.03 * lengths, lambda r: special.gammainc(dimension, r)) or dimension < 40


@pytest.mark.parametrize("dimension", [2, 3, 40])
def test_directions(dimension):
    ball, sphere, cube = (noise(law, dimension, chunk=1).astype(np.float64) / 0.5 for law in LAWS)
    axis = np.ones(dimension) / np.sqrt(dimension)
    for points, parameter in (
        (ball, (dimension + 1) / 2),  # a coordinate of the ball
        (sphere / np.linalg.norm(sphere, axis=1, keepdims=True), (dimension - 1) / 2),
    ):
        for projection in (points[:, 0], points[:, -1], points @ axis):
            shares = (1 + np.clip(projection, -1, 1)) / 2
            assert is_of(shares, stats.beta(parameter, parameter).cdf)
    # The largest coordinate of a cube's surface is any of the 2d, and the others are uniform.
    largest = np.abs(cube).argmax(1)
    signs = cube[np.arange(len(cube)), largest] > 0
    counts = np.bincount(2 * largest + signs, minlength=2 * dimension)
    assert stats.chisquare(counts).pvalue > 1e-4
    others = cube[:, 0][largest != 0] / np.abs(cube).max(1)[largest != 0]
    assert is_of((1 + others) / 2, stats.uniform.cdf)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("dimension", [2, 784])
def test_moments(law, dimension):
    points = noise(law, dimension, samples=4000 if dimension > 2 else 100_000, chunk=2)
    deviation = law.deviation(dimension)
    assert abs(points.std() / deviation - 1) < 0.02
    assert np.abs(points.mean(0)).max() < 6 * deviation / np.sqrt(len(points))
    correlation = (points[:, 0] * points[:, 1]).mean() / deviation**2
    assert abs(correlation) < 6 * 3 / np.sqrt(len(points))


@pytest.mark.parametrize("law", LAWS)
def test_fewer_samples_are_a_prefix_of_more(law):
    many, few = noise(law, 7, 1000), noise(law, 7, 33)
    assert np.array_equal(many[:33], few)
    assert not np.array_equal(noise(law, 7, 33, chunk=1), few)


@pytest.mark.parametrize("law", LAWS)
def test_noise_is_added_where_it_is_asked_for(law):
    sampler = sampler_for(law, Reals(), (1, 2, 3))
    clean = np.arange(6, dtype=np.float32) / 7
    out = np.empty((10, 6), np.float32)
    assert sampler.noisy(clean, stream(), 10, out) is out
    added = sampler.noisy(np.zeros(6, np.float32), stream(), 10)
    assert np.allclose(out - clean, added, atol=1e-5)
    assert np.array_equal(sampler.clean(clean), clean[None])
    assert np.isfinite(out).all()


@pytest.mark.parametrize("law", [UniformBall, MaxExponential, SphericalExponential])
def test_what_floating_point_cannot_hold(law):
    with pytest.raises(InputError, match=r"has no version on a grid of step 1/255"):
        sampler_for(law(scale=1.0), Grid.uint8(), (3,))
    with pytest.raises(InputError, match="which must be from .* in float32 arithmetic"):
        sampler_for(law(scale=1e31), Reals(), (3,))
    small = sampler_for(law(scale=1e-7), Reals(), (3,))
    with pytest.raises(InputError, match="is lost in float32 beside inputs as large as 1000"):
        small.noisy(np.full(3, 1000.0, np.float32), stream(), 2)


def test_spheres_need_two_numbers():
    with pytest.raises(InputError, match="for one use Laplace"):
        sampler_for(LAWS[1], Reals(), (1,))


def test_the_least_word_and_the_greatest_give_finite_noise(monkeypatch):
    for word in (0, 2**64 - 1):
        words = lambda self, stage, start, count: np.full(count, word, np.uint64)  # noqa: B023, E731
        monkeypatch.setattr(Stream, "words", words)
        for law in LAWS:
            assert np.isfinite(noise(law, 3, 10)).all()
