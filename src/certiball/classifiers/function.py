"""Any Python function as a classifier."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from certiball.classifiers.labels import check_classes, probe_labels
from certiball.classifiers.leaving import staying
from certiball.errors import InputError, ModelError


@dataclass(frozen=True, eq=False)
class FunctionClassifier:
    """A function from batches to class indices [batch] or scores [batch, num_classes].

    Args:
        function: takes float32 [batch, ...], returns a NumPy array, a torch tensor or a list.
        num_classes: how many classes there are.
        takes: "numpy" or "torch", what the function wants its batches as.
        name: a digest or version that identifies it, given by you; without one, runs are stored
            as of an unidentified model.

    Example:
        >>> import numpy as np, torch
        >>> bright = FunctionClassifier(lambda x: (x.mean((1, 2)) > 0.5).astype(int), num_classes=2)
        >>> bright(torch.ones(3, 2, 2))
        tensor([1, 1, 1])
    """

    function: Callable[[Any], Any]
    num_classes: int
    takes: str = "numpy"
    name: str | None = None

    def __post_init__(self) -> None:
        check_classes(self.num_classes)
        if self.takes not in ("numpy", "torch"):
            raise InputError(f'takes must be "numpy" or "torch", not {self.takes!r}')

    def __call__(self, batch: Tensor) -> Tensor:
        """Class indices or scores of a batch."""
        given = batch.numpy(force=True) if self.takes == "numpy" else batch
        with staying():
            answer = self.function(given)
        if isinstance(answer, Tensor):
            return answer
        array = np.asarray(answer)
        if array.dtype == np.bool_:
            array = array.astype(np.int64)
        if array.dtype.kind not in "iuf":
            raise ModelError(
                f"the classifier returned {array.dtype} values: it must return class indices "
                "(integers) or scores (floats)"
            )
        return torch.from_numpy(np.ascontiguousarray(array))

    def digest(self, probes: Tensor) -> str | None:
        """A hash of the name that you gave and of the labels of fixed probes, or None."""
        if self.name is None:
            return None
        return hashlib.sha256(self.name.encode() + probe_labels(self, probes)).hexdigest()
