"""Steps and balls of white-box attacks, for many images at once: L2 and L∞."""

import numpy as np
import torch
from torch import Tensor

from certiball.balls import Norm
from certiball.errors import InputError
from certiball.shapes import Array

BALLS = (Norm.L2, Norm.LINF)


def check_norm(attack: str, norm: Norm) -> None:
    """Refuse norms whose balls these attacks cannot walk in.

    Raises:
        InputError: naming those that they can.
    """
    if norm not in BALLS:
        given = " or ".join(f"Norm.{each.name}" for each in BALLS)
        raise InputError(
            f"{attack} is for {' and '.join(map(str, BALLS))}, not for {norm}: give {given}"
        )


def sizes(norm: Norm, deltas: Tensor) -> Tensor:
    """The norms of perturbations [m, ...], shaped [m, 1, …] so that they divide them.

    Example:
        >>> sizes(Norm.L2, torch.tensor([[3.0, 4.0]]))
        tensor([[5.]])
    """
    order = 2 if norm is Norm.L2 else torch.inf
    found: Tensor = torch.linalg.vector_norm(deltas.flatten(1), ord=order, dim=1)
    return found.view(-1, *(1,) * (deltas.ndim - 1))


def steepest(norm: Norm, gradients: Tensor) -> Tensor:
    """The step [m, ...] of length 1 along which a linear function of these gradients grows most.

    Its sign in L∞, itself at length 1 in L2; 0 where a gradient is 0 or no number.

    Example:
        >>> steepest(Norm.L2, torch.tensor([[3e-30, -4e-30], [0.0, torch.nan]]))
        tensor([[ 0.6000, -0.8000],
                [ 0.0000,  0.0000]])
    """
    known = torch.nan_to_num(gradients)
    if norm is Norm.LINF:
        return known.sign()
    # The squares of small gradients are no floats, those of their quotients by the largest are.
    largest = sizes(Norm.LINF, known)
    scaled = torch.where(largest > 0, known / largest, 0.0)
    return torch.where(largest > 0, scaled / sizes(Norm.L2, scaled), 0.0)


def projected(norm: Norm, deltas: Tensor, epsilons: Tensor) -> Tensor:
    """The closest perturbations [m, ...] in balls of radii [m], to the precision of floats.

    Example:
        >>> projected(Norm.L2, torch.tensor([[3.0, 4.0]]), torch.tensor([1.0]))
        tensor([[0.6000, 0.8000]])
    """
    radii = epsilons.view(-1, *(1,) * (deltas.ndim - 1))
    if norm is Norm.LINF:
        return torch.maximum(torch.minimum(deltas, radii), -radii)
    lengths = sizes(norm, deltas)
    return deltas * torch.where(lengths > radii, radii / lengths, 1.0)


def drawn(norm: Norm, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """A perturbation drawn uniformly from the ball of radius 1, float64.

    Example:
        >>> bool(np.abs(drawn(Norm.LINF, np.random.default_rng(0), (2, 3))).max() <= 1)
        True
    """
    if norm is Norm.LINF:
        return rng.uniform(-1, 1, shape)
    direction = rng.standard_normal(shape)
    size: float = rng.random() ** (1 / direction.size)  # the volume within r grows as r^d
    ball: Array = direction * (size / np.linalg.norm(direction))
    return ball
