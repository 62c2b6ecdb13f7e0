"""The running loss and accuracy of an epoch."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn


class Tally:
    """Sums over the batches of one epoch.

    A loss returns only its value; how often the model was right is overheard from the model's
    last output for the batch, so that any loss will do.

    Example:
        >>> tally, model = Tally(), nn.Identity()
        >>> with tally.listening(model):
        ...     logits = model(torch.eye(2))
        >>> tally.count(torch.tensor(0.5), torch.tensor([0, 0]))
        >>> tally.loss, tally.accuracy
        (0.5, 0.5)
    """

    def __init__(self) -> None:
        self._seen = 0
        self._loss = 0.0
        self._right: int | None = 0
        self._answers: torch.Tensor | None = None

    @contextmanager
    def listening(self, model: nn.Module) -> Iterator[None]:
        """Overhear the model's outputs."""

        def keep(module: nn.Module, inputs: Any, output: torch.Tensor) -> None:
            self._answers = output.detach().argmax(dim=-1)

        handle = model.register_forward_hook(keep)
        try:
            yield
        finally:
            handle.remove()

    def count(self, loss: torch.Tensor, labels: torch.Tensor) -> None:
        """Add one batch: its mean loss, shape (), and its labels, shape (n,)."""
        self._loss += float(loss.detach()) * len(labels)
        self._seen += len(labels)
        if self._answers is None or self._answers.shape != labels.shape or self._right is None:
            self._right = None
        else:
            self._right += int((self._answers == labels).sum())

    @property
    def loss(self) -> float:
        """Mean loss of the inputs counted."""
        return self._loss / self._seen

    @property
    def accuracy(self) -> float | None:
        """Share of the inputs answered rightly, if the answers were overheard."""
        return None if self._right is None else self._right / self._seen
