"""What counts as adversarial: another class than the input's, or one that was chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from torch import Tensor

from certiball.errors import InputError
from certiball.shapes import Array, Labels


@runtime_checkable
class Criterion(Protocol):
    """Decides by the answered classes alone."""

    def labels(self) -> Labels:
        """The class [n] that each input is to leave."""
        ...

    def targets(self) -> Labels | None:
        """The class [n] that each is to reach; None for any other."""
        ...

    def met(self, answered: Labels, owners: Labels) -> Array:
        """Whether each answer [m], of a point of the input `owners` [m], is adversarial."""
        ...


@dataclass(frozen=True, eq=False)
class Misclassification:
    """Any class but the input's own.

    Args:
        classes: of the inputs, whole numbers [n].

    Example:
        >>> Misclassification([3, 5]).met(np.array([3, 3]), np.array([0, 1])).tolist()
        [False, True]
    """

    classes: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", _whole("labels", self.classes))

    def labels(self) -> Labels:
        """The class [n] that each input is to leave."""
        return np.asarray(self.classes)

    def targets(self) -> None:
        """None: any other class will do."""
        return

    def met(self, answered: Labels, owners: Labels) -> Array:
        """Whether each answer [m] is another class than its owner's."""
        return np.asarray(answered != self.classes[owners])

    def __and__(self, other: Criterion) -> "Both":
        return Both(self, other)


@dataclass(frozen=True, eq=False)
class TargetedMisclassification:
    """A class that was chosen.

    Args:
        target_classes: the class to reach for each input, whole numbers [n].

    Example:
        >>> TargetedMisclassification([7]).met(np.array([3, 7]), np.array([0, 0])).tolist()
        [False, True]
    """

    target_classes: Any

    def __post_init__(self) -> None:
        wanted = _whole("target_classes", self.target_classes)
        object.__setattr__(self, "target_classes", wanted)

    def labels(self) -> Labels:
        """The class of an input is not known here: −1, which is none."""
        return np.full(len(self.target_classes), -1)

    def targets(self) -> Labels:
        """The class [n] that each is to reach."""
        return np.asarray(self.target_classes)

    def met(self, answered: Labels, owners: Labels) -> Array:
        """Whether each answer [m] is its owner's target."""
        return np.asarray(answered == self.target_classes[owners])

    def __and__(self, other: Criterion) -> "Both":
        return Both(self, other)


@dataclass(frozen=True, eq=False)
class Both:
    """Two criteria at once, made by `&`.

    Raises:
        InputError: if they are for different numbers of inputs.
    """

    first: Criterion
    second: Criterion

    def __post_init__(self) -> None:
        one, other = len(self.first.labels()), len(self.second.labels())
        if one != other:
            raise InputError(f"the criteria are for {one} and for {other} inputs: give as many")

    def labels(self) -> Labels:
        """The class [n] that each input is to leave, as the first that knows it says."""
        first = self.first.labels()
        return np.where(first >= 0, first, self.second.labels())

    def targets(self) -> Labels | None:
        """The class [n] that each is to reach, as the first that has one says."""
        first = self.first.targets()
        return self.second.targets() if first is None else first

    def met(self, answered: Labels, owners: Labels) -> Array:
        """Whether each answer [m] meets both."""
        met: Array = self.first.met(answered, owners) & self.second.met(answered, owners)
        return met

    def __and__(self, other: Criterion) -> "Both":
        return Both(self, other)


Wanted: TypeAlias = Criterion | Sequence[int] | Array | Tensor  # labels stand for leaving them


def criterion_of(wanted: Wanted, inputs: int, classes: int) -> Criterion:
    """A criterion for so many inputs; labels [n] are taken as `Misclassification`.

    Raises:
        InputError: if there are not as many as inputs, or a class does not exist.
    """
    criterion = wanted if isinstance(wanted, Criterion) else Misclassification(wanted)
    labels, targets = criterion.labels(), criterion.targets()
    if len(labels) != inputs:
        single = ", or wrap a single input x as x[None]" if len(labels) == 1 else ""
        raise InputError(
            f"the criterion is for {len(labels)} inputs, and there are {inputs}: "
            f"give one label for each{single}"
        )
    for name, numbers in (("label", labels), ("target", targets)):
        if numbers is not None and (numbers >= classes).any():
            worst = int(numbers.max())
            raise InputError(f"{name} {worst} is no class of a model with {classes} classes")
    if targets is not None and (targets == labels).any():
        first = int(np.flatnonzero(targets == labels)[0])
        raise InputError(f"input {first} is of its target class {targets[first]} already")
    return criterion


def _whole(name: str, numbers: Any) -> Labels:
    array = numbers.numpy(force=True) if isinstance(numbers, Tensor) else np.asarray(numbers)
    wrong = None
    if array.ndim != 1:
        wrong = f"of shape {array.shape}"
    elif array.dtype.kind not in "iu":
        wrong = f"{array.dtype}"
    elif (array < 0).any():
        wrong = f"{array.min()}"
    if wrong is not None:
        raise InputError(f"{name} must be whole numbers ≥ 0, one for each input [n], not {wrong}")
    return array.astype(np.int64)
