from fractions import Fraction

import numpy as np
import pytest
from scipy import special

from certiball.errors import InputError
from certiball.laws.anisotropic_gaussian import AnisotropicGaussian
from certiball.laws.gaussian import Gaussian
from certiball.samplers import sampler_for
from certiball.samplers.anisotropic import AnisotropicLattice, anisotropic_sampler
from certiball.samplers.lattice import lattice_sampler
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid, Reals
from samplers.test_lattice import chi_square

GRID = Grid.uint8()
LAW = AnisotropicGaussian(deviations=(0.12, 1.0, 0.25))


def stream(chunk=0):
    return Stream(key=99, phase=Phase.ESTIMATION, input=0, chunk=chunk)


def test_each_number_has_its_law():
    s = anisotropic_sampler(LAW, GRID, (3, 16, 16))
    noise = np.concatenate([s.noise(stream(c), 32, 768) for c in range(40)])
    for number, sigma in enumerate(LAW.deviations):
        mine = noise[:, 256 * number : 256 * (number + 1)]
        law = Gaussian(sigma=sigma).on_grid(GRID.step)
        statistic, freedom = chi_square(mine, law)
        assert special.chdtrc(freedom, statistic) > 1e-5
        wrong, freedom = chi_square(np.clip(mine, *ends(1.03 * sigma)), other(1.03 * sigma))
        assert special.chdtrc(freedom, wrong) < 1e-9  # three per cent more noise would show


def other(sigma):
    return Gaussian(sigma=sigma).on_grid(GRID.step)


def ends(sigma):
    return other(sigma).least, other(sigma).greatest


def test_numbers_are_independent():
    """Products of standardised neighbours, within a part and across parts, average to nothing."""
    s = anisotropic_sampler(LAW, GRID, (3, 16, 16))
    noise = np.concatenate([s.noise(stream(c), 32, 768) for c in range(40)])
    scaled = noise / noise.std(0)
    for lag in (1, 255, 256, 257, 512):
        mean = (scaled[:, :-lag] * scaled[:, lag:]).mean()
        assert abs(mean) < 5 / np.sqrt(noise.size * (1 - lag / 768))


def interleaved(sigma, features):
    """Two parts of one deviation, in turn: so many tables, and one law."""
    tables = [lattice_sampler(Gaussian(sigma=sigma).on_grid(GRID.step), GRID) for _ in range(2)]
    which = np.arange(features) % 2
    return AnisotropicLattice(
        parts=tuple(tables),
        places=tuple(np.flatnonzero(which == k) for k in range(2)),
        which=which,
        grid=GRID,
    )


@pytest.mark.parametrize("features", [1, 3, 64, 3072])
@pytest.mark.parametrize("sigma", [0.12, 1.0])
def test_equal_deviations_give_the_bits_of_isotropic_noise(features, sigma):
    """So no word is skipped, and none read twice, whatever table it is for."""
    clean = np.arange(features) % 256
    same = lattice_sampler(Gaussian(sigma=sigma).on_grid(GRID.step), GRID)
    expected = same.noisy(clean, stream(), 32)
    assert (interleaved(sigma, features).noisy(clean, stream(), 32) == expected).all()
    merged = anisotropic_sampler(AnisotropicGaussian(deviations=(sigma,)), GRID, (features,))
    assert len(merged.parts) == 1
    assert (merged.noisy(clean, stream(), 32) == expected).all()
    out = np.empty_like(expected)
    assert merged.noisy(clean, stream(), 32, out) is out
    assert (out == expected).all()


@pytest.mark.parametrize("space", [GRID, Reals(low=0.0, high=1.0)])
@pytest.mark.parametrize("features", [3, 768])
def test_fewer_samples_are_a_prefix_and_pieces_do_not_matter(space, features, monkeypatch):
    s = sampler_for(LAW, space, (features,))
    clean = np.zeros(features, np.int64 if space is GRID else np.float32)
    whole = s.noisy(clean, stream(), 32)
    for fewer in (1, 4, 31):
        assert (s.noisy(clean, stream(), fewer) == whole[:fewer]).all()
    for piece in (1, 1000, 10**9):
        monkeypatch.setattr("certiball.samplers.anisotropic.PIECE", piece)
        assert (s.noisy(clean, stream(), 32) == whole).all()


def test_floats_have_their_deviations():
    s = sampler_for(LAW, Reals(), (3, 500))
    clean = np.linspace(0, 1, 1500, dtype=np.float32)
    noise = s.noisy(clean, stream(), 400) - clean
    for part, sigma in zip(np.split(noise, 3, axis=1), LAW.deviations, strict=True):
        assert abs(part.std() / sigma - 1) < 0.01
    assert (s.clean(clean) == clean).all()


def test_the_clean_input_is_seen_as_it_is():
    s = sampler_for(LAW, GRID, (3, 2))
    levels = np.array([0, 1, 2, 100, 254, 255])
    assert (s.clean(levels)[0] == levels.astype(np.float32) / np.float32(255)).all()


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="no equal parts"):
        sampler_for(LAW, GRID, (1, 5, 5))
    many = AnisotropicGaussian(deviations=tuple(0.1 + k / 1000 for k in range(300)))
    with pytest.raises(InputError, match="different deviations"):
        sampler_for(many, GRID, (300,))
    assert sampler_for(many, Reals(), (300,)).noisy(
        np.zeros(300, np.float32), stream(), 2
    ).shape == (2, 300)
    tiny = AnisotropicGaussian(deviations=(1e-7, 1.0))
    with pytest.raises(InputError, match="lost in float32"):
        sampler_for(tiny, Reals(), (2,)).noisy(np.ones(2, np.float32), stream(), 1)
    with pytest.raises(InputError, match="use a coarser grid"):
        sampler_for(LAW, Grid(step=Fraction(1, 2**30), low=0, high=2**30), (3,))
