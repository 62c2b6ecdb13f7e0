"""A run small enough to know by heart: six 2×2 images, an exact classifier, two chunks and more."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from certiball.certification.plan import FixedSamples
from certiball.classifiers.function import FunctionClassifier
from certiball.datasets.arrays import ArrayDataset
from certiball.laws.gaussian import Gaussian
from certiball.runs.attempt import attempt
from certiball.runs.execute import execute
from certiball.runs.prepare import Job, prepare
from certiball.runs.progress import Progress
from certiball.runs.store import open_for_reading
from certiball.smoothed import Smoothed
from certiball.spaces import Grid

Stored: TypeAlias = dict[tuple[str, int, int, int], tuple[int, bytes]]


def bright(batch: np.ndarray) -> np.ndarray:
    """Sums of whole numbers, so that no batch shape can change an answer."""
    return (np.rint(255 * batch.astype(np.float64)).sum((1, 2, 3)) > 510).astype(np.int64)


@pytest.fixture(autouse=True)
def chunks_as_of_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of 32, as images have them, so that a few samples already make several."""
    monkeypatch.setattr("certiball.tuning.LARGEST_CHUNK", 32)


@pytest.fixture
def dataset() -> ArrayDataset:
    levels = np.array([0, 50, 110, 140, 200, 255], dtype=np.uint8)
    return ArrayDataset(
        name="six greys",
        space=Grid.uint8(),
        classes=("dark", "light"),
        inputs=np.tile(levels[:, None, None, None], (1, 1, 2, 2)),
        labels=(levels > 127).astype(np.int64),
    )


@pytest.fixture
def job(dataset: ArrayDataset) -> Callable[..., Job]:
    def make(**changes: Any) -> Job:
        sigma = changes.pop("sigma", 0.25)
        function, name = changes.pop("function", bright), changes.pop("name", "v1")
        classifier = FunctionClassifier(function, num_classes=2, name=name)
        usual: dict[str, Any] = {
            "g": Smoothed(classifier, Gaussian(sigma=sigma), space=dataset.space),
            "dataset": dataset,
            "model_name": "bright",
            "plan": FixedSamples(n0=40, n=2100),
            "batch": 64,
            "threads": 1,
            "seed": 7,
        }
        return Job(**(usual | changes))

    return make


@pytest.fixture
def carry() -> Callable[..., list[Progress]]:
    """Carry out a job in a folder, at most so many bundles of it."""

    def run(folder: Path, job: Job, bundles: int | None = None) -> list[Progress]:
        reports = []
        with attempt(folder, prepare(folder, job)) as held:
            for progress in execute(held, job.g, job.dataset):
                reports.append(progress)
                if bundles is not None and len(reports) > bundles:
                    break
        return reports

    return run


@pytest.fixture
def stored() -> Callable[[Path], Stored]:
    """All blocks of a run folder, times left out."""

    def read(folder: Path) -> Stored:
        with open_for_reading(folder) as connection:
            rows = connection.execute(
                "SELECT kind, input, phase, first, samples, counts FROM blocks"
            ).fetchall()
        return {row[:4]: row[4:] for row in rows}

    return read


@pytest.fixture
def small_bundles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles of one block, so that a small run has many."""
    monkeypatch.setattr("certiball.runs.execute.LARGEST_BUNDLE", 1)
    monkeypatch.setattr("certiball.runs.execute.FIRST_BUNDLE", 1)
