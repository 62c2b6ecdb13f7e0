"""Claim: what looks like robustness of a smoothed model is an attack that fails.

On half-spaces everything is known: the smoothed classifier is the classifier itself, the certified
radius is the true distance, and votes are drawn from the binomial law (`LinearOracle`), without a
model. Distances below are in true ones, means over the inputs: as the attack reports them; rescaled
along the same ray to the true boundary; and where fresh votes confirm with a confidence bound that
the answer is more often than not adversarial (`verify`). d = 3072, 2,000 queries, σ = .25.

    plain     HopSkipJump without noise ends at most 2.2 times as far as the boundary.
    published With noise, n ∈ {1, 10, 100}, it reports 10 to 25 times the true distance.
    adaptive  With probes as large as the noise (probe_deviation = σ) it reports at most 3 times,
              and at most 4 after rescaling.
    grid      Rounding to 8 bits costs it nothing without noise: at most 2.2 times, too.
    others    RayS and SurFree, of which nothing is claimed: how far off, and how much of what
              they report is confirmed. Their keep-if-closer believes lucky answers.

    python benchmarks/attacks_linear.py [--parts plain published adaptive grid others]
        [--classifiers 5] [--inputs 10] [--queries 2000] [--dimension 3072] [--seed 1]
"""

import argparse
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from certiball.attacks.hop_skip_jump import HopSkipJump
from certiball.attacks.judging.judgement import Level
from certiball.attacks.judging.verify import verify_attacked
from certiball.attacks.linear import LinearOracle
from certiball.attacks.rays import RayS
from certiball.attacks.search.ask import QueryAttack
from certiball.attacks.search.scheduler import attack_all
from certiball.attacks.surfree import SurFree
from certiball.balls import Norm
from certiball.shapes import Array
from certiball.spaces import Grid, Reals, Space

SIGMA = 0.25
VOTES = (1, 10, 100)
BOX = Reals(low=0.0, high=1.0)
DISTANCE = 1.0  # of every input from the boundary
PARTS = ("plain", "published", "adaptive", "grid", "others")


