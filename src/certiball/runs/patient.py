"""What the pre-flight examines, and how it is asked."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from certiball.classifiers import Classifier
from certiball.datasets import Dataset
from certiball.samplers.streams import Phase, Stream
from certiball.sampling import exact_kernels
from certiball.shapes import Array
from certiball.smoothed import Smoothed

PATIENCE = 5.0  # seconds for a check that asks for many noisy inputs


@dataclass(frozen=True, kw_only=True, eq=False)
class Patient:
    """What is examined.

    Args:
        g: the smoothed classifier.
        dataset: the data it is to be certified on.
        inputs: some of it, encoded, by number.
        labels: their true classes.
        batch: the same as the model sees them.
        key: of the noise that it is examined under.
        copies: noisy copies of each input.
    """

    g: Smoothed
    dataset: Dataset
    inputs: dict[int, Array]
    labels: dict[int, int]
    batch: Tensor
    key: int
    copies: int


def noisy_batches(patient: Patient) -> Iterator[Tensor]:
    """Noisy copies of all inputs at a time: batches of one shape, so that nothing is compiled anew.

    Each is a chunk of its own, and the same whenever it is asked for.
    """
    for chunk in range(patient.copies):
        rows = []
        for number, x in patient.inputs.items():
            stream = Stream(key=patient.key, phase=Phase.PREDICTION, input=number, chunk=chunk)
            rows.append(patient.g.sampler(x.shape).noisy(x.reshape(-1), stream, 1))
        yield torch.from_numpy(np.concatenate(rows)).view(patient.batch.shape)


def soon(batches: Iterator[Tensor]) -> Iterator[Tensor]:
    """As many batches as there is time for, and at least one: a slow model is asked less."""
    end = time.monotonic() + PATIENCE
    for batch in batches:
        yield batch
        if time.monotonic() > end:
            return


def answers(classifier: Classifier, batch: Tensor) -> Tensor:
    """Scores or labels of a batch, by the kernels that a run uses."""
    with exact_kernels(torch.get_num_threads()):
        return classifier(batch).detach().cpu()


def labels_of(output: Tensor) -> Tensor:
    """The labels of an answer."""
    return output.argmax(1) if output.ndim == 2 else output
