"""From an architecture to a checkpoint."""

from collections.abc import Callable
from pathlib import Path

from torch import nn

from certiball.datasets import Dataset
from certiball.models.architecture import Architecture, build
from certiball.models.files import save_model
from certiball.train.fit import Loss, fit
from certiball.train.progress import Progress
from certiball.train.recipe import Recipe


def train(
    architecture: Architecture,
    dataset: Dataset,
    loss: Loss,
    recipe: Recipe,
    *,
    folder: Path,
    report: Callable[[Progress], None] | None = None,
) -> nn.Module:
    """Build a model from the recipe's seed, `fit` it, and save it in the folder.

    Called again with the same arguments it continues where it was stopped, or returns at once
    with the finished model.

    Returns:
        The model in eval mode; `load_model(folder)` gives the same.

    Raises:
        InputError, SpecMismatchError, StoreError: as `fit` does.

    Example:
        >>> train(architecture, digits("train"), loss, DIGITS, folder=Path("m"))  # doctest: +SKIP
    """
    model = build(architecture, seed=recipe.seed)
    fit(model, dataset, loss, recipe, folder=folder, report=report)
    save_model(folder, model, architecture)
    return model
