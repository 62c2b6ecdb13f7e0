"""How a model gets to a worker: by value where its code is typed in, by name where it is a file."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cloudpickle
from torch import nn

from certiball.classifiers import Classifier
from certiball.classifiers.torch import SOURCE, own_classes, source_of
from certiball.errors import InputError, ModelError
from certiball.executors.work import Work


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """Work as bytes.

    Args:
        content: the work, with its model on the CPU.
        device: where the model belongs, "cpu" or "cuda"; each worker has one GPU of its own.
        path: where modules are found here; a worker looks there too.
    """

    content: bytes
    device: str
    path: tuple[str, ...]


def pack(work: Work) -> Parcel:
    """Work, ready to be sent.

    Raises:
        InputError: if the model cannot be sent.
    """
    model = getattr(work.g.classifier, "model", None)
    try:
        with _on_cpu(model) as device, _with_sources(model):
            content: bytes = cloudpickle.dumps(work)
    except Exception as error:  # pickling runs the user's code
        raise InputError(
            f"the model cannot be sent to other processes ({type(error).__name__}: "
            f"{str(error).partition(chr(10))[0]}): use --executor serial"
        ) from error
    return Parcel(content=content, device=device, path=tuple(sys.path))


def unpack(parcel: Parcel) -> Work:
    """The work in this process, its model on this process's first GPU if it belongs on one.

    Raises:
        ModelError: if the model's code is not to be found here, or is another version of it.
        CertiballError: as the work's own check raises.
    """
    sys.path.extend(place for place in parcel.path if place not in sys.path)
    try:
        work: Work = cloudpickle.load(io.BytesIO(parcel.content))
    except Exception as error:
        raise ModelError(
            f"a worker cannot load the model ({type(error).__name__}: {error}): its code must be "
            "installed, or in a folder that every machine sees"
        ) from error
    model = getattr(work.g.classifier, "model", None)
    if isinstance(model, nn.Module) and parcel.device != "cpu":
        model.to(parcel.device)
    work.check(work.g.classifier)
    return work


def device_of(classifier: Classifier) -> str:
    """The kind of device that a classifier's module is on: "cpu" for what is no torch module."""
    model = getattr(classifier, "model", None)
    weight = next(model.parameters(), None) if isinstance(model, nn.Module) else None
    return "cpu" if weight is None else weight.device.type


@contextmanager
def _with_sources(model: object) -> Iterator[None]:
    """Classes that are sent by value take their source along; those sent by name never do."""
    marked = []
    try:
        for kind in own_classes(model) if isinstance(model, nn.Module) else ():
            source = source_of(kind)
            if source is not None and SOURCE not in vars(kind):
                setattr(kind, SOURCE, source)
                marked.append(kind)
        yield
    finally:
        for kind in marked:
            delattr(kind, SOURCE)


@contextmanager
def _on_cpu(model: object) -> Iterator[str]:
    """Tensors on a GPU would be loaded onto the same one by every worker."""
    weight = next(model.parameters(), None) if isinstance(model, nn.Module) else None
    if not isinstance(model, nn.Module) or weight is None or weight.device.type == "cpu":
        yield "cpu"
        return
    home = weight.device
    model.to("cpu")
    try:
        yield home.type
    finally:
        model.to(home)
