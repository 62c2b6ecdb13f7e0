"""Scikit-learn's bundled handwritten digits: 1,797 real images of 8×8 pixels."""

from fractions import Fraction
from typing import Literal

import numpy as np

from certiball.datasets.arrays import ArrayDataset
from certiball.spaces import Grid

HELD_OUT = 500
SHUFFLE = 1797  # the split is part of what "digits" means, so its seed is not an option


def digits(split: Literal["train", "test"] = "test") -> ArrayDataset:
    """The 500 held-out digits, or the other 1,297 to train on.

    Pixels are 0..16 in the original; here pixel k is level 16·k of a grid of step 1/256, so that
    noise and perturbations are finer than the ink. Shape (1, 8, 8), values in [0, 1].

    Example:
        >>> data = digits("test")
        >>> len(data), data[0][0].shape
        (500, (1, 8, 8))
    """
    from sklearn.datasets import load_digits  # scikit-learn is slow to import

    pixels, labels = load_digits(return_X_y=True)
    # Philox is a counter-based generator: the same order on every machine.
    order = np.random.Generator(np.random.Philox(key=SHUFFLE)).permutation(len(labels))
    chosen = order[:HELD_OUT] if split == "test" else order[HELD_OUT:]
    return ArrayDataset(
        name=f"digits ({split})",
        space=Grid(step=Fraction(1, 256), low=0, high=256),
        classes=tuple("0123456789"),
        inputs=(16 * pixels.astype(np.int16)).reshape(-1, 1, 8, 8)[chosen],
        labels=labels[chosen].astype(np.int64),
    )
