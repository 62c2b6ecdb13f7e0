from fractions import Fraction

import numpy as np
import pytest
import torch

from certiball.laws.gaussian import Gaussian
from certiball.laws.lattice import lattice_law
from certiball.samplers.chunk import Chunk
from certiball.samplers.device import DeviceNoise, device_lattice
from certiball.samplers.lattice import lattice_sampler
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid

GRID = Grid.uint8()
TOP = 2**64 - 1


def sampler(sigma=0.5, grid=GRID):
    return lattice_sampler(Gaussian(sigma=sigma).on_grid(grid.step), grid)


def chunk(number, clean, samples, **address):
    address = {"key": 2**127 + 5, "phase": Phase.ESTIMATION, "input": 3, **address}
    return Chunk(slot=0, stream=Stream(chunk=number, **address), clean=clean, samples=samples)


@pytest.fixture(params=["cpu", "cuda"])
def device(request):
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("torch sees no GPU")
    return torch.device(request.param)


def agree(host, chunks, device):
    """Bit for bit, at any place among other rows, and nothing is written besides."""
    features = chunks[0].clean.size
    starts, filled = [], 1
    for each in chunks:
        starts.append(filled)
        filled += each.samples + 2
    rows = torch.full((filled, features), 7e7, device=device)
    device_lattice(host, device).fill(rows, list(zip(starts, chunks, strict=True)))
    expected = torch.full((filled, features), 7e7)
    for start, each in zip(starts, chunks, strict=True):
        seen = host.noisy(each.clean, each.stream, each.samples)
        expected[start : start + each.samples] = torch.from_numpy(seen)
    return torch.equal(rows.cpu().view(torch.int32), expected.view(torch.int32))


@pytest.mark.parametrize("features", [1, 2, 3, 7, 64, 1021, 3072])
@pytest.mark.parametrize("samples", [1, 5, 32])
def test_rows_are_those_of_the_host(features, samples, device):
    clean = np.random.default_rng(features).integers(0, 256, features)
    assert agree(sampler(), [chunk(0, clean, samples)], device)


@pytest.mark.parametrize("sigma", [0.001, 0.12, 1.0, 5.0])
def test_narrow_and_wide_laws(sigma, device):
    clean = np.arange(0, 251, 5)
    assert agree(sampler(sigma), [chunk(c, clean, 40) for c in range(3)], device)


def test_many_chunks_of_many_inputs_in_one_go(monkeypatch, device):
    rng = np.random.default_rng(0)
    clean = {n: rng.integers(0, 256, 75) for n in (0, 4, TOP)}
    chunks = [
        chunk(number, clean[n], samples, input=n, phase=phase)
        for n, phase, number, samples in [
            (0, Phase.SELECTION, 0, 32),
            (0, Phase.SELECTION, 1, 4),
            (0, Phase.ESTIMATION, 2**63, 32),
            (4, Phase.ESTIMATION, TOP, 32),
            (4, Phase.ESTIMATION, 0, 32),
            (TOP, Phase.PREDICTION, 0, 31),
            (0, Phase.SELECTION, 2, 32),
        ]
    ]
    for piece in (2**23, 5000, 1):
        monkeypatch.setattr("certiball.samplers.device.PIECE", piece)
        assert agree(sampler(), chunks, device)


def test_wide_noise_and_far_inputs(device):
    fine = Grid(step=Fraction(3, 65536), low=-9, high=65536)
    law = lattice_law([k * (2**64 // 80_001) for k in range(1, 80_000)], offset=40_000)
    wide = lattice_sampler(law, fine)
    assert wide.cells.dtype == np.int32
    clean = np.linspace(-9, 65536, 61).astype(np.int64)
    assert agree(wide, [chunk(0, clean, 30)], device)
    for far in (40_000, 2**31 - 200, -(2**31) + 200, 2**40):
        assert agree(sampler(), [chunk(0, np.array([0, far, -far, 5, 255]), 33)], device)


def test_crowded_cells(device):
    # Several thresholds in one cell, at its ends too; elements are marked in this cell alone.
    starts = [1000 << 48, 40_000 << 48]
    inside = [s + r for s in starts for r in (0, 2**46, 2**47, 2**48 - 1)]
    law = lattice_law([*inside, 2**64], offset=2)
    host = lattice_sampler(law, GRID)
    noise = host.noise(chunk(0, np.zeros(1), 1).stream, 1, 10**6)
    assert len(np.unique(noise)) >= 5
    assert agree(host, [chunk(0, np.zeros(5000, dtype=np.int64), 200)], device)


def test_a_word_that_is_a_threshold_reaches_it(device):
    each = chunk(5, np.zeros(1, dtype=np.int64), 1)
    half = int(each.stream.words(0, 0, 1)[0]) & 0xFFFF
    rest = int(each.stream.words(1, 0, 1)[0]) >> 16
    for threshold, noise in ((half << 48 | rest, 1), ((half << 48 | rest) + 1, 0)):
        host = lattice_sampler(lattice_law([threshold], offset=0), GRID)
        assert host.noise(each.stream, 1, 1).item() == noise
        assert agree(host, [each], device)


def test_a_law_without_marked_elements(device):
    law = lattice_law([1 << 63], offset=0)
    host = lattice_sampler(law, GRID)
    assert not (host.cells == host.mark).any()
    assert agree(host, [chunk(0, np.arange(9), 9)], device)


def test_every_level_is_the_float_of_the_grid(device):
    for grid in (GRID, Grid(step=Fraction(7, 3), low=-5000, high=90_000)):
        levels = np.arange(grid.low - 5000, grid.high + 5000)
        noise = device_lattice(sampler(1.0, grid), device)
        found = noise._values(noise.levels([levels])[0]).cpu().numpy()
        assert (found == grid.values(levels)).all()


def test_it_is_noise_on_a_device():
    assert isinstance(device_lattice(sampler(), torch.device("cpu")), DeviceNoise)
