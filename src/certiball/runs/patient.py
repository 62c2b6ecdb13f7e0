"""What the pre-flight examines, and what one of its checks finds."""

from dataclasses import dataclass
from enum import Enum

from torch import Tensor

from certiball.datasets import Dataset
from certiball.shapes import Array
from certiball.smoothed import Smoothed


class Level(Enum):
    """How bad a finding is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found, and what to do about it."""

    check: str
    level: Level
    text: str
    remedy: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Patient:
    """What is examined.

    Args:
        g: the smoothed classifier.
        dataset: the data it is to be certified on.
        inputs: some of it, encoded, by number.
        labels: their true classes.
        batch: the same as the model sees them.
    """

    g: Smoothed
    dataset: Dataset
    inputs: dict[int, Array]
    labels: dict[int, int]
    batch: Tensor
