"""Classifiers behind one call: a batch in, class indices or scores out."""

from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Classifier(Protocol):
    """Anything that sorts inputs into `num_classes` classes. Hard labels are enough."""

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        ...

    def __call__(self, batch: Tensor) -> Tensor:
        """Scores [batch, classes] or class indices [batch] of float32 inputs [batch, ...]."""
        ...

    def digest(self, probes: Tensor) -> str | None:
        """What identifies the classifier, its answers to fixed inputs included; None if nothing."""
        ...
