"""How a torch module is run: as it stands, compiled, or by onnxruntime."""

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor, nn

from certiball.errors import InputError

Forward: TypeAlias = Callable[[Tensor], Tensor]

# "compile" is torch.compile; "freezing" is that too, with the weights as constants, which makes
# some networks faster and others slower.
BACKENDS = ("eager", "compile", "freezing", "onnxruntime")
DTYPES = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "float64": torch.float64,
}


def check_backend(backend: str, dtype: str | None) -> None:
    """Refuse names that are none.

    Raises:
        InputError: naming those that are.
    """
    if backend not in BACKENDS:
        raise InputError(f"backend must be one of {', '.join(BACKENDS)}, not {backend!r}")
    if dtype is not None and dtype not in DTYPES:
        raise InputError(f"dtype must be one of {', '.join(DTYPES)}, not {dtype!r}")


def check_wanted(backend: str | None) -> None:
    """Refuse what is neither a backend nor "auto", which stands for the fastest.

    Raises:
        InputError: naming those that are.
    """
    if backend not in (None, "auto", *BACKENDS):
        raise InputError(f"backend must be auto or one of {', '.join(BACKENDS)}, not {backend!r}")


def forward_of(model: nn.Module, backend: str) -> Forward:
    """What maps a batch of the model's device and dtype to scores.

    Compilers and exporters are imported here, and begin with the first batch.

    Raises:
        MissingExtraError: where onnxruntime or onnx is not installed.
        InputError: where onnxruntime cannot run a model of this device or dtype.
    """
    if backend == "onnxruntime":
        from certiball.classifiers.onnx import OnnxForward

        return OnnxForward(model)
    if backend in ("compile", "freezing"):
        from certiball.classifiers.inductor import compiled

        return compiled(model, freezing=backend == "freezing")
    return model


def converted(model: nn.Module, dtype: str | None) -> nn.Module:
    """The model in another precision: a copy, so that the one given stays as it is.

    Raises:
        InputError: if it has no weights, whose precision that would be.
    """
    import copy

    if dtype is None:
        return model
    kinds = {t.dtype for t in (*model.parameters(), *model.buffers()) if t.is_floating_point()}
    if not any(weight.is_floating_point() for weight in model.parameters()):
        raise InputError(
            f"dtype {dtype} is the precision of weights, and the model has none: leave it out"
        )
    if kinds == {DTYPES[dtype]}:
        return model
    with torch.inference_mode(False):  # weights made in inference mode cannot be compiled
        return copy.deepcopy(model).to(DTYPES[dtype])
