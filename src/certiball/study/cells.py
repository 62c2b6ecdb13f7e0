"""The cells of the table: each attack against each defence, at each level."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from certiball.attacks.attacked import Attacked, Status
from certiball.attacks.hop_skip_jump import HopSkipJump
from certiball.attacks.judgement import Level
from certiball.attacks.oracle import Oracle
from certiball.attacks.rays import RayS
from certiball.attacks.surfree import SurFree
from certiball.attacks.verify import verify
from certiball.balls import Norm
from certiball.samplers.streams import run_key
from certiball.spaces import Grid
from certiball.study.claims import ADAPTIVE
from certiball.study.plan import StudyPlan
from certiball.study.protocol import Shortcut, votes_needed
from certiball.study.subject import Images, Subject, defences
from certiball.study.table import Defence, Row, mean_and_median

ALPHA = 0.001  # how often what is said of a verified point may be false
SEEDS = 2**64


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One search for each image, judged at one level or more.

    Args:
        defence: what is attacked.
        attack: its name.
        space: where points live.
        needed: votes that make an answer wrong; None without noise.
        levels: that this many votes stand for; none without noise.
    """

    defence: Defence
    attack: str
    space: str
    needed: int | None
    levels: tuple[float, ...]

    @property
    def name(self) -> str:
        """Of its file."""
        parts = [self.defence.network, self.attack, self.space]
        if self.defence.sigma is not None:
            parts += [f"sigma{self.defence.sigma:g}", f"n{self.defence.n}", f"wrong{self.needed}"]
        return "-".join(parts).lower().replace(" ", "-")


def cells(subject: Subject, plan: StudyPlan) -> list[Cell]:
    """Every cell of the study, and as asides what rounding alone does to HSJA."""
    found = [
        cell
        for defence in defences(subject, plan)
        for attack in ("HSJA", ADAPTIVE, "SurFree", "RayS")
        if defence.smoothed or attack != ADAPTIVE
        for cell in _of(defence, attack, plan)
    ]
    if plan.space == "reals" and isinstance(subject.dataset.space, Grid):
        bare = found[0].defence
        found += [
            Cell(defence=bare, attack=attack, space="grid", needed=None, levels=())
            for attack in ("HSJA", ADAPTIVE)
        ]
    return found


def _of(defence: Defence, attack: str, plan: StudyPlan) -> Iterator[Cell]:
    """One cell for each number of votes that levels ask for: at n = 1 they all ask for one."""
    if defence.n is None:
        yield Cell(defence=defence, attack=attack, space=plan.space, needed=None, levels=())
        return
    groups: dict[int, list[float]] = {}
    for level in plan.levels:
        groups.setdefault(votes_needed(defence.n, level), []).append(level)
    for needed, levels in groups.items():
        yield Cell(
            defence=defence,
            attack=attack,
            space=plan.space,
            needed=needed,
            levels=tuple(levels),
        )


def seed_of(plan: StudyPlan, text: str) -> int:
    """A seed for one part of the study."""
    return run_key(plan.seed, f"study\n{text}") % SEEDS


def rows_of(cell: Cell, subject: Subject, plan: StudyPlan, accuracy: float) -> list[Row]:
    """Attack every image of a cell, judge what was found, and sum it up; a row for each level."""
    images = subject.images(cell.space, plan.images)
    deployed = subject.oracle(cell.defence, cell.space, seed_of(plan, cell.name))
    attacked = _attacked(cell, deployed, images, plan)
    rows = []
    for level in cell.levels or (None,):
        asked = Level(P_a=level or plan.levels[0], votes=plan.judged, alpha=ALPHA)
        judged = verify(deployed, images.inputs, images.labels, attacked, level=asked)
        rows.append(_row(cell, level, judged.attacked, accuracy))
    return rows


def _attacked(cell: Cell, deployed: Oracle, images: Images, plan: StudyPlan) -> Attacked:
    oracle = deployed
    if cell.needed is not None:
        labels = dict(enumerate(map(int, images.labels)))
        oracle = Shortcut(deployed, labels, cell.needed)
    attack = _attack(cell, deployed)
    found: Attacked = attack(
        oracle,
        images.inputs,
        images.labels,
        max_queries=plan.queries,
        seed=seed_of(plan, f"attack {cell.name}"),
    )
    return found


def _attack(cell: Cell, deployed: Oracle) -> HopSkipJump | SurFree | RayS:
    """The attack of a cell. Without noise, the adaptive radius is that of a grid's step."""
    if cell.attack == "SurFree":
        return SurFree()
    if cell.attack == "RayS":
        return RayS(norm=Norm.L2)
    if cell.attack == "HSJA":
        return HopSkipJump()
    space = deployed.space
    step = float(space.step) if isinstance(space, Grid) else 0.0
    return HopSkipJump(probe_deviation=max(step, cell.defence.sigma or 0.0))


def _row(cell: Cell, level: float | None, attacked: Attacked, accuracy: float) -> Row:
    assert attacked.verified_distance is not None
    right = np.array([status is not Status.MISCLASSIFIED for status in attacked.status])
    claimed = attacked.distance[right]
    confirmed = attacked.verified_distance[right]
    mean_claimed, median_claimed = mean_and_median(claimed.tolist())
    mean_verified, median_verified = mean_and_median(confirmed.tolist())
    return Row(
        defence=cell.defence,
        attack=cell.attack,
        level=level,
        space=cell.space,
        accuracy=accuracy,
        images=int(right.sum()),
        misclassified=int((~right).sum()),
        found=int(np.isfinite(claimed).sum()),
        mean_claimed=mean_claimed,
        median_claimed=median_claimed,
        verified=int(np.isfinite(confirmed).sum()),
        mean_verified=mean_verified,
        median_verified=median_verified,
        queries=float(attacked.queries[right].mean()) if right.any() else 0.0,
        forwards=int(attacked.forwards.sum()),
    )