@dataclass(frozen=True, kw_only=True)
class Subject:
    """How much is measured."""

    classifiers: int
    inputs: int
    queries: int
    dimension: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table; `holds` is None where nothing is claimed."""

    part: str
    what: str
    figures: dict[str, float]
    holds: bool | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Half:
    """A half-space, and inputs of class 1 at the distance from its boundary."""

    weights: Array
    bias: float
    inputs: Array
    space: Space

    def oracle(self, n: int, seed: int) -> LinearOracle:
        """Majorities of n votes, or the class itself for n = 0."""
        return LinearOracle(
            weights=self.weights,
            bias=self.bias,
            sigma=SIGMA if n else 0.0,
            n=max(n, 1),
            seed=seed,
            space=self.space,
        )


def half_space(subject: Subject, number: int, space: Space) -> Half:
    """Random weights, and a boundary through the middle of the box.

    The inputs are uniform in the middle of the box, moved along the weights to the distance.
    """
    rng = np.random.default_rng([subject.seed, number])
    shape = picture(subject.dimension)
    weights = rng.standard_normal(shape)
    weights /= np.linalg.norm(weights)
    bias = -float(weights.sum()) / 2
    x = rng.uniform(0.15, 0.85, (subject.inputs, *shape))
    margins = np.tensordot(x, weights, axes=len(shape)) + bias
    x = np.clip(x + np.multiply.outer(DISTANCE - margins, weights), 0.0, 1.0)
    if isinstance(space, Grid):
        x = space.values(space.round(x))
    return Half(weights=weights, bias=bias, inputs=x.astype(np.float32), space=space)


def picture(dimension: int) -> tuple[int, ...]:
    """Three square channels, which SurFree's frequencies are of."""
    side = math.isqrt(dimension // 3)
    if 3 * side * side != dimension:
        raise SystemExit(f"--dimension must be 3 · side², such as 3072 or 768, not {dimension}")
    return 3, side, side


def measure(attack: QueryAttack, subject: Subject, n: int, space: Space = BOX) -> dict[str, float]:
    """Mean distances in true ones, over all classifiers and inputs."""
    begin = time.perf_counter()
    reported, rescaled, confirmed, most = [], [], [], 0
    for number in range(subject.classifiers):
        half = half_space(subject, number, space)
        oracle, labels = half.oracle(n, subject.seed), np.ones(len(half.inputs), dtype=np.int64)
        found = attack_all(
            attack, oracle, half.inputs, labels, max_queries=subject.queries, seed=subject.seed
        )
        judged = verify_attacked(oracle, half.inputs, labels, found, level=Level())
        truth, left = (margins(half, points) for points in (half.inputs, np.asarray(found.raw)))
        reported.append(found.distance / truth)
        rescaled.append(to_boundary(reported[-1], truth, left))
        confirmed.append(judged.distance / truth)
        most = max(most, int(found.queries.max()))
    assert most <= subject.queries
    return {
        "inputs": float(subject.classifiers * subject.inputs),
        "reported": float(np.mean(reported)),
        "median": float(np.median(reported)),
        "rescaled": float(np.mean(rescaled)),
        **_confirmed(np.concatenate(confirmed)),
        "most queries": float(most),
        "seconds": time.perf_counter() - begin,
    }


def to_boundary(reported: Array, truth: Array, left: Array) -> Array:
    """Distances [n] at which the rays meet the boundary; ∞ where they lead away from it."""
    with np.errstate(divide="ignore"):
        found: Array = np.where(left < truth, reported * truth / (truth - left), np.inf)
    return found


def _confirmed(distances: Array) -> dict[str, float]:
    """The share of inputs with a verified point, and the mean distance of those points."""
    there = distances[np.isfinite(distances)]
    mean = float(there.mean()) if len(there) else math.nan
    return {"verified": mean, "of inputs": len(there) / len(distances)}


def margins(half: Half, points: Array) -> Array:
    """Distances [n] from the boundary, of points in input units; negative beyond it."""
    found: Array = np.tensordot(points.astype(np.float64), half.weights, axes=half.weights.ndim)
    return found + half.bias


def plain(subject: Subject) -> list[Row]:
    """HopSkipJump without noise."""
    figures = measure(HopSkipJump(), subject, 0)
    what = "HopSkipJump, no noise"
    return [Row(part="plain", what=what, figures=figures, holds=figures["reported"] <= 2.2)]


def grid(subject: Subject) -> list[Row]:
    """The same, rounded to 8 bits."""
    figures = measure(HopSkipJump(), subject, 0, Grid.uint8())
    what = "HopSkipJump, no noise, 8 bits"
    return [Row(part="grid", what=what, figures=figures, holds=figures["reported"] <= 2.2)]


def published(subject: Subject) -> list[Row]:
    """HopSkipJump as published, under noise."""
    return [noisy("published", HopSkipJump(), subject, n, far) for n in VOTES]


def far(figures: dict[str, float]) -> bool:
    """Whether it seems robust."""
    return 10 <= figures["reported"] <= 25


def adaptive(subject: Subject) -> list[Row]:
    """With probes as large as the noise."""
    attack = HopSkipJump(probe_deviation=SIGMA)
    return [noisy("adaptive", attack, subject, n, near) for n in VOTES]


def near(figures: dict[str, float]) -> bool:
    """Whether it is not."""
    return figures["reported"] <= 3 and figures["rescaled"] <= 4


def others(subject: Subject) -> list[Row]:
    """RayS, measured in L2, and SurFree, with and without noise."""
    attacks: list[QueryAttack] = [RayS(norm=Norm.L2), SurFree()]
    return [noisy("others", attack, subject, n, None) for attack in attacks for n in (0, *VOTES)]


def noisy(
    part: str,
    attack: QueryAttack,
    subject: Subject,
    n: int,
    claim: Callable[[dict[str, float]], bool] | None,
) -> Row:
    """One attack on majorities of n votes."""
    figures = measure(attack, subject, n)
    what = f"{type(attack).__name__}, {f'n = {n}' if n else 'no noise'}"
    return Row(part=part, what=what, figures=figures, holds=claim(figures) if claim else None)


RUNS = {
    "plain": plain,
    "published": published,
    "adaptive": adaptive,
    "grid": grid,
    "others": others,
}


def show(row: Row) -> None:
    """Print one line."""
    figures = "  ".join(f"{name} {value:,.4g}" for name, value in row.figures.items())
    verdict = {True: "HOLDS", False: "DOES NOT HOLD", None: "no claim"}[row.holds]
    print(f"{row.part:9} {row.what:30} {figures}  {verdict}", flush=True)


def main() -> None:
    """Print the table and the JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--classifiers", type=int, default=5)
    parser.add_argument("--inputs", type=int, default=10)
    parser.add_argument("--queries", type=int, default=2000)
    parser.add_argument("--dimension", type=int, default=3072)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    names = ("classifiers", "inputs", "queries", "dimension", "seed")
    subject = Subject(**{name: getattr(given, name) for name in names})
    print(f"σ = {SIGMA}, d = {subject.dimension}; distances in true ones, means over the inputs")
    rows = []
    for part in given.parts:
        for row in RUNS[part](subject):
            show(row)
            rows.append(row)
    print(json.dumps([vars(row) for row in rows]))


if __name__ == "__main__":
    main()
