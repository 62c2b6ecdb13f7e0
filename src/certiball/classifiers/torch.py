"""Torch modules as classifiers."""

import hashlib
import inspect
import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cached_property
from threading import Lock
from typing import Any

import torch
from torch import Tensor, nn

from certiball.classifiers.forward import (
    DTYPES,
    Forward,
    check_backend,
    converted,
    forward_of,
)
from certiball.classifiers.labels import check_classes, probe_labels
from certiball.classifiers.leaving import staying
from certiball.errors import ModelError

MAKING = Lock()  # held while a backend is made ready: several threads may ask for it at once
OTHERS = ("torch", "certiball")  # packages whose version an environment names
SOURCE = "__source_for_certiball__"  # a class attribute, on its way to another process


@dataclass(frozen=True, eq=False)
class TorchClassifier:
    """A torch module, put in eval mode; its device and dtype stay as they are.

    Normalisation belongs inside the module, so that noise is added in the space where the
    perturbation is measured. Another backend or dtype makes another classifier: its scores
    differ in their last bits, or in more, and a certificate is about the one that was sampled.

    Args:
        model: maps float inputs [batch, ...] to scores [batch, num_classes].
        num_classes: how many scores it gives.
        backend: "eager" runs the module as it stands, "compile" by torch.compile, "freezing" so
            with the weights as constants, "onnxruntime" exported, by the extra certiball[onnx].
            What was compiled, exported or copied is made anew where weights have changed since.
        dtype: "float32", "bfloat16", "float16" or "float64" for a copy of the module in that
            precision; None leaves it in its own.

    Raises:
        InputError: for a backend or dtype that does not exist.

    Example:
        >>> import torch
        >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 3))
        >>> TorchClassifier(model, num_classes=3)(torch.zeros(2, 2, 2)).shape
        torch.Size([2, 3])
    """

    model: nn.Module
    num_classes: int
    backend: str = "eager"
    dtype: str | None = None

    def __post_init__(self) -> None:
        check_classes(self.num_classes)
        check_backend(self.backend, self.dtype)
        self.model.eval()

    def __getstate__(self) -> dict[str, Any]:
        """The fields alone: another process compiles for itself."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __call__(self, batch: Tensor) -> Tensor:
        """Scores [batch, num_classes].

        Raises:
            ModelError: if a part of the module was put back in train mode, where dropout and
                batch statistics make another classifier of it, or if the caller is within
                `torch.autocast`, which makes yet another, or if the module would end the program.
            BackendError: if the backend cannot run the module here.
            MissingExtraError: if it needs an extra that is not installed.
        """
        training = next((n for n, m in self.model.named_modules() if m.training), None)
        if training is not None:
            part = f"its part '{training}'" if training else "it"
            raise ModelError(
                f"the model must be in eval mode, but {part} is not: call model.eval()"
            )
        weight = next(self.model.parameters(), None)
        _refuse_autocast("cpu" if weight is None else weight.device.type)
        if weight is not None:
            dtype = weight.dtype if self.dtype is None else DTYPES[self.dtype]
            batch = batch.to(device=weight.device, dtype=dtype)
        with staying():
            return self._forward(batch)

    def _forward(self, batch: Tensor) -> Tensor:
        if self.backend == "eager" and self.dtype is None:
            scores: Tensor = self.model(batch)
            return scores
        state = _state(self.model)
        with MAKING:
            if self._made.get("state") != state:
                forward = forward_of(converted(self.model, self.dtype), self.backend)
                self._made.update(state=state, forward=forward)
            run: Forward = self._made["forward"]
        return run(batch)

    @cached_property
    def _made(self) -> dict[str, Any]:
        """What was compiled, exported or copied, and the state of the weights that it saw."""
        return {}

    def digest(self, probes: Tensor) -> str:
        """SHA-256 over weights, structure, settings, source and the labels of fixed probes.

        Settings are the plain values and tensors among the attributes of each part, and source
        is that of the classes of its parts. Of torch's own and certiball's classes it is left
        out: an environment names their versions.
        """
        sha = hashlib.sha256(repr(self.model).encode())
        for name, tensor in sorted(self.model.state_dict().items()):
            sha.update(f"{name} {_content(tensor)}".encode())
        for name, part in self.model.named_modules():
            for text in _settings(part):
                sha.update(f"{name} {text}".encode())
        for kind in own_classes(self.model):
            sha.update((source_of(kind) or "").encode())
        sha.update(probe_labels(self, probes))
        return sha.hexdigest()


def _refuse_autocast(device: str) -> None:
    """Its precision is in no specification, and threads and workers would not inherit it."""
    if torch.is_autocast_enabled(device):
        kind = str(torch.get_autocast_dtype(device)).removeprefix("torch.")
        raise ModelError(
            f"the model is called within torch.autocast ({kind}), which makes another classifier "
            f'of it: leave that block, or give TorchClassifier(dtype="{kind}"); autocast inside '
            "of its own forward is a part of it"
        )


def _state(model: nn.Module) -> tuple[tuple[int, int], ...]:
    """Changes with every change of a weight or buffer, in place or not."""
    tensors = itertools.chain(model.parameters(), model.buffers())
    return tuple((t.data_ptr(), 0 if t.is_inference() else t._version) for t in tensors)


def _settings(part: nn.Module) -> Iterator[str]:
    """What a part's answers may depend on and is neither a weight nor in its `repr`."""
    for name, tensor in sorted(part.named_buffers(recurse=False)):
        yield f"buffer {name} {_content(tensor)}"  # some are in no state_dict
    for name, value in sorted(vars(part).items()):
        if name.startswith("_") or name == "training":
            continue
        if isinstance(value, Tensor):
            yield f"attribute {name} {_content(value)}"
        elif _is_plain(value):
            yield f"attribute {name} {value!r}"
        elif inspect.isroutine(value):
            yield f"attribute {name} {value.__module__} {value.__qualname__}"


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple | list):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, bool | int | float | str)


def own_classes(model: nn.Module) -> Iterator[type]:
    """The classes of a module's parts, and those they are made of, that are the user's."""
    for kind in dict.fromkeys(type(part) for part in model.modules()):
        for each in kind.__mro__:
            if each.__module__.partition(".")[0] not in OTHERS:
                yield each


def source_of(kind: type) -> str | None:
    """The source of a class; None where there is none.

    A class that travels to another process by value has left its file behind, and carries it.
    """
    carried: str | None = vars(kind).get(SOURCE)
    if carried is None:
        with suppress(OSError, TypeError):  # typed into a console, or built in
            return inspect.getsource(kind)
    return carried


def _content(tensor: Tensor) -> str:
    plain = tensor.detach().cpu().contiguous()
    raw = plain.view(-1).view(torch.uint8).numpy().tobytes()
    return f"{plain.dtype} {tuple(plain.shape)} {hashlib.sha256(raw).hexdigest()}"
