"""A straight way from an image through the base classifier's boundary: figures 1 and 3 go along."""

from dataclasses import dataclass

import numpy as np

from certiball.attacks.oracle import Oracle
from certiball.errors import InputError
from certiball.shapes import Array, Batch
from certiball.study.asking import answers

HALVINGS = 30


@dataclass(frozen=True, kw_only=True, eq=False)
class Way:
    """Points x + (boundary + t)·unit, by their place t: 0 is on the boundary of f.

    Args:
        x: the image [...], float64.
        unit: the direction [...], of length 1.
        boundary: how far along it the base classifier changes its label.
        label: of the image.
    """

    x: Array
    unit: Array
    boundary: float
    label: int

    def at(self, places: Array) -> Batch:
        """The points [k, ...] at places [k], behind the boundary where t > 0."""
        steps = (self.boundary + places).reshape(-1, *(1,) * self.x.ndim)
        points: Batch = self.x + steps * self.unit
        return points


def way_through(oracle: Oracle, x: Array, adversarial: Array, label: int) -> Way:
    """The way from an image towards an adversarial point, its boundary found by bisection.

    Args:
        oracle: of the base classifier, without noise.
        x: the image [...], in the units of the space.
        adversarial: a point [...] of another class.
        label: the class of x.

    Raises:
        InputError: if the two are the same point, or answered with the same class.
    """
    x, adversarial = x.astype(np.float64), adversarial.astype(np.float64)
    length = float(np.linalg.norm(adversarial - x))
    if length == 0:
        raise InputError("the adversarial point is the image itself: there is no direction")
    way = Way(x=x, unit=(adversarial - x) / length, boundary=0.0, label=label)
    first, last = answers(oracle, way.at(np.array([0.0, length])), times=1)[:, 0]
    if first != label or last == label:
        raise InputError(
            f"the base classifier answers {first} for the image and {last} for the adversarial "
            f"point, of which only the first is to be {label}: give another image"
        )
    low, high = 0.0, length
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        found = answers(oracle, way.at(np.array([middle])), times=1)[0, 0]
        low, high = (middle, high) if found == label else (low, middle)
    return Way(x=x, unit=way.unit, boundary=high, label=label)
