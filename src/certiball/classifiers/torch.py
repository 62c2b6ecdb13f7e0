"""Torch modules as classifiers."""

import hashlib
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from certiball.classifiers.labels import check_classes, probe_labels
from certiball.errors import ModelError


@dataclass(frozen=True, eq=False)
class TorchClassifier:
    """A torch module, put in eval mode; its device and dtype stay as they are.

    Normalisation belongs inside the module, so that noise is added in the space where the
    perturbation is measured.

    Args:
        model: maps float inputs [batch, ...] to scores [batch, num_classes].
        num_classes: how many scores it gives.

    Example:
        >>> import torch
        >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 3))
        >>> TorchClassifier(model, num_classes=3)(torch.zeros(2, 2, 2)).shape
        torch.Size([2, 3])
    """

    model: nn.Module
    num_classes: int

    def __post_init__(self) -> None:
        check_classes(self.num_classes)
        self.model.eval()

    def __call__(self, batch: Tensor) -> Tensor:
        """Scores [batch, num_classes].

        Raises:
            ModelError: if a part of the module was put back in train mode, where dropout and
                batch statistics make another classifier of it.
        """
        training = next((n for n, m in self.model.named_modules() if m.training), None)
        if training is not None:
            part = f"its part '{training}'" if training else "it"
            raise ModelError(
                f"the model must be in eval mode, but {part} is not: call model.eval()"
            )
        weight = next(self.model.parameters(), None)
        if weight is not None:
            batch = batch.to(device=weight.device, dtype=weight.dtype)
        scores: Tensor = self.model(batch)
        return scores

    def digest(self, probes: Tensor) -> str:
        """SHA-256 over weights, structure and the labels of fixed probes."""
        sha = hashlib.sha256(repr(self.model).encode())
        for name, tensor in sorted(self.model.state_dict().items()):
            plain = tensor.detach().cpu().contiguous()
            sha.update(f"{name} {plain.dtype} {tuple(plain.shape)}".encode())
            sha.update(plain.view(-1).view(torch.uint8).numpy().tobytes())
        sha.update(probe_labels(self(probes)))
        return sha.hexdigest()
