"""The cells of the table: each attack against each defence, at each level.

A cell is a campaign in a folder of its own: it goes on where it stopped, answer by answer.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from certiball.attacks.attacked import Status
from certiball.attacks.hop_skip_jump import HopSkipJump
from certiball.attacks.judging.judgement import Level, votes_needed
from certiball.attacks.oracle import Oracle
from certiball.attacks.rays import RayS
from certiball.attacks.surfree import SurFree
from certiball.balls import Norm
from certiball.campaigns.begin import campaign
from certiball.campaigns.execute import Means, carry_out
from certiball.campaigns.read import Stored, read_stored
from certiball.campaigns.spec import CampaignSpec, Target
from certiball.campaigns.spec import Subject as Attackable
from certiball.datasets import Dataset
from certiball.laws.gaussian import Gaussian
from certiball.runs.identity import data_id, model_id
from certiball.runs.items import list_items
from certiball.samplers.streams import run_key
from certiball.spaces import Grid
from certiball.study.claims import ADAPTIVE
from certiball.study.plan import StudyPlan
from certiball.study.protocol import Shortcut
from certiball.study.subject import ROUNDED, Subject, defences
from certiball.study.table import Defence, Row, mean_and_median, slug

ALPHA = 0.001  # how often what is said of a verified point may be false
SEEDS = 2**64


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One search for each image, and its judgement.

    Args:
        defence: what is attacked.
        attack: its name.
        space: where points live.
        level: P_a; None without noise.
    """

    defence: Defence
    attack: str
    space: str
    level: float | None

    @property
    def name(self) -> str:
        """Of its folder."""
        level = "" if self.level is None else f"-level{self.level:g}"
        attack = self.attack.lower().replace(" ", "-")
        return f"{slug(self.defence)}{level}-{attack}-{self.space}"


def cells(subject: Subject, plan: StudyPlan) -> list[Cell]:
    """Every cell of the study, and as asides what rounding alone does to HSJA."""
    found = [
        Cell(defence=defence, attack=attack, space=plan.space, level=level)
        for defence in defences(subject, plan)
        for attack in ("HSJA", ADAPTIVE, "SurFree", "RayS")
        if defence.smoothed or attack != ADAPTIVE
        for level in (plan.levels if defence.smoothed else (None,))
    ]
    if plan.space == "reals" and isinstance(subject.dataset.space, Grid):
        bare = found[0].defence
        found += [
            Cell(defence=bare, attack=attack, space=ROUNDED, level=None)
            for attack in ("HSJA", ADAPTIVE)
        ]
    return found


def seed_of(plan: StudyPlan, text: str) -> int:
    """A seed for one part of the study."""
    return run_key(plan.seed, f"study\n{text}") % SEEDS


def attack_cell(home: Path, cell: Cell, subject: Subject, plan: StudyPlan) -> None:
    """Attack every image of a cell and judge what was found, or go on with that.

    Args:
        home: folder of the study.
        cell: which.
        subject: networks and images.
        plan: how many images and queries.

    Raises:
        CertiballError: whatever is wrong with the campaign or its folder.
    """
    dataset = subject.in_space(cell.space)
    # The same for all levels: what differs between them is the level.
    seed = seed_of(plan, f"{slug(cell.defence)} {cell.attack} {cell.space}")
    deployed = subject.oracle(cell.defence, cell.space, seed)
    items = list_items(
        dataset,
        classes=deployed.num_classes,
        every=len(dataset) // plan.images,
        first=plan.images,
    )
    asked: Oracle = deployed
    needed = None
    if cell.level is not None and cell.defence.n is not None:
        needed = votes_needed(cell.defence.n, cell.level)
        asked = Shortcut(deployed, {item.input: item.label for item in items}, needed)
    attack = _attack(cell, subject)
    spec = _spec(cell, subject, plan, dataset, f"{attack!r}, needed={needed}")
    means = Means(attack=attack, asked=asked, deployed=deployed, dataset=dataset, items=items)
    with campaign(folder_of(home, cell), spec, inputs=len(items), seed=seed) as held:
        carry_out(held, means)


def folder_of(home: Path, cell: Cell) -> Path:
    """Where a cell's campaign is."""
    return home / "cells" / cell.name


def row_of(home: Path, cell: Cell, accuracy: float) -> Row:
    """What a finished cell says.

    Raises:
        StoreError: if its campaign is not there, or damaged.
    """
    [stored] = read_stored(folder_of(home, cell))
    right = [o for o in stored.outcomes.values() if o.status is not Status.MISCLASSIFIED]
    claimed = [outcome.distance for outcome in right]
    verified = [stored.verdicts[outcome.input].distance for outcome in right]
    mean_claimed, median_claimed = mean_and_median(claimed)
    mean_verified, median_verified = mean_and_median(verified)
    return Row(
        defence=cell.defence,
        attack=cell.attack,
        level=cell.level,
        space=cell.space,
        accuracy=accuracy,
        images=len(right),
        misclassified=len(stored.outcomes) - len(right),
        found=int(np.isfinite(claimed).sum()),
        mean_claimed=mean_claimed,
        median_claimed=median_claimed,
        verified=int(np.isfinite(verified).sum()),
        mean_verified=mean_verified,
        median_verified=median_verified,
        queries=float(np.mean([o.queries for o in right])) if right else 0.0,
        forwards=_forwards(stored),
    )


def _forwards(stored: Stored) -> int:
    """Calls of the network, those of judgements too."""
    searching = sum(outcome.forwards for outcome in stored.outcomes.values())
    return searching + sum(verdict.forwards for verdict in stored.verdicts.values())


def _spec(
    cell: Cell, subject: Subject, plan: StudyPlan, dataset: Dataset, attack: str
) -> CampaignSpec:
    defence, shape = cell.defence, dataset[0][0].shape
    classifier = subject.classifier(defence)
    law = None if defence.sigma is None else repr(Gaussian(sigma=defence.sigma))
    return CampaignSpec(
        subject=Attackable(
            model=model_id(classifier, defence.network, dataset.space, shape),
            data=data_id(dataset, every=len(dataset) // plan.images, first=plan.images),
            space=f"{dataset.space!r}{', rounded' if cell.space == ROUNDED else ''}",
        ),
        target=Target(law=law, n=defence.n or 1),
        name=cell.attack,
        attack=attack,
        norm=Norm.L2,
        max_queries=plan.queries,
        level=Level(P_a=cell.level or plan.levels[0], votes=plan.judged, alpha=ALPHA),
    )


def _attack(cell: Cell, subject: Subject) -> HopSkipJump | SurFree | RayS:
    """The attack of a cell. Against rounding, the adaptive radius is that of a grid's step."""
    if cell.attack == "SurFree":
        return SurFree()
    if cell.attack == "RayS":
        return RayS(norm=Norm.L2)
    if cell.attack == "HSJA":
        return HopSkipJump()
    grid = subject.dataset.space
    step = float(grid.step) if cell.space == ROUNDED and isinstance(grid, Grid) else 0.0
    return HopSkipJump(probe_deviation=max(step, cell.defence.sigma or 0.0))
