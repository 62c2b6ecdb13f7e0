"""The smoothed classifier g: what the base classifier answers most often under noise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from torch import Tensor

from certiball.classifiers import Classifier
from certiball.errors import InputError
from certiball.laws import Law
from certiball.laws.one_for_all import refuse_dependent
from certiball.samplers import Sampler, sampler_for
from certiball.shapes import Array, Batch
from certiball.spaces import Grid, Reals, Space

Inputs: TypeAlias = Array | Tensor | Sequence[Any]  # a batch [n, ...] as users hold it


@dataclass(frozen=True, eq=False)
class Smoothed:
    """A base classifier, the noise that it votes under, and the space where both live.

    Args:
        classifier: the base classifier; any that fits the `Classifier` protocol.
        law: the noise.
        space: where inputs live; on a `Grid` noise is exact, in `Reals` it is floating point.

    Example:
        >>> from certiball import FunctionClassifier, Gaussian, Grid
        >>> bright = FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
        >>> g = Smoothed(bright, Gaussian(sigma=0.25), space=Grid.uint8())
    """

    classifier: Classifier
    law: Law
    space: Space

    def __post_init__(self) -> None:
        if not isinstance(self.classifier, Classifier):
            raise InputError(
                f"{type(self.classifier).__name__} is no classifier with num_classes and digest: "
                "wrap it in TorchClassifier, FunctionClassifier or SklearnClassifier"
            )
        refuse_dependent("the law", self.law)
        if not isinstance(self.law, Law):
            raise InputError(f"the law must be noise such as Gaussian(sigma=.25), not {self.law!r}")
        if not isinstance(self.space, Grid | Reals):
            raise InputError(
                f"space must be a Grid or Reals, not {self.space!r}: "
                "Grid.uint8() is the space of 8-bit images"
            )

    def sampler(self, shape: tuple[int, ...]) -> Sampler:
        """Draws noisy copies of inputs of a shape; its tables are built once.

        Raises:
            InputError: if the law does not fit the shape, or has no sampler in the space.
        """
        return sampler_for(self.law, self.space, shape)


def encode(space: Space, inputs: Inputs) -> Batch:
    """Inputs [n, ...] as the space holds them: int64 levels or float32 values, all checked.

    Raises:
        InputError: if there are none, or naming the first that does not belong to the space.
    """
    array = _batch(inputs)
    return space.levels(array) if isinstance(space, Grid) else space.check(array)


def encode_nearest(space: Space, inputs: Inputs) -> Batch:
    """Like `encode`, for inputs of any origin: rounded to the grid first, never clipped.

    Distances to such inputs are measured after rounding.

    Raises:
        InputError: if there are none, or naming the first value that is not finite.
    """
    array = _batch(inputs)
    return space.round(array) if isinstance(space, Grid) else Reals().check(array)


def clean_batch(g: Smoothed, inputs: Batch) -> Batch:
    """Encoded inputs [n, ...] without noise, as the model sees them, float32 [n, *seen]."""
    shape = inputs.shape[1:]
    sampler = g.sampler(shape)
    rows = np.concatenate([sampler.clean(x.reshape(-1)) for x in inputs])
    return rows.reshape(len(inputs), *g.law.seen(shape))


def _batch(inputs: Inputs) -> Array:
    try:
        array = inputs.numpy(force=True) if isinstance(inputs, Tensor) else np.asarray(inputs)
    except (TypeError, ValueError) as error:
        raise InputError(f"inputs must be one array of numbers [n, ...]: {error}") from error
    if array.ndim < 2 or array.size == 0:
        raise InputError(
            f"inputs must be a non-empty batch [n, ...], not shape {array.shape}: "
            "wrap a single input x as x[None]"
        )
    return array
