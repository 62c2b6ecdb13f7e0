"""On a GPU these run there; elsewhere by Triton's interpreter, in a process of its own."""

import importlib.util
import os
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
import torch

from certiball.laws.gaussian import Gaussian
from certiball.laws.lattice import lattice_law
from certiball.samplers.chunk import Chunk
from certiball.samplers.device import device_lattice
from certiball.samplers.lattice import lattice_sampler
from certiball.samplers.on_device import repeats
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid

if importlib.util.find_spec("triton") is None:
    pytest.skip("triton is not installed: it comes with torch for CUDA", allow_module_level=True)

INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"
DEVICE = torch.device("cpu" if INTERPRETED else "cuda")
runs_kernels = pytest.mark.skipif(
    not INTERPRETED and not torch.cuda.is_available(),
    reason="torch sees no GPU: run by Triton's interpreter instead",
)
GRID = Grid.uint8()
TOP = 2**64 - 1


def noise_of(host):
    from certiball.samplers.triton_lattice import TritonLattice

    return TritonLattice(tables=device_lattice(host, DEVICE))


def sampler(sigma=0.5, grid=GRID):
    return lattice_sampler(Gaussian(sigma=sigma).on_grid(grid.step), grid)


def chunk(number, clean, samples, **address):
    address = {"key": 2**127 + 2**63 + 5, "phase": Phase.ESTIMATION, "input": 3, **address}
    return Chunk(slot=0, stream=Stream(chunk=number, **address), clean=clean, samples=samples)


def agree(host, chunks):
    """Bit for bit, at any place among other rows, and nothing is written besides."""
    features = chunks[0].clean.size
    starts, filled = [], 1
    for each in chunks:
        starts.append(filled)
        filled += each.samples + 2
    rows = torch.full((filled, features), 7e7, device=DEVICE)
    noise_of(host).fill(rows, list(zip(starts, chunks, strict=True)))
    expected = torch.full((filled, features), 7e7)
    for start, each in zip(starts, chunks, strict=True):
        seen = host.noisy(each.clean, each.stream, each.samples)
        expected[start : start + each.samples] = torch.from_numpy(seen)
    return torch.equal(rows.cpu().view(torch.int32), expected.view(torch.int32))


@pytest.mark.skipif(INTERPRETED, reason="this is the interpreter")
def test_the_kernels_by_the_interpreter():
    run = subprocess.run(
        [sys.executable, "-m", "pytest", __file__, "-p", "no:cacheprovider"],
        env={**os.environ, "TRITON_INTERPRET": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert " passed" in run.stdout


@runs_kernels
@pytest.mark.parametrize("features", [1, 3, 64, 1021, 3072])
def test_rows_are_those_of_the_host(features):
    clean = np.random.default_rng(features).integers(0, 256, features)
    assert agree(sampler(1.0), [chunk(0, clean, 5)])


@runs_kernels
def test_many_chunks_of_many_inputs_in_one_go():
    rng = np.random.default_rng(0)
    clean = {n: rng.integers(0, 256, 75) for n in (0, 4, TOP)}
    chunks = [
        chunk(number, clean[n], samples, input=n, phase=phase)
        for n, phase, number, samples in [
            (0, Phase.SELECTION, 0, 32),
            (0, Phase.SELECTION, 1, 4),
            (0, Phase.ESTIMATION, 2**63, 32),
            (4, Phase.ESTIMATION, TOP, 40),
            (TOP, Phase.PREDICTION, 0, 31),
            (0, Phase.SELECTION, 2, 32),
        ]
    ]
    assert agree(sampler(1.0), chunks)


@runs_kernels
def test_wide_noise_and_far_inputs():
    fine = Grid(step=Fraction(3, 65536), low=-9, high=65536)
    law = lattice_law([k * (2**64 // 80_001) for k in range(1, 80_000)], offset=40_000)
    wide = lattice_sampler(law, fine)
    assert (wide.cells == wide.mark).mean() > 0.99  # nearly every element is refined
    assert agree(wide, [chunk(0, np.linspace(-9, 65536, 61).astype(np.int64), 30)])
    for far in (40_000, 2**31 - 200, 2**40):
        assert agree(sampler(), [chunk(0, np.array([0, far, -far, 5, 255]), 33)])


@runs_kernels
def test_crowded_cells_and_laws_without_marked_elements():
    inside = [s + r for s in (1000 << 48, 40_000 << 48) for r in (0, 2**46, 2**47, 2**48 - 1)]
    crowded = lattice_sampler(lattice_law([*inside, 2**64], offset=2), GRID)
    assert agree(crowded, [chunk(c, np.zeros(5000, dtype=np.int64), 10) for c in range(2)])
    single = lattice_sampler(lattice_law([1 << 63], offset=0), GRID)
    assert agree(single, [chunk(0, np.arange(9), 9)])


@runs_kernels
def test_a_word_that_is_a_threshold_reaches_it():
    each = chunk(5, np.zeros(1, dtype=np.int64), 1)
    half = int(each.stream.words(0, 0, 1)[0]) & 0xFFFF
    rest = int(each.stream.words(1, 0, 1)[0]) >> 16
    for threshold, noise in ((half << 48 | rest, 1), ((half << 48 | rest) + 1, 0)):
        host = lattice_sampler(lattice_law([threshold], offset=0), GRID)
        assert host.noise(each.stream, 1, 1).item() == noise
        assert agree(host, [each])


@runs_kernels
def test_it_is_shown_before_use():
    assert repeats(noise_of(sampler(0.25)), sampler(0.25))
    assert not repeats(noise_of(sampler(0.25)), sampler(0.26))
