"""scikit-learn estimators as classifiers."""

import hashlib
import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from certiball.classifiers.labels import probe_labels
from certiball.classifiers.leaving import staying
from certiball.errors import InputError


@dataclass(frozen=True, eq=False)
class SklearnClassifier:
    """A fitted scikit-learn classifier or pipeline; inputs are flattened to rows.

    Class i is `estimator.classes_[i]`.

    Args:
        estimator: anything fitted that has `predict` and `classes_`.

    Raises:
        InputError: if it has not been fitted as a classifier.
    """

    estimator: Any

    def __post_init__(self) -> None:
        if not hasattr(self.estimator, "classes_"):
            name = type(self.estimator).__name__
            raise InputError(f"{name} has no classes_: it must be a classifier, fitted before")

    @property
    def num_classes(self) -> int:
        """How many classes it was fitted on."""
        return len(self.estimator.classes_)

    def __call__(self, batch: Tensor) -> Tensor:
        """Class indices of a batch."""
        rows = batch.numpy(force=True).reshape(len(batch), -1)
        with staying():
            names = np.asarray(self.estimator.predict(rows))
        order = np.argsort(self.estimator.classes_)
        found = np.searchsorted(self.estimator.classes_, names, sorter=order)
        return torch.from_numpy(order[found].astype(np.int64))

    def digest(self, probes: Tensor) -> str:
        """A hash of the fitted estimator and of the labels of fixed probes.

        It is that of a copy, for the hash tells one that was fitted here from one that was loaded.
        """
        import joblib

        copy = pickle.loads(pickle.dumps(self.estimator))
        fitted = f"{self.estimator!r} {joblib.hash(copy, hash_name='sha1')}"
        return hashlib.sha256(fitted.encode() + probe_labels(self, probes)).hexdigest()
