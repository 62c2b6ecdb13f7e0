"""Claim: certification runs at the speed of the model's own forward pass.

At least .85 of the network's best raw forward rate on a CIFAR ResNet-20 and .6 on a small 28×28
CNN, on the CPU, and on the ResNet at least 2.5 times the procedure of 2019 as it was published
(one input, batches of 1,000, floating-point `randn`, votes counted in a Python loop). All are
measured in one process under one allocator setting, interleaved, and compared by the median of
the ratios of neighbouring measurements.

    python benchmarks/throughput.py [--repeats 7] [--seconds 2] [--allocator default|tuned]

"tuned" is what the command `certiball` sets for its own process; a library must not.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import torch
from torch import Tensor, nn

import certiball as cb
from certiball.cli.process import keep_memory
from certiball.models.architecture import Architecture, build
from certiball.samplers.streams import Phase
from certiball.sampling import Block, Execution, count_votes
from certiball.tuning import BATCHES, tune

SIGMA = 0.25
NETWORKS = {
    "ResNet-20 32×32×3": ("resnet20", (3, 32, 32), 0.85, 2.5),
    "small CNN 28×28": ("small-cnn", (1, 28, 28), 0.6, None),
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One network's figures: samples per second, and ratios with their spread."""

    network: str
    batch: int
    layout: str
    certify: float
    raw: float
    raw_shape: str
    published: float
    of_raw: float
    of_raw_spread: tuple[float, float]
    of_published: float
    of_published_spread: tuple[float, float]
    claim_of_raw: float
    claim_of_published: float | None

    @property
    def holds(self) -> bool:
        """Whether both claims hold here."""
        faster = self.claim_of_published is None or self.of_published >= self.claim_of_published
        return self.of_raw >= self.claim_of_raw and faster


def raw_rate(model: nn.Module, batch: Tensor, seconds: float) -> float:
    """Forward passes of one prepared batch, nothing else."""
    with torch.inference_mode():
        model(batch)
        done, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            model(batch)
            done += len(batch)
        return done / (time.perf_counter() - start)


def best_raw_shape(model: nn.Module, shape: tuple[int, ...]) -> tuple[Tensor, str]:
    """The batch shape and layout with the best raw rate."""
    found: list[tuple[float, Tensor, str]] = []
    for layout, memory in (
        ("contiguous", torch.contiguous_format),
        ("channels_last", torch.channels_last),
    ):
        for size in BATCHES:
            batch = torch.rand(size, *shape).contiguous(memory_format=memory)
            found.append((raw_rate(model, batch, 0.3), batch, f"{size} {layout}"))
    _, batch, name = max(found, key=lambda row: row[0])
    return batch, name


def certify_rate(g: cb.Smoothed, level: np.ndarray, execution: Execution, seconds: float) -> float:
    """Samples per second of the library's own loop on one input."""
    samples = execution.batch * 16
    block = Block(input=0, phase=Phase.ESTIMATION, first=0, samples=samples)
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        count_votes(g, {0: level}, [block], 1, execution)
        done += samples
    return done / (time.perf_counter() - start)


def published_rate(model: nn.Module, x: Tensor, seconds: float) -> float:
    """The published loop: repeat, randn_like, argmax, one Python step per vote."""
    counts = np.zeros(10, dtype=int)
    with torch.no_grad():
        done, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            batch = x.repeat((1000, 1, 1, 1))
            noise = torch.randn_like(batch) * SIGMA
            predictions = model(batch + noise).argmax(1)
            for label in predictions.cpu().numpy():
                counts[label] += 1
            done += 1000
        return done / (time.perf_counter() - start)


def measure(name: str, repeats: int, seconds: float) -> Row:
    """Interleaved repeats of the three loops for one network."""
    network, shape, of_raw, of_published = NETWORKS[name]
    channels = shape[0]
    model = build(
        Architecture(
            name=network, classes=10, shape=shape, mean=(0.5,) * channels, std=(0.25,) * channels
        ),
        seed=0,
    ).eval()
    g = cb.Smoothed(cb.TorchClassifier(model, 10), cb.Gaussian(sigma=SIGMA), space=cb.Grid.uint8())
    level = np.random.default_rng(0).integers(0, 256, shape)
    x = torch.rand(shape)
    batch, raw_shape = best_raw_shape(model, shape)
    execution = tune(g, level)
    loops: list[Callable[[], float]] = [
        lambda: raw_rate(model, batch, seconds),
        lambda: certify_rate(g, level, execution, seconds),
        lambda: published_rate(model, x, seconds),
    ]
    rates = np.array([[loop() for loop in loops] for _ in range(repeats)])
    to_raw, to_published = rates[:, 1] / rates[:, 0], rates[:, 1] / rates[:, 2]
    raw, certify, published = (statistics.median(column) for column in rates.T.tolist())
    return Row(
        network=name,
        batch=execution.batch,
        layout=execution.layout,
        certify=certify,
        raw=raw,
        raw_shape=raw_shape,
        published=published,
        of_raw=float(np.median(to_raw)),
        of_raw_spread=(float(to_raw.min()), float(to_raw.max())),
        of_published=float(np.median(to_published)),
        of_published_spread=(float(to_published.min()), float(to_published.max())),
        claim_of_raw=of_raw,
        claim_of_published=of_published,
    )


def main() -> None:
    """Print the table and the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--allocator", choices=["default", "tuned"], default="default")
    arguments = parser.parse_args()
    if arguments.allocator == "tuned":
        keep_memory()
    rows = [measure(name, arguments.repeats, arguments.seconds) for name in NETWORKS]
    print(
        f"allocator {arguments.allocator}, torch {torch.__version__}, "
        f"{torch.get_num_threads()} threads; samples per second, medians of {arguments.repeats}"
    )
    for row in rows:
        print(
            f"{row.network:20s} certify {row.certify:8,.0f} ({row.batch} {row.layout})"
            f"   raw {row.raw:8,.0f} ({row.raw_shape})   published {row.published:8,.0f}\n"
            f"{'':20s} of raw {row.of_raw:.2f} [{row.of_raw_spread[0]:.2f}, "
            f"{row.of_raw_spread[1]:.2f}]   of published {row.of_published:.2f} "
            f"[{row.of_published_spread[0]:.2f}, {row.of_published_spread[1]:.2f}]"
            f"   {'holds' if row.holds else 'DOES NOT HOLD'}"
        )
    print(json.dumps([{**asdict(row), "holds": row.holds} for row in rows]))


if __name__ == "__main__":
    main()
