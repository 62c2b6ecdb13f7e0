"""How a model is trained, but for the loss."""

import math
from dataclasses import dataclass
from typing import Literal

from certiball.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Optimiser, schedule and seed.

    The defaults are those of arXiv 1902.02918's code, but for the number of epochs.

    Args:
        epochs: passes over the data.
        batch: inputs per step; the last batch of an epoch may be smaller.
        optimiser: "sgd" or "adamw".
        lr: the highest learning rate.
        momentum: of SGD.
        nesterov: SGD's momentum in Nesterov's form.
        weight_decay: in the optimiser's own sense.
        schedule: "constant"; "step" (times `step_factor` every `step_epochs`); "cosine" to zero.
        step_epochs: see `schedule`.
        step_factor: see `schedule`.
        warmup: epochs over which the rate first climbs linearly.
        threads: of the processor, while training; None leaves torch's number. Sums depend on it,
            and small networks are as fast with one, which cannot be held up by a busy machine.
        seed: of the shuffling and the noise (and of the weights, in `train`).
        initial: what identifies the weights that it starts from, where they were given.

    Raises:
        InputError: if a number is out of range.

    Example:
        >>> Recipe(epochs=10, lr=0.05).schedule
        'step'
    """

    epochs: int
    batch: int = 256
    optimiser: Literal["sgd", "adamw"] = "sgd"
    lr: float = 0.1
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 1e-4
    schedule: Literal["constant", "step", "cosine"] = "step"
    step_epochs: int = 30
    step_factor: float = 0.1
    warmup: int = 0
    threads: int | None = None
    seed: int = 0
    initial: str | None = None

    def __post_init__(self) -> None:
        for name in ("epochs", "batch", "step_epochs", "threads"):
            number = getattr(self, name)
            if number is not None and number < 1:
                raise InputError(f"{name} must be at least 1, not {number}")
        for name in ("lr", "step_factor"):
            if not 0 < getattr(self, name) < math.inf:
                raise InputError(f"{name} must be finite and > 0, not {getattr(self, name)}")
        _check_momentum(self.momentum, self.nesterov)
        if not 0 <= self.weight_decay < math.inf:
            raise InputError(f"weight_decay must be finite and ≥ 0, not {self.weight_decay}")
        _check_warmup(self.warmup, self.epochs)


def _check_momentum(momentum: float, nesterov: bool) -> None:
    if not 0 <= momentum < 1:
        raise InputError(f"momentum must be in [0, 1), not {momentum}")
    if nesterov and momentum == 0:
        raise InputError("nesterov needs momentum > 0, not 0: .9 is usual")


def _check_warmup(warmup: int, epochs: int) -> None:
    if not 0 <= warmup < epochs:
        raise InputError(f"warmup must be at least 0 and less than {epochs} epochs, not {warmup}")
