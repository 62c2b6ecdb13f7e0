"""Transformed copies: the law of their parameters, their addresses, exactness where it is said."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from scipy import stats

import certiball as cb
from certiball.errors import InputError
from certiball.laws.brightness import Brightness
from certiball.laws.contrast_brightness import ContrastBrightness
from certiball.laws.exponential_blur import ExponentialBlur
from certiball.laws.folded_normal_blur import FoldedNormalBlur
from certiball.laws.gaussian import Gaussian
from certiball.laws.translation import Translation
from certiball.laws.uniform_blur import UniformBlur
from certiball.samplers import sampler_for
from certiball.samplers.streams import Phase, Stream
from certiball.samplers.whole import whole_numbers
from certiball.transforms.translation import translation

GRID, REALS = cb.Grid.uint8(), cb.Reals()
BLURS = [ExponentialBlur(scale=0.8), UniformBlur(scale=0.8), FoldedNormalBlur(sigma=0.8)]
LAWS = [
    *((law, REALS) for law in BLURS),
    (ContrastBrightness(contrast=0.3, brightness=0.2), REALS),
    *(
        (law, space)
        for law in (Brightness(sigma=0.2), Translation(sigma=2.0))
        for space in (GRID, REALS)
    ),
]
STREAM = Stream(key=11, phase=Phase.ESTIMATION, input=3, chunk=5)


def clean_of(space, shape, seed=1):
    levels = np.random.default_rng(seed).integers(0, 256, int(np.prod(shape)))
    return levels if space is GRID else (levels / 255).astype(np.float32)


@pytest.mark.parametrize("shape", [(6, 5), (3, 6, 5)], ids=str)
@pytest.mark.parametrize(("law", "space"), LAWS, ids=str)
def test_fewer_samples_are_a_prefix_and_lie_where_they_are_wanted(law, space, shape):
    sampler, clean = sampler_for(law, space, shape), clean_of(space, shape)
    many = sampler.noisy(clean, STREAM, 32)
    assert many.dtype == np.float32
    assert many.shape == (32, clean.size)
    assert np.array_equal(sampler.noisy(clean, STREAM, 7), many[:7])
    place = np.empty((32, clean.size), dtype=np.float32)
    assert sampler.noisy(clean, STREAM, 32, place) is place
    assert np.array_equal(place, many)
    another = Stream(key=11, phase=Phase.ESTIMATION, input=3, chunk=6)
    assert not np.array_equal(sampler.noisy(clean, another, 32), many)
    values = GRID.values(clean) if space is GRID else clean
    assert np.array_equal(sampler.clean(clean), values.reshape(1, -1))


def parameters(law, space, image, read, samples=20_000):
    sampler = sampler_for(law, space, image.shape)
    rows = sampler.noisy(image.reshape(-1), STREAM, samples)
    return read(rows.reshape(samples, *image.shape).astype(np.float64))


def same_law(found, cdf):
    assert stats.kstest(found, cdf).pvalue > 1e-4


def test_brightness_is_normal_and_the_same_in_every_pixel():
    image = np.array([[0.0, 0.5], [1.0, 0.25]], dtype=np.float32)
    added = parameters(Brightness(sigma=0.2), REALS, image, lambda x: x - image)
    assert np.abs(added - added[:, :1, :1]).max() < 1e-6
    same_law(added[:, 0, 0], stats.norm(scale=0.2).cdf)


def test_brightness_on_a_grid_is_whole_steps_by_exact_thresholds():
    law, image = Brightness(sigma=0.02), np.array([[0, 128], [255, 7]])
    sampler = sampler_for(law, GRID, image.shape)
    rows = sampler.noisy(image.reshape(-1), STREAM, 4000)
    steps = np.rint(rows * 255).astype(int) - image.reshape(-1)
    assert (steps == steps[:, :1]).all()
    assert np.array_equal(rows, GRID.values(image.reshape(-1) + steps))
    lattice = Gaussian(sigma=0.02).on_grid(GRID.step)
    words = STREAM.words(0, 0, 4000)
    known = [sum(t <= w for t in lattice.thresholds.tolist()) for w in words[:50].tolist()]
    assert (steps[:50, 0] + lattice.offset).tolist() == known
    assert law.slack(GRID.step, 999) == lattice.slack(1)


def test_contrast_scales_what_was_brightened():
    image = np.array([[0.0, 1.0]], dtype=np.float32)
    law = ContrastBrightness(contrast=0.3, brightness=0.2)
    seen = parameters(law, REALS, image, lambda x: x[:, 0])
    factor = seen[:, 1] - seen[:, 0]
    same_law(np.log(factor), stats.norm(scale=0.3).cdf)
    same_law(seen[:, 0] / factor, stats.norm(scale=0.2).cdf)
    assert abs(np.corrcoef(factor, seen[:, 0] / factor)[0, 1]) < 0.04


@pytest.mark.parametrize(
    ("law", "known"),
    [
        (BLURS[0], stats.expon(scale=0.8)),
        (BLURS[1], stats.uniform(scale=0.8)),
        (BLURS[2], stats.halfnorm(scale=0.8)),
    ],
    ids=["exponential", "uniform", "folded"],
)
def test_variances_of_blur_have_their_law(law, known):
    image = wave(8)
    shrunk = parameters(law, REALS, image, lambda x: (x * image).sum((1, 2)) / (image**2).sum())
    same_law(-2 * np.log(shrunk) / eigenvalue(8), known.cdf)


def wave(size):
    """The slowest cosine of the blur's eigenvectors, [1, size]: blur only makes it smaller."""
    return np.cos(np.pi * (np.arange(size) + 0.5) / size).astype(np.float32)[None]


