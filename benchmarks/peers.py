"""Claim: at least 3 times ART 1.20.1's `PyTorchRandomizedSmoothing.certify`, on every network.

One input with n0 = 100 and n samples, ART in batches of 32, which is what it takes unless told
otherwise, and our loop on the fastest backend, in one process under one allocator setting,
interleaved. Its best batch size of those tried stands beside it, outside the claim. ART draws all n
noisy copies at once, in float64, so n is kept small where inputs are large.

It needs an environment of its own, with the adversarial-robustness-toolbox:

    make .venv-peers/.installed
    .venv-peers/bin/python benchmarks/peers.py [--repeats 5] [--n 2000] [--backend auto]
        [--networks "digits CNN,ResNet-20"] [--allocator default|tuned]
"""

import argparse
import json
import os
import statistics
import sys
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from certiball.classifiers.backend import backend
from certiball.process import keep_memory
from certiball.tuning import Tuned, fastest, run_on, tuned
from throughput import LONG, NETWORKS, SIGMA, certify_once, network, seconds_of, smoothed, spread

CLAIMED = 3.0
N0 = 100
N = {"digits CNN": 20_000, "28×28 CNN": 10_000, "ResNet-20": 2_000, "ResNet-110": 500}
USUAL = 32  # ART's own
BATCHES = (32, 128, 512)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One network: seconds for one input, ours, ART's and its best, and ratios with spreads."""

    network: str
    n: int
    backend: str
    ours: float
    theirs: float
    ratio: tuple[float, float, float]
    batch: int
    best: float
    best_ratio: tuple[float, float, float]

    @property
    def holds(self) -> bool:
        """Whether the claim holds here."""
        return self.ratio[0] >= CLAIMED


def art_classifier(model: nn.Module, shape: tuple[int, ...]) -> Any:
    """The same network in ART."""
    try:
        from art.estimators.certification.randomized_smoothing import PyTorchRandomizedSmoothing
    except ImportError:
        sys.exit("error: ART is not installed here: make .venv-peers/.installed")
    return PyTorchRandomizedSmoothing(
        model=model,
        loss=nn.CrossEntropyLoss(),
        input_shape=shape,
        nb_classes=10,
        device_type="cpu",
        sample_size=N0,
        scale=SIGMA,
        alpha=0.001,
    )


def measure(name: str, n: int, repeats: int, wanted: str) -> Row:
    """Interleaved repeats of both for one network."""
    model, level = network(name)
    g = smoothed(model, "float32")
    found: Tuned = fastest(g, level, LONG) if wanted == "auto" else tuned(run_on(g, wanted), level)
    x = (level[None] / 255).astype(np.float32)
    theirs = art_classifier(model, level.shape)
    trials = {batch: art_seconds(theirs, x, n // 4, batch) for batch in BATCHES}
    batch = min(trials, key=lambda size: trials[size])
    ours = partial(certify_once, found, level, N0 + n)
    ours()

    def turn() -> tuple[float, ...]:
        return seconds_of(ours), *(art_seconds(theirs, x, n, size) for size in (USUAL, batch))

    times = np.array([turn() for _ in range(repeats)])
    middle = [statistics.median(column) for column in times.T.tolist()]
    return Row(
        network=name,
        n=n,
        backend=backend(found.g.classifier),
        ours=middle[0],
        theirs=middle[1],
        ratio=spread(times[:, 1] / times[:, 0]),
        batch=batch,
        best=middle[2],
        best_ratio=spread(times[:, 2] / times[:, 0]),
    )


def art_seconds(classifier: Any, x: np.ndarray, n: int, batch: int) -> float:
    """Seconds that ART takes to certify the input."""
    return seconds_of(partial(classifier.certify, x, n=n, batch_size=batch))


def main() -> None:
    """Print the table and the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--n", type=int, help="samples; by network otherwise")
    parser.add_argument("--backend", default="auto", help="auto, eager, compile or onnxruntime")
    parser.add_argument("--allocator", choices=["default", "tuned"], default="default")
    parser.add_argument("--networks", default=",".join(NETWORKS))
    arguments = parser.parse_args()
    if arguments.allocator == "tuned":
        keep_memory()
    print(
        f"allocator {arguments.allocator}, torch {torch.__version__}, "
        f"{torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f}; seconds for one input, "
        f"medians of {arguments.repeats}",
        flush=True,
    )
    rows = []
    for name in arguments.networks.split(","):
        row = measure(name, arguments.n or N[name], arguments.repeats, arguments.backend)
        rows.append(row)
        middle, least, greatest = row.ratio
        print(
            f"{name:11} n={row.n:<6} ours {row.ours:7.3f} ({row.backend})  ART {row.theirs:7.3f} "
            f"ratio {middle:.1f} [{least:.1f}, {greatest:.1f}]  "
            f"{'holds' if row.holds else 'DOES NOT HOLD'}  (in batches of {row.batch} "
            f"{row.best:.3f}, {row.best_ratio[0]:.1f} times)",
            flush=True,
        )
    print(json.dumps([asdict(row) | {"holds": row.holds} for row in rows]))


if __name__ == "__main__":
    main()
