"""Claim: certification runs at the speed of the model's own forward pass, on the fastest backend.

On a CIFAR ResNet-20, on the CPU: at least .90 of the best raw forward rate of the same backend,
and at least 3.5 times the procedure of 2019 as it was published (one input, batches of 1,000,
floating-point `randn`, votes counted in a Python loop) in float32 with `--backend auto`. With
`--dtype bfloat16 --backend compile` at least 7 times that, on processors that multiply bfloat16
matrices faster than float32: the first line says by how much this one does.

All are measured in one process under one allocator setting, interleaved, and compared by the
median of the ratios of neighbouring measurements. A second table has one input with n samples.

    python benchmarks/throughput.py [--repeats 5] [--seconds 2] [--allocator default|tuned]
        [--networks "ResNet-20,28×28 CNN"] [--longest 30] [--float32-only]

The allocator is that of any Python program by default; "tuned" is what the command `certiball` sets
for its own process, and a library must not. It makes the published loop with its large batches
faster too.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

import certiball as cb
from certiball.classifiers.backend import backend, lanes_of
from certiball.classifiers.forward import DTYPES, converted, forward_of
from certiball.execution import Block
from certiball.models.architecture import Architecture, build
from certiball.process import keep_memory
from certiball.samplers.streams import Phase
from certiball.sampling import count_votes, exact_kernels
from certiball.tuning import BATCHES, COMPILED, FEW_BATCHES, Tuned, fastest, fastest_compiled

SIGMA = 0.25
NETWORKS = {
    "digits CNN": ("small-cnn", (1, 8, 8)),
    "28×28 CNN": ("small-cnn", (1, 28, 28)),
    "ResNet-20": ("resnet20", (3, 32, 32)),
    "ResNet-110": ("resnet110", (3, 32, 32)),
}
CLAIMED = {("ResNet-20", "float32"): (0.90, 3.5), ("ResNet-20", "bfloat16"): (None, 7.0)}
LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
NUMBERS = (1_000, 10_000, 100_000)
SHORT = 0.3  # seconds for a look at a shape
LONG = 10**9  # samples: long enough for every backend to be tried


@dataclass(frozen=True, kw_only=True)
class Row:
    """One network in one precision: samples per second, and ratios with their spread."""

    network: str
    backend: str
    shape: str
    threads: int
    certify: float
    raw: float
    published: float
    of_raw: tuple[float, float, float]  # median, least, greatest
    of_published: tuple[float, float, float]
    claimed: tuple[float | None, float | None]

    @property
    def holds(self) -> bool | None:
        """Whether what is claimed for this row holds; None where nothing is."""
        if self.claimed == (None, None):
            return None
        pairs = zip((self.of_raw[0], self.of_published[0]), self.claimed, strict=True)
        return all(claimed is None or found >= claimed for found, claimed in pairs)


def network(name: str) -> tuple[nn.Module, np.ndarray]:
    """A freshly initialised network, and one input for it as levels."""
    kind, shape = NETWORKS[name]
    mean, std = (0.5,) * shape[0], (0.25,) * shape[0]
    architecture = Architecture(name=kind, classes=10, shape=shape, mean=mean, std=std)
    return build(architecture, seed=0).eval(), np.random.default_rng(0).integers(0, 256, shape)


def smoothed(model: nn.Module, dtype: str) -> cb.Smoothed:
    """The smoothed classifier of the claim."""
    classifier = cb.TorchClassifier(model, 10, dtype=dtype)
    return cb.Smoothed(classifier, cb.Gaussian(sigma=SIGMA), space=cb.Grid.uint8())


def raw_rate(forward: Callable[[Tensor], Tensor], batch: Tensor, lanes: int, secs: float) -> float:
    """Forward passes of one prepared batch, nothing else, by threads that have a part each."""
    parts = [
        part.contiguous(memory_format=LAYOUTS[layout_of(batch)]) for part in batch.chunk(lanes)
    ]
    with exact_kernels(torch.get_num_threads() // lanes), ThreadPoolExecutor(lanes) as pool:
        forward(parts[0])
        start = time.perf_counter()
        done = sum(pool.map(partial(raw_rows, forward, until=start + secs), parts))
        return done / (time.perf_counter() - start)


@torch.inference_mode()
def raw_rows(forward: Callable[[Tensor], Tensor], batch: Tensor, until: float) -> int:
    """How many rows one thread gets through by then, and at least one batch."""
    done = 0
    while done == 0 or time.perf_counter() < until:
        forward(batch)
        done += len(batch)
    return done


def layout_of(batch: Tensor) -> str:
    """How a batch lies in memory."""
    return "contiguous" if batch.is_contiguous() else "channels_last"


def best_raw(found: Tuned, shape: tuple[int, ...]) -> Callable[[float], float]:
    """The raw forward of the same backend, at the best of the shapes that tuning chooses from."""
    classifier, execution = found.g.classifier, found.execution
    assert isinstance(classifier, cb.TorchClassifier)
    dtype = classifier.dtype or "float32"
    forward = forward_of(converted(classifier.model, dtype), classifier.backend)
    sizes: tuple[int, ...] = BATCHES
    layouts: tuple[str, ...] = tuple(LAYOUTS)
    if classifier.backend in COMPILED:  # each shape takes long to build
        sizes, layouts = tuple({execution.batch, *FEW_BATCHES}), (execution.layout,)
    rates: list[tuple[float, Tensor, int]] = []
    for layout in layouts:
        for size in sizes:
            batch = torch.rand(size, *shape).to(DTYPES[dtype])
            batch = batch.contiguous(memory_format=LAYOUTS[layout])
            lanes = lanes_of(classifier, size, torch.get_num_threads())
            rates.append((raw_rate(forward, batch, lanes, SHORT), batch, lanes))
    _, batch, lanes = max(rates, key=lambda found: found[0])
    return partial(raw_rate, forward, batch, lanes)


def certify_rate(found: Tuned, level: np.ndarray, seconds: float) -> float:
    """Samples per second of the library's own loop on one input."""
    samples = found.execution.batch * 16
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        certify_once(found, level, samples)
        done += samples
    return done / (time.perf_counter() - start)