def eigenvalue(size):
    return 2 - 2 * np.cos(np.pi / size)


@pytest.mark.parametrize("space", [GRID, REALS])
def test_shifts_are_rounded_normal_and_pixels_only_change_places(space):
    image = np.zeros((41, 41), int if space is GRID else np.float32)
    image[20, 20] = 1
    law = Translation(sigma=2.0)
    lit = parameters(law, space, image, lambda x: x.reshape(len(x), -1).argmax(1), samples=8000)
    down, right = np.divmod(lit, 41)
    lattice = Gaussian(sigma=2.0).on_grid(Fraction(1))
    for found in (down - 20, right - 20):
        counts = np.bincount(found + 20, minlength=41)[14:27]
        edges = stats.norm.cdf((np.arange(-6, 8) - 0.5) / 2)
        assert ((counts - 8000 * np.diff(edges)) ** 2 / (8000 * np.diff(edges))).sum() < 40
    assert abs(np.corrcoef(down, right)[0, 1]) < 0.06
    assert law.slack(None, 999) == law.slack(Fraction(1, 255), 1) == lattice.slack(2)


@pytest.mark.parametrize("shape", [(5, 7), (3, 4, 6)], ids=str)
def test_rolled_copies_are_those_of_the_transformation(shape):
    law, clean = Translation(sigma=4.0), clean_of(GRID, shape)
    rows = sampler_for(law, GRID, shape).noisy(clean, STREAM, 64)
    moves = whole_numbers(Gaussian(sigma=4.0).on_grid(Fraction(1)), STREAM, 128).reshape(64, 2)
    assert np.abs(moves).max() > 6
    image = torch.from_numpy(GRID.values(clean).reshape(shape)).expand(64, *shape)
    known = translation(image, *torch.from_numpy(moves.T.copy()))
    assert np.array_equal(rows.reshape(64, *shape), known.numpy())


@pytest.mark.parametrize("law", [*BLURS, ContrastBrightness(contrast=0.3, brightness=0.2)], ids=str)
def test_what_leaves_the_grid_is_refused_there(law):
    for refused in (
        lambda: law.slack(GRID.step, 64),
        lambda: sampler_for(law, GRID, (8, 8)),
    ):
        with pytest.raises(InputError, match=r"leaves every grid, .* use --space reals:LOW:HIGH"):
            refused()
    assert law.slack(None, 64) == 0


@pytest.mark.parametrize("law", [law for law, _ in LAWS[:6]], ids=str)
def test_what_is_no_image_is_refused(law):
    for shape in ((64,), (2, 3, 4, 5)):
        with pytest.raises(InputError, match=r"is for images \[C, H, W\] or \[H, W\], not for"):
            law.seen(shape)
    assert law.seen((3, 4, 5)) == (3, 4, 5)
    assert law.deviation(64) is None


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("kind", [Brightness, FoldedNormalBlur, Translation])
def test_bad_spreads(kind, bad):
    with pytest.raises(InputError, match="sigma must be finite and > 0, not"):
        kind(sigma=bad)
    with pytest.raises(InputError, match="scale must be finite and > 0"):
        ExponentialBlur(scale=bad)
    with pytest.raises(InputError, match="scale must be finite and > 0"):
        UniformBlur(scale=bad)
    with pytest.raises(InputError, match="brightness must be finite and > 0"):
        ContrastBrightness(contrast=0.1, brightness=bad)
