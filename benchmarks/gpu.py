"""Claim: on a GPU certification runs at .90 of the network's own forward pass or better.

For a ResNet-50-shaped network at 3×224×224 and the CIFAR ResNet-20 and ResNet-110 at 3×32×32, in
bfloat16 and float32, against the best raw forward pass of the same backend and precision on
batches that already lie on the card. And lattice noise, added and converted for the model, is made
on the card no slower than `torch.randn` plus add.

    python benchmarks/gpu.py [--repeats 5] [--seconds 1] [--backends eager,compile]
        [--networks "ResNet-50,ResNet-20,ResNet-110"] [--noise-only]

Interleaved repeats in one process; medians of the ratios of neighbouring measurements. Networks
are freshly initialised. TF32 is off, as it is in every run. Without a GPU it says so and ends.
"""

import argparse
import importlib.metadata
import importlib.util
import itertools
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor, nn

import certiball as cb
from certiball.classifiers.forward import converted, forward_of
from certiball.errors import BackendError, BatchError
from certiball.execution import CHUNK, Block, Execution
from certiball.models.architecture import Architecture, build
from certiball.samplers import LatticeSampler, sampler_for
from certiball.samplers.chunk import Chunk
from certiball.samplers.device import DeviceNoise, device_lattice
from certiball.samplers.on_device import noise_on
from certiball.samplers.streams import Phase, Stream
from certiball.sampling import count_votes, exact_kernels

SIGMA = 0.25
SHAPES = {"ResNet-50": (3, 224, 224), "ResNet-20": (3, 32, 32), "ResNet-110": (3, 32, 32)}
CLASSES = {"ResNet-50": 1000, "ResNet-20": 10, "ResNet-110": 10}
BATCHES = (128, 256, 512, 1024, 2048)
LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
SHORT = 0.2  # seconds, to choose a shape
OF_RAW, OF_RANDN = 0.90, 1.0  # claimed
ELEMENTS = 2**25  # of noise made at a time


class Bottleneck(nn.Module):
    """1×1, 3×3 and 1×1 convolutions around a shortcut (arXiv 1512.03385, figure 5)."""

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        after = 4 * width
        self.inside = nn.Sequential(
            *_normalised(before, width, 1, 1),
            nn.ReLU(inplace=True),
            *_normalised(width, width, 3, stride),
            nn.ReLU(inplace=True),
            *_normalised(width, after, 1, 1),
        )
        same = before == after and stride == 1
        self.shortcut = nn.Sequential(*(() if same else _normalised(before, after, 1, stride)))

    def forward(self, x: Tensor) -> Tensor:
        """Shape (n, before, H, W) to (n, 4 · width, H/stride, W/stride)."""
        return torch.relu(self.inside(x) + self.shortcut(x))


