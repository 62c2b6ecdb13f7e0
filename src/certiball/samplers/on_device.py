"""The fastest maker of noise on a device whose bits are those of the host, shown before use."""

import importlib.util
import warnings
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import torch

from certiball.samplers.chunk import Chunk
from certiball.samplers.device import DeviceNoise, device_lattice
from certiball.samplers.lattice import LatticeSampler
from certiball.samplers.streams import Phase, Stream

SHOWN = 4099  # features of the inputs that are compared; odd, so that words are cut


def noise_on(device: torch.device, sampler: object) -> DeviceNoise | None:
    """What makes a sampler's noise on a device, or None: then the host makes it.

    Each candidate first has to repeat some of the host's noise bit for bit on that very device,
    for a run must not depend on where its noise is made.
    """
    return _shown(device, sampler) if isinstance(sampler, LatticeSampler) else None


@lru_cache(maxsize=8)
def _shown(device: torch.device, sampler: LatticeSampler) -> DeviceNoise | None:
    """The first candidate that works; what is wrong with those before it is a warning."""
    for noise in _candidates(device, sampler):
        name = type(noise).__name__
        try:
            if repeats(noise, sampler):
                return noise
            complaint = "its bits are not those of the host"
        except Exception as error:  # of a compiler or driver: there is always another way
            complaint = (str(error) or type(error).__name__).splitlines()[0]
        warnings.warn(f"{name} is not used on {device}: {complaint}", stacklevel=3)
    return None


def repeats(noise: DeviceNoise, sampler: LatticeSampler) -> bool:
    """Whether it makes the host's noise, added to levels from the whole grid."""
    grid = sampler.grid
    clean = np.linspace(grid.low, grid.high, SHOWN).round().astype(np.int64)
    streams = [Stream(key=2**128 - 3**70, phase=Phase.SELECTION, input=0, chunk=c) for c in (0, 1)]
    chunks = [Chunk(slot=0, stream=s, clean=clean, samples=20 - s.chunk) for s in streams]
    rows = torch.zeros(39, SHOWN, device=noise.device)
    noise.fill(rows, [(0, chunks[0]), (20, chunks[1])])
    found = np.split(rows.cpu().numpy(), [20])
    return all(
        np.array_equal(seen, sampler.noisy(clean, c.stream, c.samples))
        for seen, c in zip(found, chunks, strict=True)
    )


def _candidates(device: torch.device, sampler: LatticeSampler) -> Iterator[DeviceNoise]:
    tables = device_lattice(sampler, device)
    if device.type == "cuda" and importlib.util.find_spec("triton") is not None:
        from certiball.samplers.triton_lattice import TritonLattice

        yield TritonLattice(tables=tables)
    yield tables
