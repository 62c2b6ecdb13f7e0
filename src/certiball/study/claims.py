"""The seven claims that the study puts to the test, and one about the adaptive probe radius.

Each is decided by the table alone, by numbers that were fixed before any of ours was known. Means
of distances decide, as in the paper: as the attacks report them, or as verified on fresh noise.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from certiball.study.compared import (
    Measure,
    against_bare,
    by_defence,
    distance,
    levels,
    noisier,
    series,
    smoothed,
)
from certiball.study.table import Network, Results

PAPERS = ("HSJA", "SurFree", "RayS")  # the attacks of the paper
ADAPTIVE = "HSJA adaptive"
TIMES = 30  # certified radii: what the paper's first claim says
GAIN = 1.05  # a mean that grows by less has not grown
SLIGHTLY = 1.20  # and by less than this, slightly
QUARTER = 1.25


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What the rows that a claim is about say.

    Args:
        holds: whether the claim is true of them; None where they are missing.
        figures: on which that rests, as sentences.
    """

    holds: bool | None
    figures: tuple[str, ...]


Judge: TypeAlias = Callable[[Results, Measure], Ground]


def beyond_certificates(results: Results, measure: Measure) -> Ground:
    """Claim 1: distances are at least 30 times the largest certified radius."""
    largest: dict[tuple[str, float | None], float] = {
        (each.network, each.sigma): each.largest for each in results.certified
    }
    least: dict[str, tuple[float, str]] = {}
    for attack in PAPERS:
        ratios = [
            (distance(row, measure) / radius, str(row.defence))
            for row in smoothed(results, attack)
            if (radius := largest.get((row.defence.network, row.defence.sigma), math.nan)) > 0
        ]
        known = [each for each in ratios if math.isfinite(each[0])]
        if known:
            least[attack] = min(known)
    return Ground(
        holds=all(ratio >= TIMES for ratio, _ in least.values()) if least else None,
        figures=tuple(
            f"{attack}: at least {ratio:.1f} times the largest certified radius ({where})"
            for attack, (ratio, where) in least.items()
        ),
    )


def fewer_samples(results: Results, measure: Measure) -> Ground:
    """Claim 2: the fewer votes, the larger the distance, under every attack."""
    figures, falls = [], []
    for attack in PAPERS:
        for title, rows in series(smoothed(results, attack)):
            values = [distance(row, measure) for row in rows]
            if len(values) < 2 or not all(map(math.isfinite, values)):
                continue
            falls.append(all(a > b for a, b in pairwise(values)))
            votes = ", ".join(str(row.defence.n) for row in rows)
            numbers = ", ".join(f"{value:.3g}" for value in values)
            figures.append(f"{attack}, {title}: {numbers} at n = {votes}: {_yes(falls[-1])}")
    return Ground(holds=all(falls) if falls else None, figures=tuple(figures))


def rays_least(results: Results, measure: Measure) -> Ground:
    """Claim 3: smoothing troubles RayS less than the other two attacks."""
    ratios = {attack: against_bare(results, attack, measure) for attack in PAPERS}
    figures = tuple(
        f"{attack}: {min(found):.2f} to {max(found):.2f} times the undefended distance"
        for attack, found in ratios.items()
        if found
    )
    others = [*ratios["HSJA"], *ratios["SurFree"]]
    if not (ratios["RayS"] and ratios["HSJA"] and ratios["SurFree"]):
        return Ground(holds=None, figures=figures)
    return Ground(holds=max(ratios["RayS"]) < min(others), figures=figures)


def more_noise(results: Results, measure: Measure) -> Ground:
    """Claim 4: a larger σ costs accuracy and gains no distance."""
    figures, costs, gains = [], [], []
    for attack in PAPERS:
        ratios = []
        for before, after in noisier(smoothed(results, attack, Network.BASE)):
            ratio = distance(after, measure) / distance(before, measure)
            costs.append((before.accuracy, after.accuracy))
            if math.isfinite(ratio):
                ratios.append(ratio)
        gains += ratios
        if ratios:
            figures.append(
                f"{attack}: {min(ratios):.2f} to {max(ratios):.2f} times the distance at the "
                "next smaller σ"
            )
    if not gains:
        return Ground(holds=None, figures=())
    dearest = min(costs, key=lambda pair: pair[1] - pair[0])
    figures.append(f"accuracy: from {dearest[0]:.3f} to {dearest[1]:.3f} where it falls most")
    falls = all(after < before for before, after in costs)
    return Ground(holds=falls and max(gains) <= GAIN, figures=tuple(figures))


