"""Where probes are drawn from: all directions, or the few in which networks are steep.

A span is a linear map from coefficients to perturbations. QEBA's three (arXiv 2005.14137)
are upsampled pictures, low frequencies, and the principal directions of a known model's gradients.
"""

import hashlib
import math
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float64
from torch.nn.functional import cross_entropy

from certiball.attacks.gradient.gradients import Gradients
from certiball.attacks.search.frequency import Coefficients, lowest_square
from certiball.classifiers import Classifier
from certiball.errors import InputError
from certiball.numbers import as_whole
from certiball.shapes import Array, Batch

Shape = tuple[int, ...]
Enlarging = Float64[np.ndarray, "size small"]


@runtime_checkable
class Span(Protocol):
    """Directions of inputs of one shape."""

    @property
    def count(self) -> int:
        """How many coefficients there are."""
        ...

    def inputs(self, coefficients: Coefficients) -> Batch:
        """What coefficients [n, count] stand for, float64 [n, *shape]."""
        ...


@runtime_checkable
class Subspace(Protocol):
    """A rule by which directions are chosen, for inputs of any shape."""

    def span(self, shape: Shape) -> Span:
        """The directions for one shape."""
        ...


@dataclass(frozen=True, kw_only=True)
class Everything:
    """All directions: a coefficient for each number of an input."""

    shape: Shape

    @property
    def count(self) -> int:
        """As many as an input has numbers."""
        return math.prod(self.shape)

    def inputs(self, coefficients: Coefficients) -> Batch:
        """The coefficients, in the input's shape."""
        return coefficients.reshape(-1, *self.shape)


@dataclass(frozen=True, kw_only=True)
class Upsampling:
    """Small pictures, enlarged by bilinear interpolation.

    Args:
        factor: how many times smaller each side is: 4 for ImageNet, 2 for CIFAR-10.

    Raises:
        InputError: if the factor is no whole number ≥ 1.

    Example:
        >>> Upsampling(factor=2).span((3, 32, 32)).count
        768
    """

    factor: int = 2

    def __post_init__(self) -> None:
        _check_factor(self.factor)

    def span(self, shape: Shape) -> "Enlarged":
        """Each side of a channel is made of side/factor numbers; so is the one of inputs [d]."""
        sides = tuple(math.ceil(side / self.factor) for side in shape[-2:])
        return Enlarged(shape=shape, small=shape[:-2] + sides)


@dataclass(frozen=True, kw_only=True)
class Enlarged:
    """Pictures [*shape] that are enlarged from a small one [*small]."""

    shape: Shape
    small: Shape

    @property
    def count(self) -> int:
        """How many numbers the small picture has."""
        return math.prod(self.small)

    def inputs(self, coefficients: Coefficients) -> Batch:
        """Small pictures, enlarged along the last two axes, or the only one."""
        pictures: Batch = coefficients.reshape(-1, *self.small)
        for axis in range(-1, -1 - len(self.shape[-2:]), -1):
            weights = _enlarging(self.shape[axis], self.small[axis])
            pictures = np.moveaxis(np.moveaxis(pictures, axis, -1) @ weights.T, -1, axis)
        return np.ascontiguousarray(pictures)


@dataclass(frozen=True, kw_only=True)
class LowFrequencies:
    """The lowest frequencies of each channel, an orthonormal basis of cosines.

    Args:
        factor: how many times fewer are kept along each side.

    Raises:
        InputError: if the factor is no whole number ≥ 1.

    Example:
        >>> LowFrequencies(factor=4).span((3, 32, 32)).count
        192
    """

    factor: int = 2

    def __post_init__(self) -> None:
        _check_factor(self.factor)

    def span(self, shape: Shape) -> Span:
        """The lowest frequencies of inputs of this shape."""
        return lowest_square(shape, side=math.ceil(max(shape[-2:]) / self.factor))


