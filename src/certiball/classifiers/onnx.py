"""Torch modules exported to ONNX and run by onnxruntime.

An export follows one example through the model, so it is made with a fixed one that no input
of a run decides, and compared with the model on others. A model that branches on its numbers
has no such export, and is refused.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.jit._trace import TracerWarning

from certiball.errors import BackendError, InputError, MissingExtraError
from certiball.shapes import Rows

NEAR = 1e-2  # an export whose scores differ by more, relatively, computes something else
INPUT, OUTPUT = "inputs", "scores"


class OnnxForward:
    """A model as onnxruntime runs it, exported with the first call.

    It uses as many threads as torch may use at the time, and they sleep while they wait: spinning,
    they would take the cores from whatever prepares the next batch. Several threads may call it.

    Args:
        model: in eval mode, with float32 weights on the CPU.

    Raises:
        MissingExtraError: if onnx or onnxruntime is not installed.
        InputError: if the model has other weights, or they are elsewhere.
    """

    def __init__(self, model: nn.Module) -> None:
        for package in ("onnx", "onnxruntime"):
            try:
                import_module(package)
            except ImportError as error:
                raise MissingExtraError(
                    f"backend onnxruntime needs {package}: pip install 'certiball[onnx]'"
                ) from error
        weight = next(model.parameters(), torch.empty(0))
        if weight.device.type != "cpu" or weight.dtype != torch.float32:
            raise InputError(
                "backend onnxruntime is for float32 on the CPU, not for "
                f"{str(weight.dtype).removeprefix('torch.')} on {weight.device}: take eager or "
                "compile"
            )
        self._model = model
        self._exported: bytes | None = None
        self._sessions: dict[int, Any] = {}
        self._lock = Lock()

    def __call__(self, batch: Tensor) -> Tensor:
        """Scores of a batch."""
        return torch.from_numpy(_run(self._session(batch), batch))

    def _session(self, batch: Tensor) -> Any:
        threads = torch.get_num_threads()
        with self._lock:
            if self._exported is None:
                self._exported = _exported(self._model, batch)
            if threads not in self._sessions:
                self._sessions[threads] = _session(self._exported, threads)
            return self._sessions[threads]


def _exported(model: nn.Module, batch: Tensor) -> bytes:
    """The model as ONNX, for batches of any length.

    Raises:
        BackendError: if it cannot be exported, or answers otherwise when it is.
    """
    probes = _probes(batch.shape[1:])
    file: Any = io.BytesIO()  # taken by the exporter that needs no further packages
    with torch.inference_mode():
        expected = model(probes).numpy()  # what does not fit the model fails here, as ever
    try:
        with torch.inference_mode(False), torch.no_grad(), _branches_refused():
            torch.onnx.export(
                model,
                (probes[:2].clone(),),
                file,
                dynamo=False,
                input_names=[INPUT],
                output_names=[OUTPUT],
                dynamic_axes={INPUT: {0: "batch"}, OUTPUT: {0: "batch"}},
            )
    except (RuntimeError, ValueError, TypeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise BackendError(
            f"the model cannot be exported for onnxruntime ({reason}): take --backend eager"
        ) from error
    content: bytes = file.getvalue()
    found = _run(_session(content, 1), probes)
    if not np.allclose(found, expected, rtol=NEAR, atol=NEAR * np.abs(expected).max()):
        raise BackendError(
            "the exported model gives other scores than the model, so something in it was not "
            "exported: take --backend eager"
        )
    return content


@contextmanager
def _branches_refused() -> Iterator[None]:
    """Refuse a model whose way through its parts was read off the example's numbers.

    Raises:
        BackendError: with the place in the model that the exporter names.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    fixed = next((w for w in caught if issubclass(w.category, TracerWarning)), None)
    if fixed is not None:
        raise BackendError(
            f"the model branches on its numbers ({Path(fixed.filename).name}, line {fixed.lineno}) "
            "and cannot be exported for onnxruntime: take --backend eager"
        )


def _probes(shape: torch.Size) -> Tensor:
    """Inputs of either sign, small and large, the same whatever a run looks at first."""
    generator = torch.Generator().manual_seed(0)
    scales = torch.tensor([0.5, 1.0, 0.01, 10.0, 0.5, 1.0, 0.5]).view(-1, *[1] * len(shape))
    shifts = torch.tensor([0.5, 0.0, 0.0, 0.0, -1.0, 1.0, 0.5]).view(-1, *[1] * len(shape))
    return torch.randn(len(scales), *shape, generator=generator) * scales + shifts


def _run(session: Any, batch: Tensor) -> Rows:
    from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, RuntimeException

    try:
        [scores] = session.run([OUTPUT], {INPUT: batch.contiguous().numpy()})
    except (Fail, InvalidArgument, RuntimeException) as error:
        reason = str(error).splitlines()[0]
        raise BackendError(
            f"onnxruntime cannot run a batch of {len(batch)} ({reason}): take --backend eager"
        ) from error
    answers: Rows = scores
    return answers


def _session(content: bytes, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
