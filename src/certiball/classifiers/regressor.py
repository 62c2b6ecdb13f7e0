"""Models whose answers are numbers, not classes."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import Tensor, nn

from certiball.classifiers.function import FunctionClassifier
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError, ModelError


@dataclass(frozen=True, eq=False)
class Regressor:
    """A torch module, or any function on batches, that answers numbers [batch] or [batch, outputs].

    Args:
        model: takes float32 [batch, ...]; a module is put in eval mode.
        outputs: how many numbers there are for each input.
        takes: "numpy" or "torch", what a function wants its batches as.
        name: a digest or version of a function, given by you.

    Raises:
        InputError: unless there is at least one output, and the model can be called.

    Example:
        >>> import torch
        >>> Regressor(lambda x: x.mean((1, 2)))(torch.ones(3, 2, 2))
        tensor([[1.],
                [1.],
                [1.]])
    """

    model: nn.Module | Callable[[Any], Any]
    outputs: int = 1
    takes: str = "numpy"
    name: str | None = None

    def __post_init__(self) -> None:
        if self.outputs < 1:
            raise InputError(f"outputs must be at least 1, not {self.outputs}")
        if not callable(self.model):
            raise InputError(f"model must be a torch module or a function, not {self.model!r}")
        _ = self.run  # refuses what the module or function cannot be

    @property
    def num_classes(self) -> int:
        """Outputs, as what runs classifiers calls them."""
        return self.outputs

    def __call__(self, batch: Tensor) -> Tensor:
        """Numbers [batch, outputs].

        Raises:
            ModelError: if the model gives anything else.
        """
        answer = self.run(batch)
        shape = (len(batch), self.outputs)
        if answer.shape == shape[:1] and self.outputs == 1:
            answer = answer[:, None]
        if answer.shape != shape or not answer.is_floating_point():
            raise ModelError(
                f"the model returned {answer.dtype} of shape {tuple(answer.shape)} for "
                f"{len(batch)} inputs: it must return floats {list(shape)}; check outputs"
            )
        return answer

    def digest(self, probes: Tensor) -> str | None:
        """What identifies the module, or the name given to a function; None without one."""
        return self.run.digest(probes)

    @cached_property
    def run(self) -> TorchClassifier | FunctionClassifier:
        """What runs any module or function; a number of classes means nothing to it here."""
        if isinstance(self.model, nn.Module):
            return TorchClassifier(self.model, num_classes=max(2, self.outputs))
        return FunctionClassifier(
            self.model, num_classes=max(2, self.outputs), takes=self.takes, name=self.name
        )
