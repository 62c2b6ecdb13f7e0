"""Claim: two workers are worth .85 of what two independent processes are worth.

Two one-thread worker processes of a run draw, against one, at least .85 times as many samples as
two independent one-thread processes that do raw forward passes, against one. Everything has the
allocator setting of the command `certiball`, without which two processes gain nothing, and is
measured interleaved, in the same minutes. The run is whole: noise, votes, storing.

    python benchmarks/scaling.py [--repeats 5] [--seconds 8] [--network resnet20] [--batch 128]
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

import certiball as cb
from certiball.datasets.arrays import ArrayDataset
from certiball.executors.processes import processes
from certiball.models.architecture import Architecture, build
from certiball.process import settle_process
from certiball.runs.attempt import attempt
from certiball.runs.execute import execute
from certiball.runs.prepare import Job, prepare

SHAPES = {"resnet20": (3, 32, 32), "small-cnn": (1, 28, 28)}
CLAIMED = 0.85
READY, GO = "ready\n", b"go\n"  # from a child and to it


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Samples per second of one repeat, by one process or worker and by two."""

    raw_one: float
    raw_two: float
    run_one: float
    run_two: float

    @property
    def share(self) -> float:
        """The gain of two workers over one, as a share of the gain of two raw processes."""
        return (self.run_two / self.run_one) / (self.raw_two / self.raw_one)


def network(name: str) -> nn.Module:
    """A freshly initialised network."""
    shape = SHAPES[name]
    mean, std = (0.5,) * shape[0], (0.25,) * shape[0]
    architecture = Architecture(name=name, classes=10, shape=shape, mean=mean, std=std)
    return build(architecture, seed=0).eval()


def raw(name: str, batch: int, seconds: float) -> None:
    """Raw forward passes, from when the parent says so; prints the rate."""
    torch.set_num_threads(1)
    model = network(name).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    x = torch.rand(batch, *SHAPES[name]).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        for _ in range(3):
            model(x)
        sys.stdout.write(READY)
        sys.stdout.flush()
        sys.stdin.readline()
        done, start = 0, time.perf_counter()
        while time.perf_counter() - start < seconds:
            model(x)
            done += batch
        print(done / (time.perf_counter() - start))


def raw_rate(count: int, name: str, batch: int, seconds: float) -> float:
    """Images per second of so many independent processes together."""
    command = [sys.executable, __file__, "--network", name, "--batch", str(batch)]
    command += ["--seconds", str(seconds), "--raw"]
    children = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(count)
    ]
    for child in children:
        assert child.stdout is not None
        child.stdout.readline()
    return (
        sum(float(child.communicate(GO)[0]) for child in children) if count == 1 else _all(children)
    )


def _all(children: list["subprocess.Popen[bytes]"]) -> float:
    for child in children:  # all start before the first is waited for
        assert child.stdin is not None
        child.stdin.write(GO)
        child.stdin.flush()
    return sum(float(child.communicate()[0]) for child in children)


def run_rate(count: int, name: str, batch: int, seconds: float) -> float:
    """Samples per second of a run with so many workers, from its first stored votes on."""
    shape = SHAPES[name]
    data = ArrayDataset(
        name="noise",
        space=cb.Grid.uint8(),
        classes=tuple(map(str, range(10))),
        inputs=np.random.default_rng(0).integers(0, 256, (50, *shape)).astype(np.uint8),
        labels=np.zeros(50, dtype=np.int64),
    )
    classifier = cb.TorchClassifier(network(name), 10)
    job = Job(
        g=cb.Smoothed(classifier, cb.Gaussian(sigma=0.25), space=data.space),
        dataset=data,
        model_name=name,
        batch=batch,
        layout="channels_last",
        threads=1,
    )
    stamps: list[tuple[float, int]] = []
    with tempfile.TemporaryDirectory() as folder:
        request = prepare(Path(folder), job)
        with attempt(Path(folder), request) as run:
            open_executor = partial(processes, workers=count)
            for progress in execute(run, job.g, data, executor=open_executor):
                stamps.append((time.perf_counter(), progress.done))
                # The first bundles are short, and workers may start at different moments.
                settled = [stamp for stamp in stamps if stamp[1] > 0][2 * count :]
                if len(settled) > 2 and settled[-1][0] - settled[0][0] >= seconds:
                    break
    (begin, before), (end, after) = settled[0], settled[-1]
    return (after - before) / (end - begin)


def measure(name: str, batch: int, seconds: float) -> Rates:
    """One repeat: the four rates, one after the other."""
    return Rates(
        raw_one=raw_rate(1, name, batch, seconds),
        run_one=run_rate(1, name, batch, seconds),
        raw_two=raw_rate(2, name, batch, seconds),
        run_two=run_rate(2, name, batch, seconds),
    )


def main() -> None:
    """Print the table and the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--network", choices=list(SHAPES), default="resnet20")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--raw", action="store_true", help="what the children do")
    arguments = parser.parse_args()
    settle_process()
    if arguments.raw:
        raw(arguments.network, arguments.batch, arguments.seconds)
        return
    found = []
    for number in range(arguments.repeats):
        rates = measure(arguments.network, arguments.batch, arguments.seconds)
        found.append(rates)
        print(
            f"repeat {number + 1}: raw {rates.raw_one:,.0f} and {rates.raw_two:,.0f} "
            f"(× {rates.raw_two / rates.raw_one:.2f}), run {rates.run_one:,.0f} and "
            f"{rates.run_two:,.0f} (× {rates.run_two / rates.run_one:.2f}): {rates.share:.2f}",
            flush=True,
        )
    shares = sorted(rates.share for rates in found)
    median = statistics.median(shares)
    print(
        f"{arguments.network}, torch {torch.__version__}: two workers are worth {median:.2f} "
        f"[{shares[0]:.2f}, {shares[-1]:.2f}] of two processes (claimed {CLAIMED})   "
        f"{'holds' if median >= CLAIMED else 'DOES NOT HOLD'}"
    )
    rows = [{**asdict(rates), "share": rates.share} for rates in found]
    print(json.dumps({"median": median, "holds": median >= CLAIMED, "repeats": rows}))


if __name__ == "__main__":
    main()
