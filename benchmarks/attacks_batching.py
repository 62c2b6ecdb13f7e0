"""Claim: 32 inputs at once are attacked at least 5 times faster per input than one at a time.

For RayS, SurFree and the Boundary Attack, which ask one question at a time, on the 28×28 CNN
smoothed with n = 1; for HopSkipJump, which asks a hundred at a time, at least 1.5 times. And what
is found is the same: that is looked at on a network whose sums are exact, for others give other
bits in batches of other shapes.

    python benchmarks/attacks_batching.py [--repeats 5] [--queries 300] [--inputs 32] [--threads 1]

Both are measured in one process, interleaved, and compared by the median of the ratios. A second
table says what a question of 32 inputs at once costs beside the raw forward passes of as many rows,
for the network without noise and with n votes.
"""

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache, partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import certiball as cb
from certiball.attacks.attacked import Attacked
from certiball.attacks.boundary import BoundaryAttack
from certiball.attacks.hop_skip_jump import HopSkipJump
from certiball.attacks.oracle import BaseOracle, Oracle, Questions, SmoothedOracle
from certiball.attacks.rays import RayS
from certiball.attacks.surfree import SurFree
from certiball.models.architecture import Architecture, build
from certiball.models.small_cnn import small_cnn

CLAIMED = {"RayS": 5.0, "SurFree": 5.0, "Boundary": 5.0, "HSJA": 1.5}
ATTACKS: dict[str, Any] = {
    "RayS": RayS(),
    "SurFree": SurFree(),
    "Boundary": BoundaryAttack(),
    "HSJA": HopSkipJump(),
}
SHAPE = (1, 28, 28)
SIGMA = 0.25
SEED = 1
ALONE = 4  # inputs attacked one at a time
CHOSEN_OF, LOOKS = 8, 25  # pictures for each that is attacked, and votes on each
SHIFT = 8.0  # what sums are divided by between layers, so that the next are exact as well


@dataclass(frozen=True, kw_only=True)
class Row:
    """One attack: seconds for each question, and how much faster many at once are."""

    attack: str
    together: float
    alone: float
    ratio: tuple[float, float, float]  # median, least, greatest
    same: bool

    @property
    def holds(self) -> bool:
        """Whether the claim holds."""
        return self.same and self.ratio[0] >= CLAIMED[self.attack]


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a question costs, in seconds, and the raw forward passes of as many rows."""

    oracle: str
    question: float
    raw: float

    @property
    def ratio(self) -> float:
        """How many times the raw passes."""
        return self.question / self.raw


def clock() -> float:
    """Seconds; of this process alone where it has one thread, so that no other disturbs it."""
    return time.process_time() if torch.get_num_threads() == 1 else time.perf_counter()


def network() -> nn.Sequential:
    """The 28×28 CNN, freshly initialised."""
    named = Architecture(name="small-cnn", classes=10, shape=SHAPE, mean=(0.5,), std=(0.25,))
    return build(named, seed=0).eval()


class Exact(nn.Module):
    """The same network with weights −1, 0 and 1 on whole numbers: float32 holds every sum."""

    def __init__(self) -> None:
        super().__init__()
        random = torch.Generator().manual_seed(SEED)
        self.layers = small_cnn(10, SHAPE)
        for weight in self.layers.parameters():
            weight.requires_grad_(False)
            weight.copy_(torch.randint(-1, 2, weight.shape, generator=random))
        last = self.layers[-1]
        usual = self(torch.rand(101, *SHAPE, generator=random)).median(0).values
        last.bias -= usual  # so that every class has its part of the pictures

    def forward(self, batch: Tensor) -> Tensor:
        """Scores, whole numbers below 2²⁴."""
        values = torch.round(batch * 255)
        for layer in self.layers:
            values = layer(values)
            if isinstance(layer, nn.ReLU):
                values = torch.floor(values / SHIFT)
        return values


@cache
def inputs_of(model: nn.Module, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Random pictures as levels, those of many that noise moves least, and their classes."""
    levels = np.random.default_rng(0).integers(0, 256, (CHOSEN_OF * count, *SHAPE))
    order = np.arange(len(levels))
    counts = oracle_of(model, LOOKS).counts(
        Questions(points=levels, owners=order, numbers=np.zeros_like(order))
    )
    chosen = np.argsort(-counts.max(axis=1), kind="stable")[:count]
    return levels[chosen], counts[chosen].argmax(axis=1)


def oracle_of(model: nn.Module, n: int) -> Oracle:
    """The smoothed model with n votes; the model itself for n = 0."""
    classifier, space = cb.TorchClassifier(model, 10), cb.Grid.uint8()
    if n == 0:
        return BaseOracle(classifier, space)
    g = cb.Smoothed(classifier, cb.Gaussian(sigma=SIGMA), space=space)
    return SmoothedOracle(g, n, seed=SEED)