def certify_once(found: Tuned, level: np.ndarray, samples: int) -> None:
    """So many votes for one input."""
    block = Block(input=0, phase=Phase.ESTIMATION, first=0, samples=samples)
    count_votes(found.g, {0: level}, [block], 1, found.execution)


def published_rate(model: nn.Module, x: Tensor, seconds: float) -> float:
    """Samples per second of the published loop."""
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        published_once(model, x, 1000)
        done += 1000
    return done / (time.perf_counter() - start)


def published_once(model: nn.Module, x: Tensor, samples: int) -> None:
    """So many votes by the published loop: repeat, randn_like, argmax, one step per vote."""
    counts = np.zeros(10, dtype=int)
    with torch.no_grad():
        for _ in range(samples // 1000):
            batch = x.repeat((1000, 1, 1, 1))
            noise = torch.randn_like(batch) * SIGMA
            predictions = model(batch + noise).argmax(1)
            for label in predictions.cpu().numpy():
                counts[label] += 1


def tune_both(name: str, float32_only: bool) -> dict[str, Tuned]:
    """What `--backend auto` finds in float32, and `--backend compile` in bfloat16."""
    model, level = network(name)
    found = {"float32": fastest(smoothed(model, "float32"), level, LONG)}
    if not float32_only:
        found["bfloat16"] = fastest_compiled(smoothed(model, "bfloat16"), level)
    return found


def measure(name: str, tuned: dict[str, Tuned], repeats: int, seconds: float) -> list[Row]:
    """Interleaved repeats of all the loops for one network."""
    model, level = network(name)
    x = torch.rand(level.shape)
    loops: list[Callable[[], float]] = [partial(published_rate, model, x, seconds)]
    for found in tuned.values():
        raw = best_raw(found, level.shape)
        loops += [partial(raw, seconds), partial(certify_rate, found, level, seconds)]
    rates = np.array([[loop() for loop in loops] for _ in range(repeats)])
    published = rates[:, 0]
    return [
        Row(
            network=name,
            backend=backend(found.g.classifier),
            shape=f"{found.execution.batch} {found.execution.layout}",
            threads=found.execution.threads,
            certify=statistics.median(certify.tolist()),
            raw=statistics.median(raw.tolist()),
            published=statistics.median(published.tolist()),
            of_raw=spread(certify / raw),
            of_published=spread(certify / published),
            claimed=CLAIMED.get((name, dtype), (None, None)),
        )
        for (dtype, found), raw, certify in zip(
            tuned.items(), rates.T[1::2], rates.T[2::2], strict=True
        )
    ]


def spread(ratios: np.ndarray) -> tuple[float, float, float]:
    """Median, least and greatest."""
    return float(np.median(ratios)), float(ratios.min()), float(ratios.max())


def one_input(name: str, found: Tuned, longest: float) -> dict[int, tuple[float, float] | None]:
    """Seconds for one input with n samples, ours and the published loop's; None where too long."""
    model, level = network(name)
    x = torch.rand(level.shape)
    slow = published_rate(model, x, SHORT)
    table: dict[int, tuple[float, float] | None] = {}
    for n in NUMBERS:
        table[n] = None
        if n / slow <= longest:
            ours = seconds_of(partial(certify_once, found, level, n))
            theirs = seconds_of(partial(published_once, model, x, n))
            table[n] = (ours, theirs)
    return table


def seconds_of(work: Callable[[], object]) -> float:
    """Seconds that it takes, once."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def bfloat16_gain() -> float:
    """How much faster this processor multiplies bfloat16 matrices than float32 ones."""
    rates = []
    for dtype in (torch.float32, torch.bfloat16):
        a = torch.rand(1024, 1024).to(dtype)
        torch.mm(a, a)
        rates.append(min(seconds_of(partial(torch.mm, a, a)) for _ in range(20)))
    return rates[0] / rates[1]


def show(row: Row) -> None:
    """A row for people."""
    verdict = {True: "holds", False: "DOES NOT HOLD", None: ""}[row.holds]
    raw, published = row.of_raw, row.of_published
    print(
        f"{row.network:11} {row.backend:38} certify {row.certify:9,.0f} ({row.shape}, "
        f"{row.threads} threads)  raw {row.raw:9,.0f}  published {row.published:8,.0f}\n"
        f"{'':11} of raw {raw[0]:.2f} [{raw[1]:.2f}, {raw[2]:.2f}]  "
        f"of published {published[0]:.1f} [{published[1]:.1f}, {published[2]:.1f}]  {verdict}",
        flush=True,
    )


def main() -> None:
    """Print the tables and the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="per measurement")
    parser.add_argument("--longest", type=float, default=30.0, help="of the published loop, for n")
    parser.add_argument("--allocator", choices=["default", "tuned"], default="default")
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--float32-only", action="store_true")
    arguments = parser.parse_args()
    if arguments.allocator == "tuned":
        keep_memory()
    print(
        f"allocator {arguments.allocator}, torch {torch.__version__}, "
        f"{torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f}, bfloat16 matrices "
        f"{bfloat16_gain():.2f} times as fast as float32; samples per second, medians of "
        f"{arguments.repeats}",
        flush=True,
    )
    rows: list[Row] = []
    tables = {}
    for name in arguments.networks.split(","):
        tuned = tune_both(name, arguments.float32_only)
        for row in measure(name, tuned, arguments.repeats, arguments.seconds):
            rows.append(row)
            show(row)
        tables[name] = one_input(name, tuned["float32"], arguments.longest)
    print(
        f"seconds for one input with n samples, ours and published (load {os.getloadavg()[0]:.1f})"
    )
    for name, table in tables.items():
        cells = (
            f"n={n:,}: " + (f"{times[0]:.2f} and {times[1]:.2f}" if times else "too long")
            for n, times in table.items()
        )
        print(f"{name:11} {'   '.join(cells)}")
    print(json.dumps({"rates": [asdict(r) | {"holds": r.holds} for r in rows], "inputs": tables}))


if __name__ == "__main__":
    main()
