"""The networks of a study that are trained in its folder, each from the same start."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from torch import nn

from certiball.balls import Norm
from certiball.datasets import Dataset
from certiball.models.architecture import Architecture
from certiball.study.table import Network
from certiball.train.adversarial import AdversarialLoss
from certiball.train.clean import CleanLoss
from certiball.train.fit import Loss
from certiball.train.gaussian import GaussianLoss
from certiball.train.progress import Progress
from certiball.train.recipe import Recipe
from certiball.train.train import train

PGD_COST = 8  # times what a step without an inner search costs
FINE_TUNING = Recipe(epochs=1, batch=128, lr=0.01, schedule="cosine")  # of given weights

Key = tuple[str, float | None]  # a network's weights, and the σ that they were trained for


@dataclass(frozen=True, kw_only=True, eq=False)
class Training:
    """How networks are trained.

    Args:
        dataset: on what.
        architecture: of all of them.
        recipe: how.
        initial: weights to start from; None for those of the recipe's seed.
        epsilon: of PGD training, in L2. Each of its steps costs eight, so that it has an eighth of
            the epochs, and one at least.
    """

    dataset: Dataset
    architecture: Architecture
    recipe: Recipe
    initial: nn.Module | None = None
    epsilon: float = 0.5

    def loss(self, key: Key) -> Loss:
        """What a network is trained by."""
        network, sigma = key
        if sigma is not None:
            return GaussianLoss(sigma=sigma)
        if network == Network.PGD.value:
            return AdversarialLoss(norm=Norm.L2, epsilon=self.epsilon, space=self.dataset.space)
        return CleanLoss()

    def recipe_of(self, key: Key) -> Recipe:
        """How long a network is trained."""
        recipe = self.recipe
        if key[0] != Network.PGD.value:
            return recipe
        epochs = max(1, recipe.epochs // PGD_COST)
        return replace(recipe, epochs=epochs, warmup=min(recipe.warmup, epochs - 1))


def train_network(
    home: Path,
    training: Training,
    key: Key,
    report: Callable[[Progress], None] | None = None,
) -> nn.Module:
    """Train a network in its folder, or go on with that, or return what is finished.

    Raises:
        CertiballError: as `train`.
    """
    network, sigma = key
    name = network if sigma is None else f"{network}-sigma{sigma:g}"
    return train(
        training.architecture,
        training.dataset,
        training.loss(key),
        training.recipe_of(key),
        folder=home / "networks" / name.lower(),
        report=report,
        initial=training.initial,
    )
