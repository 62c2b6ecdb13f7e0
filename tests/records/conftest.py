"""Records of a run small enough to know by heart: six 2×2 images, an exact classifier."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from certiball.certification.every_view import EveryView
from certiball.certification.plan import FixedSamples
from certiball.certification.precision import Precision
from certiball.certification.target_radius import TargetRadius
from certiball.claim import Bound
from certiball.classifiers.function import FunctionClassifier
from certiball.datasets.arrays import ArrayDataset
from certiball.laws.gaussian import Gaussian
from certiball.records.issue import Wish, issue
from certiball.records.record import Record, record_of
from certiball.records.rows import Row
from certiball.records.table import read_table
from certiball.runs.attempt import attempt
from certiball.runs.execute import execute
from certiball.runs.prepare import Job, prepare
from certiball.runs.read import Results, read_run
from certiball.runs.source import Source
from certiball.smoothed import Smoothed
from certiball.spaces import Grid

PLANS = {
    "fixed": FixedSamples(n0=40, n=600),
    "many": FixedSamples(n0=40, n=4000),
    "randomized": FixedSamples(n0=40, n=600, bound=Bound.RANDOMIZED),
    "targets": TargetRadius((0.25, 1.0), max_n=600),
    "views": EveryView(views=255),
    "precision": Precision(rel=0.3, max_n=600, radius_cap=0.5),
}
THREATS = ("linf:1/255", "l2:.1", "rotation by 10 degrees")


def bright(batch: np.ndarray) -> np.ndarray:
    """Sums of whole numbers, so that no batch shape can change an answer; class 2 is rare."""
    total = np.rint(255 * batch.astype(np.float64)).sum((1, 2, 3))
    return (total > 510).astype(np.int64) + (total > 1500)


def greys() -> ArrayDataset:
    levels = np.array([0, 50, 110, 140, 200, 255], dtype=np.uint8)
    return ArrayDataset(
        name="six greys",
        space=Grid.uint8(),
        classes=("dark", "light", "glaring"),
        inputs=np.tile(levels[:, None, None, None], (1, 1, 2, 2)),
        labels=(levels > 127).astype(np.int64),
    )


@dataclass(frozen=True, kw_only=True)
class Made:
    """A record as its files hold it."""

    payload: bytes
    table: bytes

    @property
    def record(self) -> Record:
        return record_of(self.payload, Path("certificate.json"))

    @property
    def rows(self) -> list[Row]:
        return read_table(self.table, self.record.given.table.format)

    def write(self, folder: Path) -> Path:
        path = folder / "certificate.json"
        path.write_bytes(self.payload)
        (folder / "certificate.table.tsv").write_bytes(self.table)
        return path


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Results]:
    """A run that is carried out to its end, once for each set of changes."""
    known: dict[str, Results] = {}

    def make(plan: str = "fixed", **changes: Any) -> Results:
        key = f"{plan} {sorted(changes.items())}"
        if key not in known:
            folder = tmp_path_factory.mktemp("run") / "run"
            data = greys()
            name = changes.pop("name", "v1")
            classifier = FunctionClassifier(bright, num_classes=3, name=name)
            usual: dict[str, Any] = {
                "g": Smoothed(classifier, Gaussian(sigma=0.5), space=data.space),
                "dataset": data,
                "model_name": "/home/ada/nets/bright.pt",
                "plan": PLANS[plan],
                "batch": 64,
                "threads": 1,
                "seed": 7,
            }
            job = Job(**(usual | changes))
            with attempt(folder, prepare(folder, job)) as held:
                for _ in execute(held, job.g, job.dataset):
                    pass
            source = Source(text="/data/greys.npz", classes=data.classes)
            known[key] = replace(read_run(folder), source=source)
        return known[key]

    return make


@pytest.fixture(scope="session")
def made(finished: Callable[..., Results]) -> Callable[..., Made]:
    """A record of such a run."""

    def make(plan: str = "fixed", wish: Wish | None = None, **changes: Any) -> Made:
        wish = wish or Wish(issuer="Ada", threats=THREATS)
        payload, table = issue(finished(plan, **changes), wish)
        return Made(payload=payload, table=table)

    return make
