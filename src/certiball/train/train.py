"""From an architecture to a checkpoint."""

import hashlib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

from safetensors.torch import save
from torch import nn

from certiball.datasets import Dataset
from certiball.models.architecture import Architecture, build
from certiball.models.files import save_model
from certiball.train.fit import Loss, fit
from certiball.train.progress import Progress
from certiball.train.recipe import Recipe


def train(  # noqa: PLR0913 (the parts of a training, each named)
    architecture: Architecture,
    dataset: Dataset,
    loss: Loss,
    recipe: Recipe,
    *,
    folder: Path,
    report: Callable[[Progress], None] | None = None,
    initial: nn.Module | None = None,
) -> nn.Module:
    """Build a model from the recipe's seed, `fit` it, and save it in the folder.

    Called again with the same arguments it continues where it was stopped, or returns at once
    with the finished model. Given weights to start from, it trains a copy of them.

    Returns:
        The model in eval mode; `load_model(folder)` gives the same.

    Raises:
        InputError, SpecMismatchError, StoreError: as `fit` does.

    Example:
        >>> train(architecture, digits("train"), loss, DIGITS, folder=Path("m"))  # doctest: +SKIP
    """
    model: nn.Module
    if initial is None:
        model = build(architecture, seed=recipe.seed)
    else:
        model = deepcopy(initial)
        recipe = replace(recipe, initial=_digest(model))
    fit(model, dataset, loss, recipe, folder=folder, report=report)
    save_model(folder, model, architecture)
    return model


def _digest(model: nn.Module) -> str:
    """Another training in the folder would start elsewhere, and is refused."""
    state = {key: value.detach().cpu().contiguous() for key, value in model.state_dict().items()}
    return hashlib.sha256(save(state)).hexdigest()[:16]
