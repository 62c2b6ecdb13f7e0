"""Claim: lattice noise, added and converted for the model, is as fast as `torch.randn` plus add.

One thread, chunks of the size that a run has, inputs as large as digits, MNIST, CIFAR-10 and
ImageNet.

    python benchmarks/noise.py [--repeats 9]
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import torch

from certiball.laws.gaussian import Gaussian
from certiball.samplers import sampler_for
from certiball.samplers.streams import Phase, Stream
from certiball.spaces import Grid
from certiball.tuning import chunk_size

SHAPES = {"digits": 64, "MNIST": 784, "CIFAR-10": 3072, "ImageNet": 150_528}
SIGMAS = (0.25, 1.0)
ELEMENTS = 20_000_000  # per measurement


def rate(fill: Callable[[int], object], features: int) -> float:
    """Million elements per second."""
    size = chunk_size(features)
    chunks = max(2, ELEMENTS // (size * features))
    start = time.perf_counter()
    for chunk in range(chunks):
        fill(chunk)
    return chunks * size * features / (time.perf_counter() - start) / 1e6


@dataclass(frozen=True, kw_only=True)
class Row:
    """Million elements per second of both ways, and the ratio with its spread."""

    shape: str
    sigma: float
    lattice: float
    randn: float
    ratio: float
    spread: tuple[float, float]

    @property
    def holds(self) -> bool:
        """Whether the claim holds for this shape."""
        return self.ratio >= 1


def measure(name: str, sigma: float, repeats: int) -> Row:
    """Interleaved repeats of both ways for one shape."""
    features, size = SHAPES[name], chunk_size(SHAPES[name])
    sampler = sampler_for(Gaussian(sigma=sigma), Grid.uint8(), (features,))
    level = np.random.default_rng(0).integers(0, 256, features)
    x, batch = torch.rand(features), torch.empty(size, features)
    place = np.empty((size, features), dtype=np.float32)

    def lattice(chunk: int) -> object:
        stream = Stream(key=1, phase=Phase.ESTIMATION, input=0, chunk=chunk)
        return sampler.noisy(level, stream, size, place)

    def randn(_: int) -> object:
        torch.randn(size, features, out=batch)
        return batch.mul_(sigma).add_(x)

    pairs = [(rate(lattice, features), rate(randn, features)) for _ in range(repeats)]
    ratios = [ours / theirs for ours, theirs in pairs]
    return Row(
        shape=name,
        sigma=sigma,
        lattice=statistics.median(ours for ours, _ in pairs),
        randn=statistics.median(theirs for _, theirs in pairs),
        ratio=statistics.median(ratios),
        spread=(min(ratios), max(ratios)),
    )


def main() -> None:
    """Print the table and the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9)
    repeats = parser.parse_args().repeats
    torch.set_num_threads(1)
    rows = [measure(name, sigma, repeats) for name in SHAPES for sigma in SIGMAS]
    print(f"million elements per second, one thread, medians of {repeats}")
    for row in rows:
        print(
            f"{row.shape:9} σ={row.sigma:<5} lattice {row.lattice:4.0f}  "
            f"randn + add {row.randn:4.0f}  ratio {row.ratio:.2f} "
            f"[{row.spread[0]:.2f}, {row.spread[1]:.2f}]  "
            f"{'holds' if row.holds else 'DOES NOT HOLD'}"
        )
    print(json.dumps([{**asdict(row), "holds": row.holds} for row in rows]))


if __name__ == "__main__":
    main()
