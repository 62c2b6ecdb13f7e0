"""What every adapter checks and hashes."""

import torch
from torch import Tensor

from certiball.errors import InputError


def check_classes(num_classes: int) -> None:
    """Refuse a number of classes that leaves nothing to classify."""
    if num_classes < 2:
        raise InputError(f"num_classes must be at least 2, not {num_classes}")


def probe_labels(output: Tensor) -> bytes:
    """The labels in an output, scores or class indices, as bytes to hash."""
    labels = output.argmax(1) if output.ndim == 2 else output
    return labels.to("cpu", torch.int64).numpy().tobytes()
