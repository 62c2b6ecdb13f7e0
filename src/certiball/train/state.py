"""The training state on disk: enough to continue as if nothing had happened."""

import io
import json
from pathlib import Path
from typing import Any

import torch
from torch import nn

from certiball.atomic import write_atomically
from certiball.errors import SpecMismatchError, StoreError
from certiball.models.pickled import check_archive
from certiball.reading import is_there

FILE = "training.pt"

Configuration = dict[str, str | int | float | bool]


def save_state(
    folder: Path,
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    *,
    done: int,
    configuration: Configuration,
) -> None:
    """Write the state after `done` epochs, replacing the last one in one step.

    Raises:
        StoreError: if the folder cannot be written to.
    """
    buffer = io.BytesIO()
    content = {
        "model": model.state_dict(),
        "optimiser": optimiser.state_dict(),
        "done": done,
        "configuration": json.dumps(configuration),
    }
    torch.save(content, buffer)
    write_atomically(folder / FILE, buffer.getvalue())


def load_state(
    folder: Path,
    model: nn.Module,
    optimiser: torch.optim.Optimizer,
    *,
    configuration: Configuration,
) -> int:
    """Put the stored state into model and optimiser; 0 if there is none.

    Returns:
        How many epochs are done.

    Raises:
        SpecMismatchError: listing what differs, if the folder is of another configuration.
        StoreError: if the file is damaged.
    """
    path = folder / FILE
    if not is_there(path):
        return 0
    check_archive(path)
    try:
        content = _read(path)
        _refuse_another(folder, json.loads(content["configuration"]), configuration)
        model.load_state_dict(content["model"])
        optimiser.load_state_dict(content["optimiser"])
    except SpecMismatchError:
        raise
    except Exception as error:  # torch raises many types for a damaged file
        reason = str(error) if isinstance(error, StoreError) else type(error).__name__
        raise StoreError(
            f"{path} is not a training state ({reason}): remove it to train again from the start"
        ) from error
    return int(content["done"])


def _read(path: Path) -> dict[str, Any]:
    content = torch.load(path, map_location="cpu", weights_only=True)
    if set(content) != {"model", "optimiser", "done", "configuration"}:
        raise StoreError("other content")
    done = content["done"]
    if not isinstance(done, int) or done < 0:
        raise StoreError("no number of epochs")
    return dict(content)


def _refuse_another(folder: Path, stored: Configuration, wanted: Configuration) -> None:
    differences = [
        f"{key} {stored.get(key)} → {wanted.get(key)}"
        for key in sorted(stored.keys() | wanted.keys())
        if stored.get(key) != wanted.get(key)
    ]
    if differences:
        raise SpecMismatchError(
            f"{folder} holds another training ({'; '.join(differences)}): "
            "choose another folder, or remove this one"
        )
