"""Attacks through a denoiser: a classifier made of both, and gradients of both.

An attack on the base model alone underrates itself: what it finds may be denoised away. So the
denoiser is put in front of the model, and every white-box attack on that is adaptive. With noise,
`Smoothed(denoised(…), law, space)` is denoised smoothing (arXiv 2003.01908), and EOTPGD its attack.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from certiball.classifiers import Classifier
from certiball.classifiers.function import FunctionClassifier
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError, ModelError


def denoised(
    denoiser: Any,
    classifier: Classifier,
    *,
    straight_through: bool = False,
    takes: str = "torch",
) -> TorchClassifier:
    """The classifier that sees what a denoiser makes of its inputs.

    Its scores are those of the deployed pair, to the bit; only gradients are a choice. A denoiser
    that rounds, picks or leaves torch has none, or none but 0: `straight_through` then takes it
    for the identity on the way back (BPDA, arXiv 1802.00420, section 4.1), for what it makes
    of an image is near that image.

    Args:
        denoiser: a torch module or a function, from a batch [n, ...] to another of its shape.
        classifier: the base model.
        straight_through: whether gradients pass the denoiser as if it were not there.
        takes: "numpy" or "torch", what a function wants its batches as.

    Raises:
        InputError: if either cannot be called so.

    Example:
        >>> base = TorchClassifier(nn.Linear(2, 2), num_classes=2)
        >>> pair = denoised(torch.round, base, straight_through=True)
        >>> x = torch.tensor([[0.2, 0.9]])
        >>> bool((pair(x) == base(torch.tensor([[0.0, 1.0]]))).all())
        True
    """
    if not isinstance(classifier, TorchClassifier):
        raise InputError(
            f"a {type(classifier).__name__} has no gradients behind a denoiser: wrap a torch "
            "module in TorchClassifier"
        )
    if not callable(denoiser):
        raise InputError(f"denoiser must be a torch module or a function, not {denoiser!r}")
    if not isinstance(denoiser, nn.Module):
        denoiser = Called(denoiser, takes)
    return replace(classifier, model=Denoised(denoiser, classifier.model, straight_through))


class Denoised(nn.Module):
    """A denoiser, and a model that is shown what it makes."""

    def __init__(self, denoiser: nn.Module, model: nn.Module, straight_through: bool) -> None:
        super().__init__()
        self.denoiser = denoiser
        self.model = model
        self.straight_through = straight_through

    def forward(self, batch: Tensor) -> Tensor:
        """Scores [n, classes] of a batch [n, ...].

        Raises:
            ModelError: if the denoiser changes a batch's shape.
        """
        if self.straight_through:
            clean: Tensor = _StraightThrough.apply(batch, self.denoiser)  # type: ignore[no-untyped-call]
        else:
            clean = self.denoiser(batch)
        if clean.shape != batch.shape:
            raise ModelError(
                f"the denoiser made {tuple(clean.shape)} of a batch {tuple(batch.shape)}: it must "
                "keep the shape"
            )
        scores: Tensor = self.model(clean)
        return scores


class Called(nn.Module):
    """A function as a module, on the device and in the dtype of its batches."""

    def __init__(self, function: Callable[[Any], Any], takes: str) -> None:
        super().__init__()
        self.function = function
        self.run = FunctionClassifier(function, num_classes=2, takes=takes)

    def forward(self, batch: Tensor) -> Tensor:
        """What the function makes of a batch."""
        return self.run(batch).to(batch)


class _StraightThrough(torch.autograd.Function):
    """A module forwards, nothing backwards."""

    @staticmethod
    def forward(ctx: Any, batch: Tensor, module: nn.Module) -> Tensor:
        made: Tensor = module(batch)
        return made.clone() if made is batch else made

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0], None