def run(attack: Any, model: nn.Module, n: int, rows: slice, inputs: int, queries: int) -> Attacked:
    """Attack some of so many inputs; what is random hangs on their numbers within the slice."""
    levels, labels = (each[rows] for each in inputs_of(model, inputs))
    found: Attacked = attack(oracle_of(model, n), levels, labels, max_queries=queries, seed=SEED)
    return found


def per_question(call: Callable[[], Attacked]) -> float:
    """Seconds for each question."""
    start = clock()
    found = call()
    return (clock() - start) / int(found.queries.sum())


def measure(name: str, inputs: int, queries: int, repeats: int) -> Row:
    """Interleaved repeats of both for one attack."""
    attack, model = ATTACKS[name], network()
    inputs_of(model, inputs)

    def alone() -> float:
        singles = [slice(number, number + 1) for number in range(min(ALONE, inputs))]
        calls = [partial(run, attack, model, 1, one, inputs, queries) for one in singles]
        return statistics.mean(per_question(call) for call in calls)

    together = partial(run, attack, model, 1, slice(inputs), inputs, queries)
    together()
    times = np.array([(per_question(together), alone()) for _ in range(repeats)])
    ratios = times[:, 1] / times[:, 0]
    return Row(
        attack=name,
        together=statistics.median(times[:, 0].tolist()),
        alone=statistics.median(times[:, 1].tolist()),
        ratio=(statistics.median(ratios.tolist()), float(ratios.min()), float(ratios.max())),
        same=same(attack, inputs, queries),
    )


def same(attack: Any, inputs: int, queries: int) -> bool:
    """Whether the first input is attacked as it is alone, on the exact network."""
    model = Exact().eval()
    alone = run(attack, model, 1, slice(1), inputs, queries)
    together = run(attack, model, 1, slice(inputs), inputs, queries)
    return bool(
        np.array_equal(alone.raw[0], together.raw[0])
        and alone.history[0] == together.history[0]
        and alone.queries[0] == together.queries[0]
    )


def costs(inputs: int, queries: int, repeats: int) -> list[Cost]:
    """A whole campaign of RayS on so many inputs, beside the forward passes that it asked for."""
    model = network()
    rows = []
    for n in (0, 1, 10):
        campaign = partial(run, RayS(), model, n, slice(inputs), inputs, queries)
        passes = partial(raw, model, inputs * max(1, n), 40 if n < 10 else 10)
        times = np.array([(per_question(campaign), passes()) for _ in range(repeats)])
        question, forwards = np.median(times, axis=0)
        name = f"{n} votes" if n else "no noise"
        rows.append(Cost(oracle=name, question=float(question), raw=float(forwards) * max(1, n)))
    return rows


@torch.inference_mode()
def raw(model: nn.Module, rows: int, repeats: int) -> float:
    """Seconds for each row in forward passes of a prepared batch, nothing else."""
    batch = torch.rand(min(rows, 128), *SHAPE)
    model(batch)
    start = clock()
    for _ in range(repeats):
        model(batch)
    return (clock() - start) / (repeats * len(batch))


def main() -> int:
    """Print the tables and the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--queries", type=int, default=300)
    parser.add_argument("--inputs", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    print(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads, load "
        f"{os.getloadavg()[0]:.1f}; microseconds for one question, medians of {arguments.repeats}",
        flush=True,
    )
    found = []
    for name in ATTACKS:
        row = measure(name, arguments.inputs, arguments.queries, arguments.repeats)
        found.append(row)
        middle, least, greatest = row.ratio
        print(
            f"{row.attack:9} {arguments.inputs} at once {row.together * 1e6:7.0f}  alone "
            f"{row.alone * 1e6:7.0f}  ratio {middle:.1f} [{least:.1f}, {greatest:.1f}]  "
            f"{'same' if row.same else 'NOT THE SAME'}  "
            f"{'holds' if row.holds else 'DOES NOT HOLD'} ({CLAIMED[row.attack]:g})",
            flush=True,
        )
    prices = costs(arguments.inputs, arguments.queries, arguments.repeats)
    for cost in prices:
        print(
            f"RayS, {cost.oracle:8}  {cost.question * 1e6:7.0f} for each question  raw "
            f"{cost.raw * 1e6:7.0f}  {cost.ratio:.2f} times",
            flush=True,
        )
    rows = [asdict(row) | {"holds": row.holds} for row in found]
    print(json.dumps({"attacks": rows, "costs": [asdict(cost) for cost in prices]}))
    return 0 if all(row.holds for row in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
