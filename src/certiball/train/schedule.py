"""The learning rate as a function of the step alone, so that resuming needs no state."""

import math

from certiball.train.recipe import Recipe


def learning_rate(recipe: Recipe, step: int, steps_per_epoch: int) -> float:
    """The rate of one step, counted from 0 over all epochs.

    Example:
        >>> recipe = Recipe(epochs=2, lr=1.0, schedule="cosine")
        >>> [round(learning_rate(recipe, step, 2), 2) for step in range(4)]
        [1.0, 0.85, 0.5, 0.15]
    """
    warm = recipe.warmup * steps_per_epoch
    if step < warm:
        return recipe.lr * (step + 1) / warm
    if recipe.schedule == "cosine":
        progress = (step - warm) / (recipe.epochs * steps_per_epoch - warm)
        return recipe.lr * (1 + math.cos(math.pi * progress)) / 2
    if recipe.schedule == "step":
        drops = step // steps_per_epoch // recipe.step_epochs
        return float(recipe.lr * recipe.step_factor**drops)
    return recipe.lr