def trained_on_noise(results: Results, measure: Measure) -> Ground:
    """Claim 5: under RayS the noise-trained network is less robust than the undefended one."""
    bare = results.bare("RayS")
    rows = list(smoothed(results, "RayS", Network.NOISE))
    if bare is None or not rows:
        return Ground(holds=None, figures=())
    limit = distance(bare, measure)
    values = [distance(row, measure) for row in rows]
    known = [value for value in (*values, limit) if math.isfinite(value)]
    if len(known) <= len(values):
        return Ground(holds=None, figures=())
    return Ground(
        holds=max(values) < limit,
        figures=(
            f"RayS: {min(values):.3g} to {max(values):.3g} noise-trained, {limit:.3g} undefended",
        ),
    )


def higher_level(results: Results, measure: Measure) -> Ground:
    """Claim 6: a higher level P_a adds a little, most where votes are fewest."""
    added: dict[int, list[float]] = {}
    for attack in PAPERS:
        for before, after in levels(smoothed(results, attack), measure):
            ratio = distance(after, measure) / distance(before, measure)
            if math.isfinite(ratio) and before.defence.n is not None:
                added.setdefault(before.defence.n, []).append(ratio)
    figures = tuple(
        f"n = {n}: {100 * (min(found) - 1):+.1f} % to {100 * (max(found) - 1):+.1f} %, "
        f"{100 * (_mean(found) - 1):+.1f} % on average"
        for n, found in sorted(added.items())
    )
    if not added:
        return Ground(holds=None, figures=figures)
    means = [_mean(found) for _, found in sorted(added.items())]
    slight = max(max(found) for found in added.values()) <= SLIGHTLY
    return Ground(holds=slight and means[0] == max(means), figures=figures)


def best_attack(results: Results, measure: Measure) -> Ground:
    """Claim 7: against the best attack, smoothing gains a quarter at most."""
    attacks = (*PAPERS, ADAPTIVE)
    best: dict[tuple[object, float | None], tuple[float, str]] = {}
    bare: list[tuple[float, str]] = []
    for attack in attacks:
        found = results.bare(attack)
        if found is not None:
            bare.append((distance(found, measure), attack))
        for row in smoothed(results, attack, Network.BASE):
            key, value = (row.defence, row.level), distance(row, measure)
            if math.isfinite(value):
                best[key] = min(best.get(key, (math.inf, "")), (value, attack))
    if not best or not bare:
        return Ground(holds=None, figures=())
    limit, by = min(bare)
    (defence, level), (most, name) = max(best.items(), key=lambda item: item[1][0])
    gain = most / limit
    return Ground(
        holds=round(100 * gain) <= round(100 * QUARTER),
        figures=(
            f"undefended: {limit:.3g} ({by}); the most by smoothing: {most:.3g} "
            f"({name}, {defence}, P_a = {level:g}), {100 * (gain - 1):+.0f} %",
        ),
    )


def adaptive_radius(results: Results, measure: Measure) -> Ground:
    """Claim 8: with probes as wide as the noise, HSJA comes near the undefended distance."""
    published = dict(by_defence(results, "HSJA", measure))
    adaptive = dict(by_defence(results, ADAPTIVE, measure))
    shared = sorted(published.keys() & adaptive.keys(), key=str)
    if not shared:
        return Ground(holds=None, figures=())
    figures = [
        f"{defence}, P_a = {level:g}: {published[defence, level]:.2f} times the undefended "
        f"distance as published, {adaptive[defence, level]:.2f} with the adaptive radius"
        f"{_closed(published[defence, level], adaptive[defence, level])}"
        for defence, level in shared
    ]
    return Ground(holds=max(adaptive[each] for each in shared) <= QUARTER, figures=tuple(figures))


CLAIMS: Sequence[tuple[str, Judge]] = (
    ("Attacks end at least 30 times as far as the largest certified radius.", beyond_certificates),
    ("The fewer votes, the larger the distance, under all three attacks.", fewer_samples),
    ("RayS is troubled less by smoothing than HSJA and SurFree.", rays_least),
    ("A larger σ costs accuracy and gains no distance.", more_noise),
    ("Under RayS, the noise-trained network is below the undefended one.", trained_on_noise),
    ("A higher level P_a adds at most 20 %, most at the fewest votes.", higher_level),
    ("Against the best attack, smoothing gains at most a quarter.", best_attack),
    (
        "With the adaptive probe radius, HSJA comes within a quarter of what it does to the "
        "undefended network.",
        adaptive_radius,
    ),
)


def _closed(published: float, adaptive: float) -> str:
    """How much of what the published attack is above the undefended distance is gone."""
    if published <= 1:
        return ""
    return f", {100 * (published - adaptive) / (published - 1):.0f} % of the gap closed"


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _yes(falls: bool) -> str:
    return "it falls" if falls else "it does not fall throughout"
