"""Claim: votes that stop when the question is answered are few, and their error stays α.

    near      `TargetRadius` takes at most 1.3 times the votes of the same mixture with a look after
              every vote, by the dynamic programme, and one look.
    baseline  It takes fewer on average than KT betting, the union-bound confidence sequence and
              Horváth's staged procedure, at the same α, β and cap: over the vote shares behind
              published logs (the correct rows; the others apart, at an assumed .5, where "not more"
              is claimed, for most rules end with the first chunks), and over a grid of p. Votes
              come in chunks of 32, and KT betting has the looks of `TargetRadius`; then all look
              after every vote. Beside the claim: a union bound whose looks begin at the first
              chunk, not at one vote as published, is stronger than the published one.
    network   On the demo's network with r = σ it takes at least 20 times fewer than n = 100,000,
              votes for selection counted, and no decision is contradicted. A fixed n decides "no"
              only where its upper bound is below Φ(r/σ); an abstention is no decision.
    deciding  Deciding at a look costs at most a tenth of drawing the smallest chunk, 32 votes, with
              the smallest network, the demo's; and all looks of a run to the cap a hundredth of it.
              `TargetRadius` looks up a table. `Precision` computes bounds where no two counts that
              it met settle the look: its first inputs are dear, so a hundred of all difficulties
              are shown, and they are dearer than claimed.

All expectations are exact sums over the ends of each rule; only `network` and `deciding` run
anything. Without --model the digits network is trained first, as `certiball demo` does.

    python benchmarks/sequential.py [--parts near baseline network deciding] [--model FOLDER]
        [--first 50] [--seed 1] [--data FOLDER] [--repeats 7]
"""

import argparse
import csv
import json
import os
import statistics
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import special

import certiball as cb
from certiball.certificate import Result, Verdict
from certiball.certification.looks import LOOK, looks
from certiball.certification.question import Question
from certiball.claim import Claim
from certiball.datasets.digits import digits
from certiball.execution import Block
from certiball.models.files import load_model
from certiball.samplers.streams import Phase
from certiball.sampling import count_votes
from certiball.shapes import Array
from certiball.statistics.binomial import upper_bound
from certiball.train.gaussian import GaussianLoss
from certiball.train.recipes import DIGITS, DIGITS_CNN
from certiball.train.train import train
from certiball.tuning import tune
from stopping_rules import (
    Rule,
    at_every_vote,
    betting,
    ends,
    ours,
    staged,
    union,
)

