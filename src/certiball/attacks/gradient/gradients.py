"""Gradients of a classifier by its inputs, counted image by image: what a white-box attack sees."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from certiball.attacks.oracle import BATCH, BaseOracle, Oracle, SmoothedOracle
from certiball.attacks.search.hunt import UNLIMITED
from certiball.classifiers import Classifier
from certiball.classifiers.device import device_of
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError, ModelError
from certiball.shapes import Array, Labels

# From scores [m, classes] and the image [m] that each row is of (int64, on the scores' device) to
# one loss for each row [m], or to several [k, m]; a row's loss depends on its own scores only.
Losses: TypeAlias = Callable[[Tensor, Tensor], Tensor]


class Gradients:
    """Scores of a torch module, and gradients of losses by its inputs, for n attacked images.

    Points are float32 tensors [m, ...] on the module's device, in the units of its inputs; owners
    say of which image each is. Weights get no gradient.

    Args:
        classifier: a TorchClassifier that runs eagerly.
        images: n, how many are attacked.
        batch: rows that the module is shown at once, at most.
        most: gradients of each image, at most; what is asked beyond them is 0. None for any.

    Attributes:
        most: gradients of each image, at most, int64 [n].
        forwards: rows that the module was shown for each image, int64 [n].
        backwards: gradients that were computed for each image, int64 [n].

    Raises:
        InputError: if the classifier has no gradients.

    Example:
        >>> model = torch.nn.Linear(2, 2, bias=False)
        >>> _ = model.weight.data.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0]]))
        >>> gradients = Gradients(TorchClassifier(model, num_classes=2), images=1)
        >>> points, owners = torch.zeros(1, 2), torch.tensor([0])
        >>> gradients.of(points, owners, lambda scores, owners: scores[:, 1] - scores[:, 0])[2]
        tensor([[-1.,  1.]])
        >>> gradients.forwards, gradients.backwards
        (array([1]), array([1]))
    """

    def __init__(
        self, classifier: Classifier, images: int, batch: int = BATCH, most: int | None = None
    ) -> None:
        if not isinstance(classifier, TorchClassifier):
            raise InputError(
                f"a {type(classifier).__name__} has no gradients: wrap a torch module in "
                "TorchClassifier, or take an attack that asks for labels, such as HopSkipJump"
            )
        if classifier.backend != "eager":
            raise InputError(
                f"the backend {classifier.backend} has no gradients: attack "
                'TorchClassifier(…, backend="eager"), and judge what was found by your backend'
            )
        self.classifier = classifier
        self.device = device_of(classifier)
        self.batch = batch
        self.most: Labels = np.full(images, UNLIMITED if most is None else most)
        self._refused = np.zeros(images, dtype=bool)
        self.forwards: Labels = np.zeros(images, dtype=np.int64)
        self.backwards: Labels = np.zeros(images, dtype=np.int64)

    def spent(self, owners: Tensor) -> Array:
        """Which images [m] have no gradient left."""
        chosen = owners.cpu().numpy()
        found: Array = (self.backwards >= self.most)[chosen] | self._refused[chosen]
        return found

    def tensor(self, values: Array) -> Tensor:
        """Values [m, ...] in input units, as float32 on the module's device."""
        return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32)).to(self.device)

    def scores(self, points: Tensor, owners: Tensor) -> Tensor:
        """Scores [m, classes], of which no gradient is kept.

        Raises:
            ModelError: if the module gives no scores.
        """
        with torch.no_grad():
            parts = [self._forward(*part) for part in self._parts(points, owners)]
        return torch.cat(parts)

    def of(self, points: Tensor, owners: Tensor, loss: Losses) -> tuple[Tensor, Tensor, Tensor]:
        """Scores, losses and their gradients by the points, of one forward.

        Args:
            points: [m, ...].
            owners: int64 [m], on any device.
            loss: from scores and owners to [m], or to [k, m] for k losses, each a backward.

        Returns:
            Scores [m, classes], losses [m] or [k, m], and gradients [m, ...] or [k, m, ...].

        Raises:
            ModelError: if the module gives no scores, or they do not depend on the points.
        """
        found = [self._of(*part, loss) for part in self._parts(points, owners)]
        scores, values, gradients = zip(*found, strict=True)
        rows = values[0].ndim - 1  # the dimension along which rows are stacked
        return torch.cat(scores), torch.cat(values, dim=rows), torch.cat(gradients, dim=rows)

    def _of(self, points: Tensor, owners: Tensor, loss: Losses) -> tuple[Tensor, Tensor, Tensor]:
        # The caller may be in inference mode, whose tensors have no gradients: hence the clone.
        with torch.inference_mode(False), torch.enable_grad():
            leaf = points.detach().clone().requires_grad_()
            scores = self._forward(leaf, owners)
            if not scores.requires_grad:
                raise _no_gradient()
            values = loss(scores, owners.to(scores.device))
            rows = self._affordable(owners, values[..., 0].numel())
            sums = values[..., rows].sum(dim=-1).reshape(-1)
            gradients = [self._backward(total, leaf, owners[rows]) for total in sums]
        shape = (*values.shape, *points.shape[1:])
        return scores.detach(), values.detach(), torch.stack(gradients).reshape(shape)

    def _forward(self, points: Tensor, owners: Tensor) -> Tensor:
        scores = self.classifier(points)
        self.forwards += _counted(owners, len(self.forwards))
        wanted = (len(points), self.classifier.num_classes)
        if scores.shape != wanted or not scores.is_floating_point():
            raise ModelError(
                f"the model returned {scores.dtype} of shape {tuple(scores.shape)}: gradient "
                f"attacks need scores, floats {list(wanted)}"
            )
        return scores

    def _affordable(self, owners: Tensor, each: int) -> Tensor:
        """The rows, of so many gradients each, that their images have gradients left for."""
        chosen = owners.cpu().numpy()
        before = np.zeros(len(chosen), dtype=np.int64)  # rows of the same image that come first
        order = np.argsort(chosen, kind="stable")
        ranked = chosen[order]
        before[order] = np.arange(len(chosen)) - np.searchsorted(ranked, ranked)
        fits = self.backwards[chosen] + (before + 1) * each <= self.most[chosen]
        self._refused[chosen[~fits]] = True
        return torch.from_numpy(np.flatnonzero(fits)).to(owners.device)

    def _backward(self, total: Tensor, leaf: Tensor, owners: Tensor) -> Tensor:
        if not len(owners):
            return torch.zeros_like(leaf)
        (gradient,) = torch.autograd.grad(total, leaf, retain_graph=True, allow_unused=True)
        if gradient is None:
            raise _no_gradient()
        self.backwards += _counted(owners, len(self.backwards))
        return gradient

    def _parts(self, points: Tensor, owners: Tensor) -> list[tuple[Tensor, Tensor]]:
        return list(
            zip(torch.split(points, self.batch), torch.split(owners, self.batch), strict=True)
        )


def classifier_of(model: Oracle) -> Classifier:
    """The base classifier behind an oracle: what a white-box attack differentiates.

    Raises:
        InputError: if there is none, such as behind an endpoint.
    """
    if isinstance(model, BaseOracle):
        return model.classifier
    if isinstance(model, SmoothedOracle):
        return model.g.classifier
    raise InputError(
        f"a {type(model).__name__} has no gradients: give BaseOracle(classifier, space) or "
        "SmoothedOracle(g, n), or take an attack that asks for labels, such as HopSkipJump"
    )


def _counted(owners: Tensor, images: int) -> Labels:
    return np.bincount(owners.cpu().numpy(), minlength=images).astype(np.int64)


def _no_gradient() -> ModelError:
    return ModelError(
        "the model's scores do not depend on its input in a way that torch can differentiate: put "
        "the part that breaks the gradient behind certiball.attacks.denoised, or take an attack "
        "that asks for labels"
    )
