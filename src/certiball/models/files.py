"""Saving models, and loading whatever a user calls a model."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save
from torch import nn

from certiball.atomic import write_atomically
from certiball.errors import InputError
from certiball.models.architecture import Architecture
from certiball.models.factory import from_factory, is_factory
from certiball.models.pickled import (
    PICKLES,
    check_archive,
    load_trusted,
    refuse_code,
    torch_load,
)
from certiball.models.weights import with_weights
from certiball.reading import is_there, read_plain

LONGEST = 2**20  # bytes of an architecture's JSON

KINDS = (
    "a checkpoint folder or .safetensors, .pt or .pth weights with a named architecture, "
    "package.module:factory; with --trust-pickle also .pt2, .pkl, .joblib"
)


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedModel:
    """A model and what is known of it.

    Args:
        model: a `torch.nn.Module` in eval mode, a scikit-learn estimator (from .pkl, .joblib or a
            factory), or a classifier that a factory returned.
        architecture: if the model is one of ours.
        path: the file that was read, or None for a factory.
    """

    model: Any
    architecture: Architecture | None
    path: Path | None


def save_model(path: Path, model: nn.Module, architecture: Architecture) -> Path:
    """Write a checkpoint, weights beside the JSON of their architecture.

    Args:
        path: a folder (model.safetensors and model.json are put there) or a name ending in
            .safetensors.
        model: what `build(architecture)` returned, trained since.
        architecture: of the model.

    Returns:
        The path of the weights.

    Raises:
        StoreError: if the folder cannot be written to.

    Example:
        >>> save_model(Path("runs/mine"), model, architecture)  # doctest: +SKIP
    """
    weights = path if path.suffix == ".safetensors" else path / "model.safetensors"
    state = {key: value.detach().cpu().contiguous() for key, value in model.state_dict().items()}
    write_atomically(weights.with_suffix(".json"), architecture.to_json().encode())
    write_atomically(weights, save(state))
    return weights


def load_model(
    source: str | Path, *, architecture: Architecture | None = None, trust_pickle: bool = False
) -> LoadedModel:
    """The model that a string means, in eval mode.

    Args:
        source: a checkpoint's folder or .safetensors; .safetensors, .pt or .pth weights from
            elsewhere, with `architecture`; "package.module:factory".
        architecture: of bare weights; a checkpoint has its own and refuses another. Its mean 0
            and std 1 give way to the numbers of a normalising layer in the file.
        trust_pickle: also read files that can run code: whole pickled modules, torch.export
            archives (.pt2), .pkl and .joblib.

    Raises:
        InputError: if there is no such file, it is damaged or of no known kind, its weights do
            not fit, the architecture is not known, or it could run code and is not trusted.

    Example:
        >>> load_model("runs/mine").architecture.name  # doctest: +SKIP
        'small-cnn'
    """
    path = Path(source)
    if not is_there(path) and is_factory(str(source)):
        return LoadedModel(model=from_factory(str(source)), architecture=None, path=None)
    if path.is_dir():
        path = path / "model.safetensors"
    if not is_there(path):
        raise InputError(f"no model at {str(path)!r}: give {KINDS}")
    if path.suffix == ".safetensors":
        named = _architecture_of(path, architecture)
        model, named = with_weights(named, _safetensors(path), str(path))
        return LoadedModel(model=model, architecture=named, path=path)
    if path.suffix in (".pt", ".pth", ".tar", ".ckpt"):
        content = _torch_file(path, trust_pickle)
    elif path.suffix in (".pt2", *PICKLES):
        if not trust_pickle:
            refuse_code(path, f"is a {path.suffix} file")
        content = load_trusted(path)
    else:
        raise InputError(f"{path} is no kind of model that is known: give {KINDS}")
    return _from_content(content, path, architecture)


def has_architecture(source: str | Path) -> bool:
    """Whether a string means a checkpoint, which says of what its weights are."""
    path = Path(source)
    weights = path / "model.safetensors" if path.is_dir() else path
    return weights.suffix == ".safetensors" and is_there(weights.with_suffix(".json"))


def _architecture_of(path: Path, given: Architecture | None) -> Architecture:
    beside = path.with_suffix(".json")
    if not is_there(beside):
        return _stated(path, given)
    text = read_plain(beside, most=LONGEST).decode(errors="replace")
    try:
        found = Architecture.from_json(text)
    except InputError as error:
        raise InputError(f"{beside}: {error}") from error
    if given is not None and given != found:
        raise InputError(
            f"{beside} says {found}, not {given}: leave the architecture out to take the file's"
        )
    return found


def _stated(path: Path, given: Architecture | None) -> Architecture:
    if given is None:
        raise InputError(
            f"{path} holds weights, and no {path.stem}.json beside it says of what: "
            "name the architecture"
        )
    return given


def _safetensors(path: Path) -> dict[str, torch.Tensor]:
    content = read_plain(path)
    try:
        return load(content)
    except Exception as error:  # its own error, and others for types that torch has not
        raise InputError(f"{path} is not whole ({error}): copy it again") from error


def _torch_file(path: Path, trust_pickle: bool) -> Any:
    check_archive(path)
    if trust_pickle:
        return load_trusted(path)
    try:
        return torch_load(path, weights_only=True)
    except (EOFError, OSError, zipfile.BadZipFile) as error:
        raise InputError(f"cannot read {path} ({error}): copy it again") from error
    except Exception:  # torch raises UnpicklingError, RuntimeError and others for foreign content
        refuse_code(path, "holds more than weights (or is damaged)")


def _from_content(content: Any, path: Path, architecture: Architecture | None) -> LoadedModel:
    if isinstance(content, nn.Module):
        # A torch.export module is in the mode it was exported in, and cannot be put into eval.
        model = content if path.suffix == ".pt2" else content.eval()
        return LoadedModel(model=model, architecture=None, path=path)
    if path.suffix in PICKLES and hasattr(content, "predict"):
        return LoadedModel(model=content, architecture=None, path=path)
    if not isinstance(content, dict):
        raise InputError(f"{path} holds {type(content).__name__}, not a model or its weights")
    named = _stated(path, architecture)
    model, named = with_weights(named, content, str(path))
    return LoadedModel(model=model, architecture=named, path=path)