@dataclass(frozen=True, kw_only=True, eq=False)
class Basis:
    """Directions that are given: a span, for inputs of their own shape alone.

    Args:
        directions: [count, *shape], floats; orthonormal for coefficients to keep their length.

    Raises:
        InputError: if there is none, or they are not finite.

    Example:
        >>> Basis(directions=np.eye(2)).inputs(np.array([[3.0, 4.0]]))
        array([[3., 4.]])
    """

    directions: Batch

    def __post_init__(self) -> None:
        if (
            self.directions.ndim < 2
            or not len(self.directions)
            or not np.isfinite(self.directions).all()
        ):
            raise InputError("a basis needs directions [count, *shape], all of finite numbers")

    @property
    def count(self) -> int:
        """How many directions there are."""
        return len(self.directions)

    def inputs(self, coefficients: Coefficients) -> Batch:
        """Sums of the directions."""
        found: Array = np.tensordot(coefficients, self.directions.astype(np.float64), axes=1)
        return found

    def __repr__(self) -> str:  # whole, for keys of randomness and of campaigns are made of it
        digest = hashlib.sha256(np.ascontiguousarray(self.directions).tobytes()).hexdigest()
        return f"Basis({list(self.directions.shape)} {self.directions.dtype} {digest})"

    def span(self, shape: Shape) -> "Basis":
        """The same.

        Raises:
            InputError: if inputs have another shape.
        """
        own = self.directions.shape[1:]
        if own != shape:
            raise InputError(
                f"the directions are for inputs of shape {list(own)}, not {list(shape)}: "
                "take gradients of a model for these inputs"
            )
        return self


def gradient_basis(reference: Classifier, inputs: Batch, labels: Array, *, count: int) -> Basis:
    """The principal directions of a known model's gradients, for a model that is not known.

    Gradients of the cross-entropy are taken at the inputs, each scaled to length 1; the
    directions are their right singular vectors, not centred, for a gradient's sign tells as much
    as its opposite (arXiv 2005.14137 says "PCA" and no more).

    Args:
        reference: a TorchClassifier, on the same inputs as the model that is attacked.
        inputs: [n, *shape], floats in the units of the space.
        labels: their classes [n].
        count: how many directions; at most n and at most d.

    Raises:
        InputError: if the model has no gradients, they are all 0, or there are too few inputs.
        ModelError: if the model gives no scores.

    Example:
        >>> from certiball import TorchClassifier
        >>> model = torch.nn.Linear(3, 2, bias=False)
        >>> _ = model.weight.data.copy_(torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
        >>> reference = TorchClassifier(model, num_classes=2)
        >>> basis = gradient_basis(reference, np.ones((4, 3)), np.zeros(4, int), count=1)
        >>> np.abs(basis.directions)
        array([[1., 0., 0.]])
    """
    rows, dimension = len(inputs), math.prod(inputs.shape[1:])
    if not 1 <= as_whole("count", count) <= min(rows, dimension):
        raise InputError(
            f"{rows} gradients of {dimension} numbers have from 1 to {min(rows, dimension)} "
            f"directions, not {count}: give more inputs"
        )
    if labels.shape != (rows,):
        raise InputError(f"labels of shape {labels.shape} are not one for each of {rows} inputs")
    flat = _gradients(reference, inputs, labels).reshape(rows, dimension)
    sizes = np.linalg.norm(flat, axis=1, keepdims=True)
    if not sizes.any():
        raise InputError("all gradients of the reference model are 0: it tells of no direction")
    units = flat / np.where(sizes > 0, sizes, 1.0)
    _, _, rotation = np.linalg.svd(units, full_matrices=False)
    return Basis(directions=rotation[:count].reshape(count, *inputs.shape[1:]))


def _gradients(reference: Classifier, inputs: Batch, labels: Array) -> Batch:
    """Of the cross-entropy, float64 [n, *shape]."""
    gradients = Gradients(reference, images=len(inputs))
    classes = torch.from_numpy(labels.astype(np.int64)).to(gradients.device)

    def loss(scores: torch.Tensor, owners: torch.Tensor) -> torch.Tensor:
        return cross_entropy(scores, classes[owners], reduction="none")

    *_, found = gradients.of(gradients.tensor(inputs), torch.arange(len(inputs)), loss)
    return found.numpy(force=True).astype(np.float64)


def _enlarging(size: int, small: int) -> Enlarging:
    """The bilinear weights of each of `small` numbers in each of `size`; beyond the ends, theirs.

    Centres of pixels lie at (i + ½)/size, as torch has it without aligned corners.
    """
    places = np.clip((np.arange(size) + 0.5) * small / size - 0.5, 0, small - 1)
    return np.maximum(0.0, 1.0 - np.abs(places[:, None] - np.arange(small)))


def _check_factor(factor: int) -> None:
    if as_whole("factor", factor) < 1:
        raise InputError(f"factor must be at least 1, not {factor}: sides become that much smaller")
