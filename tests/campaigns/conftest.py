"""Attacks on a model that adds up whole numbers: the same answers in any batch."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certiball import FunctionClassifier, Gaussian, Grid
from certiball.attacks.judging.judgement import Level
from certiball.attacks.oracle import BaseOracle, SmoothedOracle
from certiball.attacks.rays import RayS
from certiball.campaigns.begin import campaign
from certiball.campaigns.execute import Progress, carry_out
from certiball.campaigns.prepare import Job, means_of, specify, subject_of
from certiball.datasets.arrays import ArrayDataset
from certiball.smoothed import Smoothed

Carry = Callable[..., None]


def bright(batch: np.ndarray) -> np.ndarray:
    return (np.rint(255 * batch.astype(np.float64)).sum((1, 2, 3)) > 510).astype(np.int64)


@pytest.fixture
def dataset() -> ArrayDataset:
    """Six greys, 2×2; the label of the fourth is wrong."""
    levels = np.array([0, 50, 110, 180, 200, 255], dtype=np.uint8)
    return ArrayDataset(
        name="six greys",
        space=Grid.uint8(),
        classes=("dark", "light"),
        inputs=np.tile(levels[:, None, None, None], (1, 1, 2, 2)),
        labels=np.array([0, 0, 0, 0, 1, 1]),
    )


@pytest.fixture
def classifier() -> FunctionClassifier:
    return FunctionClassifier(bright, num_classes=2, name="bright v1")


@pytest.fixture
def job(classifier: FunctionClassifier, dataset: ArrayDataset) -> Job:
    """RayS on g of 5 votes."""
    g = Smoothed(classifier, Gaussian(sigma=0.25), space=dataset.space)
    return Job(
        attack=RayS(),
        name="rays",
        oracle=SmoothedOracle(g, n=5),
        max_queries=80,
        level=Level(P_a=0.5, votes=150),
    )


@pytest.fixture
def plain(job: Job, classifier: FunctionClassifier, dataset: ArrayDataset) -> Job:
    """The same without noise."""
    return replace(job, oracle=BaseOracle(classifier, dataset.space))


@pytest.fixture
def carry(dataset: ArrayDataset) -> Carry:
    """Carry out a job in a folder."""

    def run(folder: Path, job: Job, *, inputs: int = 6, seed: int | None = 7, **more: Any) -> None:
        data = more.pop("dataset", dataset)
        tell: Callable[[Progress], None] = more.pop("tell", lambda progress: None)
        subject = subject_of(job.oracle, data, "bright", **more)
        with campaign(folder, specify(job, subject), inputs=inputs, seed=seed) as held:
            carry_out(held, means_of(job, data, subject, held.draw), tell)

    return run
