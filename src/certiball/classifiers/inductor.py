"""Torch modules compiled by torch.compile."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from certiball.classifiers.forward import Forward
from certiball.errors import BackendError

SHAPES = 1024  # batch shapes compiled in one process; torch's own 8 are soon used up by tuning


def compiled(model: nn.Module, *, freezing: bool) -> Forward:
    """The model compiled, anew for every shape of batch; on CUDA in graphs.

    Args:
        model: in eval mode.
        freezing: whether weights become constants.
    """
    options: dict[str, Any] = {"freezing": True} if freezing else {}
    if _on_cuda(model):
        options["triton.cudagraphs"] = True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of torch, about itself
        run = torch.compile(model, dynamic=False, options=options)

    from torch._dynamo import config

    def forward(batch: Tensor) -> Tensor:
        # Past its limit of shapes torch would go on uncompiled, as another classifier.
        limits = config.patch(
            recompile_limit=SHAPES,
            accumulated_recompile_limit=SHAPES,
            fail_on_recompile_limit_hit=True,
        )
        _check_enabled()
        with limits, _failures_explained():
            scores: Tensor = run(batch)
        return scores.clone() if scores.is_cuda else scores  # graphs reuse their memory

    return forward


def _check_enabled() -> None:
    """Refuse where torch is told not to compile: it would run the module as it stands.

    Raises:
        BackendError: naming what tells it so.
    """
    from torch._dynamo import eval_frame

    disabled = os.environ.get("TORCHDYNAMO_DISABLE") == "1"
    stance = getattr(getattr(eval_frame, "_stance", None), "stance", "default")
    if disabled or stance != "default":
        cause = "TORCHDYNAMO_DISABLE" if disabled else f"the compiler's stance {stance!r}"
        raise BackendError(f"{cause} keeps torch from compiling: unset it, or take --backend eager")


def _on_cuda(model: nn.Module) -> bool:
    weight = next(model.parameters(), None)
    return weight is not None and weight.is_cuda


@contextmanager
def _failures_explained() -> Iterator[None]:
    """What torch raises where it cannot compile, as one line with a remedy.

    Shapes that do not fit the model raise as they do uncompiled.
    """
    from torch._dynamo import exc

    try:
        yield
    except (exc.BackendCompilerFailed, exc.Unsupported, exc.FailOnRecompileLimitHit) as error:
        cause = getattr(error, "inner_exception", error)
        reason, remedy = str(cause).splitlines()[0], "take"
        if "InvalidCxxCompiler" in f"{type(cause).__name__} {error}":
            reason, remedy = "no working C++ compiler was found", "install g++ or clang++, or take"
        elif ".so: " in reason:  # what a process that was killed while compiling leaves behind
            remedy = "remove this half-written file and repeat the command, or take"
        raise BackendError(
            f"backend compile cannot run this model here ({reason}): {remedy} --backend eager"
        ) from error