ALPHA = BETA = 1e-3
CAP = 100_000
SHORT_CAP = 20_000  # where looks come after every vote
UNITS = (0.5, 1.0, 2.0)  # r/σ
GRID = (0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999)
SIGMA = 0.25  # of the demo's network
MANY = 100  # inputs of a job
PARTS = ("near", "baseline", "network", "deciding")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table: what was compared, the figures, and whether the claim holds."""

    part: str
    what: str
    figures: dict[str, float]
    holds: bool


def near(cap: int = SHORT_CAP) -> list[Row]:
    """Mean votes of the plan beside those of the same mixture that looks always."""
    rows = []
    for units in UNITS:
        p0 = float(special.ndtr(units))
        plan = ends(ours(units, ALPHA, BETA, cap), p0)
        always = ends(at_every_vote(p0, ALPHA, BETA, cap), p0)
        for p in GRID:
            mean, least = plan.mean(p), always.mean(p)
            figures = {"TargetRadius": mean, "every vote": least, "ratio": mean / least}
            holds = mean <= 1.3 * least + LOOK
            rows.append(Row(part="near", what=f"r/σ={units} p={p}", figures=figures, holds=holds))
    return rows


def baselines(folder: Path) -> list[Row]:
    """Mean votes of each procedure over published vote shares and the grid."""
    samples = {"grid of p": np.array(GRID), "not correct, p = .5": np.array([0.5])}
    samples |= {f"{p.parent.name} {p.stem}": shares(p) for p in logs(folder)}
    rows = []
    for units in UNITS:
        p0 = float(special.ndtr(units))
        levels = (p0, ALPHA, BETA)
        chunked = [
            ours(units, ALPHA, BETA, CAP),
            betting(*levels, np.array(looks(CAP))),
            union(*levels, CAP),
            union(*levels, CAP, LOOK),
        ]
        always = [
            at_every_vote(*levels, SHORT_CAP),
            betting(*levels, np.arange(1, SHORT_CAP + 1)),
            union(*levels, SHORT_CAP),
        ]
        rows += compare(f"r/σ={units}, chunks of {LOOK}", (CAP, LOOK), p0, chunked, samples)
        rows += compare(f"r/σ={units}, every vote", (SHORT_CAP, 1), p0, always, samples)
    return rows


def compare(
    what: str,
    sizes: tuple[int, int],
    p0: float,
    rules: list[Rule],
    samples: dict[str, Array],
) -> list[Row]:
    """One row for each set of vote shares; the first rule is ours, the first three are claimed."""
    cap, chunk = sizes
    found = [(rule.name, ends(rule, p0)) for rule in rules]
    rows = []
    for name, ps in samples.items():
        values, weights = np.unique(ps, return_counts=True)
        means = {
            rule: float(np.average([end.mean(p, chunk) for p in values.tolist()], weights=weights))
            for rule, end in found
        }
        means["staged"] = float(staged(ps, p0, (ALPHA, BETA), cap).mean())
        least, *others = (mean for rule, mean in means.items() if rule != "union, begun at 32")
        apart = len(ps) == 1
        holds = all(least <= other if apart else least < other for other in others)
        rows.append(Row(part="baseline", what=f"{what}: {name}", figures=means, holds=holds))
    return rows


def logs(folder: Path) -> list[Path]:
    """The certification logs there."""
    return sorted((folder / "published").glob("*/sigma_*.tsv"))


def shares(log: Path, n: int = 100_000, alpha: float = 1e-3) -> Array:
    """The vote shares behind a log's correct rows: Clopper–Pearson's bound inverted."""
    with log.open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    sigma = float(log.stem.split("_")[1])
    radii = np.array([float(r["radius"]) for r in rows if r["correct"] == "1"])
    bounds = special.ndtr(radii[radii > 0] / sigma)
    low, high = n * bounds, np.full(len(bounds), float(n))
    for _ in range(60):  # the larger the count, the smaller the chance of so many at the bound
        middle = (low + high) / 2
        enough = special.betainc(middle, n - middle + 1, bounds) <= alpha
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    found: Array = high / n
    return found


def demo_network(folder: Path | None) -> cb.Smoothed:
    """The digits network of `certiball demo`, trained now unless a folder has it."""
    if folder is None:
        folder = Path(tempfile.mkdtemp()) / "model"
        train(DIGITS_CNN, digits("train"), GaussianLoss(sigma=SIGMA), DIGITS, folder=folder)
    classifier = cb.TorchClassifier(load_model(folder).model, num_classes=DIGITS_CNN.classes)
    return cb.Smoothed(classifier, cb.Gaussian(sigma=SIGMA), space=digits("test").space)


def network(g: cb.Smoothed, first: int, seed: int) -> list[Row]:
    """Both plans on the first held-out digits."""
    held_out = digits("test")
    inputs = np.stack([held_out[i][0] for i in range(first)])
    stopping = cb.TargetRadius(radii=SIGMA, max_n=CAP, beta=BETA)
    fixed = cb.FixedSamples(n0=stopping.n0, n=CAP)
    begin = time.perf_counter()
    few = cb.certify(g, inputs, plan=stopping, alpha=ALPHA, seed=seed)
    middle = time.perf_counter()
    many = cb.certify(g, inputs, plan=fixed, alpha=ALPHA, seed=seed + 1)
    end = time.perf_counter()
    pairs = list(zip(few, many, strict=True))
    used = statistics.fmean(r.selection.total + r.estimation.total for r in few)
    contradictions = sum(contradicts(a, b, SIGMA) for a, b in pairs)
    verdicts = [r.targets[0].verdict for r in few]
    figures = {
        "inputs": float(first),
        "mean votes": used,
        "times fewer": (fixed.n0 + fixed.n) / used,
        "times faster": (end - middle) / (middle - begin),
        "contradictions": float(contradictions),
        **{v.value: float(verdicts.count(v)) for v in Verdict},
    }
    holds = used * 20 <= fixed.n and contradictions == 0
    return [Row(part="network", what=f"digits CNN, r = σ = {SIGMA}", figures=figures, holds=holds)]


def contradicts(few: Result, many: Result, radius: float) -> bool:
    """Whether one plan decides that the radius is certified and the other that it is not."""
    says = few.targets[0].verdict
    yes = isinstance(many, cb.Certificate) and many.radius >= radius
    if few.label != many.label:
        return says is Verdict.CERTIFIED and yes
    above = upper_bound(many.estimation.counts[many.label], many.estimation.total, ALPHA)
    no = above < float(special.ndtr(radius / SIGMA))
    return (says is Verdict.CERTIFIED and no) or (says is Verdict.NOT_CERTIFIED and yes)


def deciding(g: cb.Smoothed, repeats: int) -> list[Row]:
    """What a decision costs with either plan."""
    plans = (
        cb.TargetRadius(radii=SIGMA, max_n=CAP - 1),  # no other part has made its table
        cb.Precision(rel=0.05, max_n=CAP - 1),
    )
    return [deciding_by(plan, g, repeats) for plan in plans]


def deciding_by(plan: cb.TargetRadius | cb.Precision, g: cb.Smoothed, repeats: int) -> Row:
    """Seconds of the decision at each look beside those of the chunk before it."""
    level = digits("test")[0][0]
    claim = Claim(
        law=g.law,
        norm=cb.Norm.L2,
        rule=cb.Rule.ONE_SIDED,
        alpha=ALPHA,
        space=g.space,
        bound=plan.bound,
    )
    question, selection = Question(claim=claim, dimension=level.size), cb.Votes(counts=(64, 0))
    execution = tune(g, level)
    block = Block(input=0, phase=Phase.ESTIMATION, first=0, samples=4096)
    inputs = np.random.default_rng(1).uniform(0.5, 1, MANY).tolist()
    begun, looked, drawn = [], [], []
    for repeat in range(repeats):
        fresh = replace(plan, max_n=plan.max_n - repeat)  # of which nothing is known
        seconds = []
        for share in inputs:
            votes = [counts(n, share) for n in looks(fresh.max_n)]
            begin = time.perf_counter()
            for vote in votes:
                fresh.wanted(question, selection, vote)
            seconds.append((time.perf_counter() - begin) / len(votes))
        begun.append(seconds[0] * len(votes))
        looked.append(statistics.fmean(seconds[1:]))
        begin = time.perf_counter()
        count_votes(g, {0: level}, [block], 1, execution)
        drawn.append((time.perf_counter() - begin) / block.samples * LOOK)
    ratios = [a / b for a, b in zip(looked, drawn, strict=True)]
    whole = len(votes) * LOOK / plan.max_n  # looks for each chunk of a run to the cap
    figures = {
        "µs per look": 1e6 * statistics.median(looked),
        "µs per chunk of 32": 1e6 * statistics.median(drawn),
        "ratio": statistics.median(ratios),
        "least ratio": min(ratios),
        "largest ratio": max(ratios),
        "of a whole run": statistics.median(ratios) * whole,
        "ms for the first input": 1e3 * statistics.median(begun),
    }
    holds = figures["ratio"] <= 0.1 and figures["of a whole run"] <= 0.01
    what = f"digits CNN, {type(plan).__name__}"
    return Row(part="deciding", what=what, figures=figures, holds=holds)


def counts(n: int, share: float) -> cb.Votes:
    """So many votes, a share of them for class 0."""
    top = int(n * share)
    return cb.Votes(counts=(top, n - top))


def main() -> None:
    """Print the table and the JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--first", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=7)
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    default = Path(os.environ.get("CERTIBALL_DATA", beside))
    parser.add_argument("--data", type=Path, default=default)
    given = parser.parse_args()
    rows = near() if "near" in given.parts else []
    rows += baselines(given.data) if "baseline" in given.parts else []
    if {"network", "deciding"} & set(given.parts):
        g = demo_network(given.model)
        rows += network(g, given.first, given.seed) if "network" in given.parts else []
        rows += deciding(g, given.repeats) if "deciding" in given.parts else []
    print(f"α = β = {ALPHA}; mean votes for one input")
    for row in rows:
        figures = "  ".join(f"{name} {value:,.4g}" for name, value in row.figures.items())
        verdict = "holds" if row.holds else "DOES NOT HOLD"
        print(f"{row.part:9} {row.what:52} {figures}  {verdict}")
    print(json.dumps([{**vars(row)} for row in rows]))


if __name__ == "__main__":
    main()