def _normalised(before: int, after: int, size: int, stride: int) -> tuple[nn.Module, nn.Module]:
    conv = nn.Conv2d(before, after, size, stride, padding=size // 2, bias=False)
    return conv, nn.BatchNorm2d(after)


def bottleneck_network(blocks: Sequence[int], classes: int) -> nn.Module:
    """The layers of ResNet-50 for blocks (3, 4, 6, 3)."""
    layers: list[nn.Module] = [*_normalised(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    before = 64
    for stage, count in enumerate(blocks):
        width = 64 * 2**stage
        for number in range(count):
            layers.append(Bottleneck(before, width, 2 if stage and not number else 1))
            before = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, classes))


def network(name: str) -> nn.Module:
    """A freshly initialised network."""
    if name == "ResNet-50":
        torch.manual_seed(0)
        return bottleneck_network((3, 4, 6, 3), CLASSES[name]).eval()
    kind = name.lower().replace("-", "")
    architecture = Architecture(
        name=kind, classes=10, shape=SHAPES[name], mean=(0.5,) * 3, std=(0.25,) * 3
    )
    return build(architecture, seed=0).eval()


Work: TypeAlias = Callable[[int], int]  # does at least so many samples, returns how many


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is measured, and where.

    Args:
        name: of the network.
        g: the smoothed classifier, its network on the device.
        level: one input.
        device: where noise is made.
        batches: sizes to choose from.
    """

    name: str
    g: cb.Smoothed
    level: np.ndarray
    device: torch.device
    batches: tuple[int, ...] = BATCHES

    @property
    def classifier(self) -> cb.TorchClassifier:
        """The base classifier."""
        assert isinstance(self.g.classifier, cb.TorchClassifier)
        return self.g.classifier

    def shapes(self) -> list[tuple[int, str]]:
        """Sizes and layouts to choose from; few where each is compiled for itself."""
        if self.classifier.backend == "compile":
            return [(size, "channels_last") for size in self.batches[1:4:2]]
        return [(size, layout) for layout in LAYOUTS for size in self.batches]


def subject(name: str, dtype: str, backend: str, device: torch.device) -> Subject:
    """A network of the table on a device."""
    classifier = cb.TorchClassifier(
        network(name).to(device), CLASSES[name], backend=backend, dtype=dtype
    )
    g = cb.Smoothed(classifier, cb.Gaussian(sigma=SIGMA), space=cb.Grid.uint8())
    level = np.random.default_rng(0).integers(0, 256, SHAPES[name])
    return Subject(name=name, g=g, level=level, device=device)


@dataclass(frozen=True, kw_only=True)
class Row:
    """Samples per second of one network, and the ratio: median, least, greatest."""

    network: str
    dtype: str
    backend: str
    certify: float
    certify_shape: str
    raw: float
    raw_shape: str
    of_raw: tuple[float, float, float]

    @property
    def holds(self) -> bool:
        """Whether the claim holds here."""
        return self.of_raw[0] >= OF_RAW


def seconds_of(work: Callable[[], object], device: torch.device) -> float:
    """Seconds until the device is done with it."""
    _wait(device)
    start = time.perf_counter()
    work()
    _wait(device)
    return time.perf_counter() - start


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def rate(work: Work, device: torch.device, seconds: float) -> float:
    """Samples per second."""
    least = work(1)  # builds and allocates
    once = seconds_of(partial(work, least), device)
    many = least * math.ceil(seconds / once)
    return many / seconds_of(partial(work, many), device)


def raw_work(s: Subject, size: int, layout: str) -> Work:
    """Forward passes of one prepared batch, nothing else."""
    model = converted(s.classifier.model, s.classifier.dtype)
    forward = forward_of(model, s.classifier.backend)
    images = torch.rand(size, *s.level.shape, device=s.device)
    weight = next(model.parameters())
    batch = images.to(weight.dtype).contiguous(memory_format=LAYOUTS[layout])

    def work(samples: int) -> int:
        with exact_kernels(torch.get_num_threads()):
            for _ in range(-(-samples // size)):
                forward(batch)
        return -(-samples // size) * size

    return work


def certify_work(s: Subject, size: int, layout: str) -> Work:
    """The library's own loop on one input."""
    execution = Execution(batch=size, layout=layout)

    def work(samples: int) -> int:
        whole = -(-samples // size) * size
        block = Block(input=0, phase=Phase.ESTIMATION, first=0, samples=whole)
        count_votes(s.g, {0: s.level}, [block], 1, execution, s.device)
        return whole

    return work


def best(s: Subject, work_of: Callable[[Subject, int, str], Work]) -> tuple[Work, str]:
    """Work in the fastest shape, and that; a shape that does not fit into memory is none."""
    found: tuple[float, Work, str] | None = None
    for size, layout in s.shapes():
        try:
            work = work_of(s, size, layout)
            each = rate(work, s.device, SHORT)
        except (BatchError, torch.OutOfMemoryError):
            continue
        if found is None or each > found[0]:
            found = each, work, f"{size} {layout}"
    if found is None:
        raise SystemExit(f"no batch of {s.name} fits into memory")
    return found[1:]


def measure(s: Subject, repeats: int, seconds: float) -> Row:
    """Interleaved repeats of both loops."""
    raw, raw_shape = best(s, raw_work)
    certify, certify_shape = best(s, certify_work)
    pairs = [
        (rate(certify, s.device, seconds), rate(raw, s.device, seconds)) for _ in range(repeats)
    ]
    return Row(
        network=s.name,
        dtype=str(s.classifier.dtype),
        backend=s.classifier.backend,
        certify=statistics.median(ours for ours, _ in pairs),
        certify_shape=certify_shape,
        raw=statistics.median(theirs for _, theirs in pairs),
        raw_shape=raw_shape,
        of_raw=spread([ours / theirs for ours, theirs in pairs]),
    )


def spread(ratios: list[float]) -> tuple[float, float, float]:
    """Median, least and greatest."""
    return statistics.median(ratios), min(ratios), max(ratios)


@dataclass(frozen=True, kw_only=True)
class NoiseRow:
    """Billion numbers per second: ours in use, ours by torch operations, and randn plus add."""

    features: int
    made_by: str
    lattice: float
    operations: float
    randn: float
    of_randn: tuple[float, float, float]

    @property
    def holds(self) -> bool:
        """Whether the claim holds here."""
        return self.of_randn[0] >= OF_RANDN


def noise_work(noise: DeviceNoise, features: int, elements: int) -> Work:
    """Chunks of one input drawn into the same rows; counts numbers, not samples."""
    chunks = max(1, elements // (CHUNK * features))
    rows = torch.empty(chunks * CHUNK, features, device=noise.device)
    clean = np.random.default_rng(0).integers(0, 256, features)

    def work(numbers: int) -> int:
        times = -(-numbers // rows.numel())
        for time_ in range(times):
            drawn = []
            for place in range(chunks):
                number = time_ * chunks + place
                stream = Stream(key=1, phase=Phase.ESTIMATION, input=0, chunk=number)
                chunk = Chunk(slot=0, stream=stream, clean=clean, samples=CHUNK)
                drawn.append((place * CHUNK, chunk))
            noise.fill(rows, drawn)
        return times * rows.numel()

    return work


def randn_work(features: int, elements: int, device: torch.device) -> Work:
    """The usual noise, of as many numbers."""
    rows = torch.empty(max(1, elements // (CHUNK * features)) * CHUNK, features, device=device)
    x = torch.rand(features, device=device)

    def work(numbers: int) -> int:
        times = -(-numbers // rows.numel())
        for _ in range(times):
            torch.randn(rows.shape, out=rows)
            rows.mul_(SIGMA).add_(x)
        return times * rows.numel()

    return work


def measure_noise(
    features: int, device: torch.device, repeats: int, seconds: float, elements: int = ELEMENTS
) -> NoiseRow:
    """Interleaved repeats of the three ways."""
    sampler = sampler_for(cb.Gaussian(sigma=SIGMA), cb.Grid.uint8(), (features,))
    assert isinstance(sampler, LatticeSampler)
    used = noise_on(device, sampler)
    if used is None:
        raise SystemExit(f"no noise on {device} has the bits of the host")
    works = [
        noise_work(used, features, elements),
        noise_work(device_lattice(sampler, device), features, elements),
        randn_work(features, elements, device),
    ]
    rates = [[rate(work, device, seconds) / 1e9 for work in works] for _ in range(repeats)]
    lattice, operations, randn = (statistics.median(way) for way in zip(*rates, strict=True))
    return NoiseRow(
        features=features,
        made_by=type(used).__name__,
        lattice=lattice,
        operations=operations,
        randn=randn,
        of_randn=spread([ours / theirs for ours, _, theirs in rates]),
    )


def show_noise(row: NoiseRow) -> None:
    """A row for people."""
    print(
        f"noise of {row.features:7,} features   {row.made_by} {row.lattice:.1f}   torch operations "
        f"{row.operations:.1f}   randn + add {row.randn:.1f} billion numbers per second   ratio "
        f"{_ratio(row.of_randn)}  {'holds' if row.holds else 'DOES NOT HOLD'}",
        flush=True,
    )


def show(row: Row) -> None:
    """A row for people."""
    print(
        f"{row.network:10} {row.dtype:8} {row.backend:8} certify {row.certify:9,.0f} "
        f"({row.certify_shape})   raw {row.raw:9,.0f} ({row.raw_shape}) samples per second   "
        f"of raw {_ratio(row.of_raw)}  {'holds' if row.holds else 'DOES NOT HOLD'}",
        flush=True,
    )


def _ratio(three: tuple[float, float, float]) -> str:
    return f"{three[0]:.2f} [{three[1]:.2f}, {three[2]:.2f}]"


def card() -> str:
    """The card and what drives it."""
    found = importlib.util.find_spec("triton") is not None
    triton = importlib.metadata.version("triton") if found else "none"
    name = torch.cuda.get_device_name()
    return f"{name}, torch {torch.__version__}, CUDA {torch.version.cuda}, triton {triton}"


def main() -> None:
    """Print the tables and the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="per measurement")
    parser.add_argument("--networks", default=",".join(SHAPES))
    parser.add_argument("--backends", default="eager,compile")
    parser.add_argument("--noise-only", action="store_true")
    arguments = parser.parse_args()
    if not torch.cuda.is_available():
        print("no GPU: torch sees no CUDA device here; run this on a machine with one")
        sys.exit(2)
    device = torch.device("cuda", torch.cuda.current_device())
    print(f"{card()}; medians of {arguments.repeats}", flush=True)
    noise = []
    for features in (3072, 150_528):
        noise.append(measure_noise(features, device, arguments.repeats, arguments.seconds))
        show_noise(noise[-1])
    rows = []
    names = [] if arguments.noise_only else arguments.networks.split(",")
    for name, dtype, backend in itertools.product(
        names, ("bfloat16", "float32"), arguments.backends.split(",")
    ):
        s = subject(name, dtype, backend, device)
        try:
            rows.append(measure(s, arguments.repeats, arguments.seconds))
        except BackendError as error:
            print(f"{name} {dtype} {backend}: {error}", flush=True)
            continue
        show(rows[-1])
        torch.cuda.empty_cache()
    tables = {
        "rates": [asdict(row) | {"holds": row.holds} for row in rows],
        "noise": [asdict(row) | {"holds": row.holds} for row in noise],
    }
    print(json.dumps({"card": card()} | tables))


if __name__ == "__main__":
    main()
