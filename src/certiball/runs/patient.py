"""What the pre-flight examines."""

from dataclasses import dataclass

from torch import Tensor

from certiball.datasets import Dataset
from certiball.shapes import Array
from certiball.smoothed import Smoothed


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
