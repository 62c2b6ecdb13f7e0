"""Claim: one driver with its store keeps hundreds of GPUs busy.

It stores at least 1,000 blocks of 1,024 samples per second, a million samples, for 10 and for
1,000 classes, in less than 1,000 bytes each, and reads as many. Votes are made up by an executor
that takes no time, so what is measured is all that the driver does: plans, bundles, packing,
transactions; but not how bundles travel. Plans that stop are measured too: their blocks are
smaller, down to 32 samples, and no claim is made of them.

    python benchmarks/store.py [--repeats 3] [--inputs 200] [--n 20000]
        [--block 32] [--bundle 16384]
"""

import argparse
import json
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

import certiball as cb
from certiball.certification.plan import Plan
from certiball.certification.target_radius import TargetRadius
from certiball.datasets.arrays import ArrayDataset
from certiball.execution import CHUNK
from certiball.executors import Bundle, Drawn, Work
from certiball.runs import execute as module
from certiball.runs.attempt import attempt
from certiball.runs.execute import execute
from certiball.runs.prepare import Job, prepare
from certiball.runs.progress import progress_of
from certiball.runs.read import read_run
from certiball.runs.store import FILE, open_for_reading
from certiball.shapes import Counts

BLOCKS, BYTES = 1000.0, 1000.0  # claimed, for a fixed number of samples


@dataclass(frozen=True, kw_only=True)
class Row:
    """One plan and number of classes.

    Args:
        plan: which.
        classes: how many.
        blocks: how many were stored.
        samples: how many votes those are.
        per_second: blocks per second, bundles and plans included; median.
        spread: the least and the most of the repeats.
        samples_per_second: the same in votes.
        bytes_per_block: of the file.
        begin: seconds until a finished run is known to be finished.
        read: blocks per second of reading with certificates.
    """

    plan: str
    classes: int
    blocks: int
    samples: int
    per_second: float
    spread: tuple[float, float]
    samples_per_second: float
    bytes_per_block: float
    begin: float
    read: float

    @property
    def holds(self) -> bool:
        """Whether the claim holds; none is made of plans that stop."""
        if not self.plan.startswith("FixedSamples"):
            return True
        quick = self.per_second >= BLOCKS and self.read >= BLOCKS
        return quick and self.bytes_per_block <= BYTES


@dataclass(kw_only=True)
class Instant:
    """Votes that were drawn before: a table of whole chunks, taken in turn."""

    work: Work
    table: Counts
    slots: int = 4
    waiting: deque[Bundle] = field(default_factory=deque)
    chunks: int = 0

    def submit(self, bundle: Bundle) -> None:
        """Keep a bundle."""
        self.waiting.append(bundle)

    def collect(self) -> Drawn:
        """Made-up votes, at once; seconds as of a fast worker, so that bundles are large."""
        bundle = self.waiting.popleft()
        labels = {} if bundle.blocks else dict.fromkeys(bundle.inputs, 0)
        votes = []
        for block in bundle.blocks:
            chunks = block.chunks(CHUNK)
            counts = self.table[np.arange(self.chunks, self.chunks + chunks) % len(self.table)]
            short = block.samples % CHUNK
            if short:
                counts[-1] = 0
                counts[-1, 0] = short
            self.chunks += chunks
            votes.append((block, counts))
        return Drawn(bundle=bundle.number, votes=tuple(votes), labels=labels, seconds=1e-3)


def one(plan: Plan, classes: int, inputs: int, block: int) -> Row:
    """Carry out a run and read it again."""
    g = cb.Smoothed(
        cb.FunctionClassifier(lambda x: [0] * len(x), classes, name="v1"),
        cb.Gaussian(sigma=0.5),
        space=cb.Grid.uint8(),
    )
    data = ArrayDataset(
        name="black",
        space=g.space,
        classes=tuple(map(str, range(classes))),
        inputs=np.zeros((inputs, 3, 32, 32), dtype=np.uint8),
        labels=np.zeros(inputs, dtype=np.int64),
    )
    job = Job(g=g, dataset=data, model_name="made up", plan=plan, batch=128, threads=1)
    generator = np.random.default_rng(1)
    shares = np.concatenate([[0.9], np.full(classes - 1, 0.1 / (classes - 1))])
    table = generator.multinomial(CHUNK, shares, 2**12).astype(np.int64)

    @contextmanager
    def instant(work: Work) -> Iterator[Instant]:
        yield Instant(work=work, table=table)

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        request = prepare(folder, job)
        request = replace(request, spec=replace(request.spec, block=block))
        with attempt(folder, request) as run:
            start = time.perf_counter()
            *_, progress = execute(run, g, data, executor=instant)
            seconds = time.perf_counter() - start
        size = (folder / FILE).stat().st_size
        with open_for_reading(folder) as connection:
            blocks = connection.execute("SELECT count(*) FROM blocks").fetchone()[0]
            start = time.perf_counter()
            assert progress_of(connection, request.spec, request.shard).complete
            begin = time.perf_counter() - start
        start = time.perf_counter()
        assert read_run(folder).complete
        read = time.perf_counter() - start
    return Row(
        plan=str(plan),
        classes=classes,
        blocks=blocks,
        samples=progress.done,
        per_second=blocks / seconds,
        spread=(0.0, 0.0),
        samples_per_second=progress.done / seconds,
        bytes_per_block=size / blocks,
        begin=begin,
        read=blocks / read,
    )


def measure(plan: Plan, classes: int, inputs: int, block: int, repeats: int) -> Row:
    """The median of a few runs."""
    rows = [one(plan, classes, inputs, block) for _ in range(repeats)]
    rates = sorted(row.per_second for row in rows)
    middle = min(rows, key=lambda row: abs(row.per_second - statistics.median(rates)))
    return Row(**{**asdict(middle), "spread": (rates[0], rates[-1])})


def main() -> None:
    """Print the table and the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--inputs", type=int, default=200)
    parser.add_argument("--n", type=int, default=20_000)
    parser.add_argument("--block", type=int, default=32, help="chunks of 32 samples")
    parser.add_argument("--bundle", type=int, default=16_384, help="samples, at most")
    arguments = parser.parse_args()
    module.LARGEST_BUNDLE = arguments.bundle
    plans: list[Plan] = [
        cb.FixedSamples(n=arguments.n),
        TargetRadius(radii=0.5, max_n=arguments.n),
    ]
    rows = [
        measure(plan, classes, arguments.inputs, arguments.block, arguments.repeats)
        for plan in plans
        for classes in (10, 1000)
    ]
    for row in rows:
        print(
            f"{row.plan:45s} {row.classes:5d} classes: {row.per_second:7,.0f} blocks/s "
            f"[{row.spread[0]:,.0f}, {row.spread[1]:,.0f}], {row.samples_per_second:11,.0f} "
            f"samples/s, {row.bytes_per_block:5,.0f} bytes per block of "
            f"{row.samples / row.blocks:,.0f} samples; finished known in {row.begin:.3f} s, "
            f"read {row.read:,.0f} blocks/s   {'holds' if row.holds else 'DOES NOT HOLD'}"
        )
    print(json.dumps([{**asdict(row), "holds": row.holds} for row in rows]))


if __name__ == "__main__":
    main()
