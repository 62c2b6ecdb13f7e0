"""Work small enough to know by heart: grey images and a classifier that adds whole numbers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from certiball.classifiers.function import FunctionClassifier
from certiball.execution import Block, Execution
from certiball.executors import Bundle, Work
from certiball.laws.gaussian import Gaussian
from certiball.samplers.streams import Phase
from certiball.smoothed import Smoothed
from certiball.spaces import Grid

EXECUTION = Execution(batch=64, threads=1, chunk=32)


def function(spoil: Callable[[np.ndarray], None] | None = None) -> Callable[[np.ndarray], Any]:
    """Sums of whole numbers; `spoil` sees each batch first. By value, so that it can travel."""

    def bright(batch):
        if spoil is not None:
            spoil(batch)
        return (np.rint(255 * batch.astype(np.float64)).sum((1, 2, 3)) > 510).astype(np.int64)

    return bright


@pytest.fixture
def work() -> Callable[..., Work]:
    def make(spoil: Callable[[np.ndarray], None] | None = None, sigma: float = 0.25) -> Work:
        classifier = FunctionClassifier(function(spoil), num_classes=2)
        g = Smoothed(classifier, Gaussian(sigma=sigma), space=Grid.uint8())
        return Work(g=g, key=7, execution=EXECUTION)

    return make


@pytest.fixture
def bundles() -> list[Bundle]:
    """Eight bundles of two blocks each, of two inputs, and one for labels."""
    inputs = {n: np.full((1, 2, 2), 50 * n, dtype=np.uint8) for n in range(5)}
    found = []
    for number in range(8):
        mine = (number % 5, (number + 2) % 5)
        blocks = tuple(
            Block(input=n, phase=Phase.ESTIMATION, first=4 * number, samples=128 - number)
            for n in mine
        )
        found.append(Bundle(number=number, inputs={n: inputs[n] for n in mine}, blocks=blocks))
    return [*found, Bundle(number=8, inputs=inputs)]
