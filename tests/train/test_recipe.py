import dataclasses
import math

import pytest

from certiball.errors import InputError
from certiball.train.recipe import Recipe
from certiball.train.schedule import learning_rate


def rates(recipe, per_epoch=2):
    return [learning_rate(recipe, step, per_epoch) for step in range(recipe.epochs * per_epoch)]


def test_a_constant_rate_is_constant():
    assert set(rates(Recipe(epochs=9, lr=0.3, schedule="constant"))) == {0.3}


def test_steps_drop_by_the_factor():
    recipe = Recipe(epochs=5, lr=1.0, schedule="step", step_epochs=2, step_factor=0.5)
    assert rates(recipe) == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25]


def test_a_cosine_falls_from_the_rate_to_zero():
    found = rates(Recipe(epochs=50, lr=2.0, schedule="cosine"))
    assert found[0] == 2
    assert found[50] == pytest.approx(1)
    assert 0 < found[-1] < 0.01
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize("schedule", ["constant", "step", "cosine"])
def test_warm_up_climbs_to_the_rate(schedule):
    found = rates(Recipe(epochs=5, lr=1.0, schedule=schedule, warmup=2))
    assert found[:5] == [0.25, 0.5, 0.75, 1, 1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "epochs must be at least 1, not 0"),
        ({"batch": 0}, "batch must be at least 1, not 0"),
        ({"step_epochs": 0}, "step_epochs must be at least 1, not 0"),
        ({"threads": 0}, "threads must be at least 1, not 0"),
        ({"lr": 0.0}, "lr must be finite and > 0, not 0.0"),
        ({"lr": math.nan}, "lr must be finite and > 0, not nan"),
        ({"step_factor": math.inf}, "step_factor must be finite and > 0, not inf"),
        ({"momentum": 1.0}, r"momentum must be in \[0, 1\), not 1.0"),
        ({"momentum": math.nan}, "momentum must be in"),
        ({"weight_decay": -1.0}, "weight_decay must be finite and ≥ 0, not -1.0"),
        ({"weight_decay": math.nan}, "weight_decay must be finite"),
        ({"nesterov": True, "momentum": 0.0}, "nesterov needs momentum > 0"),
        ({"warmup": 3}, "warmup must be at least 0 and less than 3 epochs, not 3"),
        ({"warmup": -1}, "warmup must be at least 0"),
    ],
)
def test_bad_recipes_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        dataclasses.replace(Recipe(epochs=3), **changes)
