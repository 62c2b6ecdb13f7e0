"""Recipes that were found to work, and the architecture that they are for."""

from certiball.models.architecture import Architecture
from certiball.train.recipe import Recipe

# Mean and standard deviation of the 1,297 training digits, in [0, 1].
DIGITS_CNN = Architecture(
    name="small-cnn", classes=10, shape=(1, 8, 8), mean=(0.305,), std=(0.376,)
)

# Chosen on 297 of the training digits, for σ = .25 and .5. A network this small gains nothing from
# a second thread, and on a busy machine two threads that wait for each other take ten times longer.
DIGITS = Recipe(
    epochs=300,
    batch=128,
    lr=0.2,
    nesterov=True,
    weight_decay=1e-3,
    schedule="cosine",
    warmup=5,
    threads=1,
)
