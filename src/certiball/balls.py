"""Norms and the balls that certificates speak of."""

import math
from dataclasses import dataclass
from enum import Enum

from certiball.errors import InputError


class Norm(Enum):
    """How the length of a perturbation is measured."""

    L0 = "l0"
    L1 = "l1"
    L2 = "l2"
    LINF = "linf"

    def __str__(self) -> str:
        return {"l0": "L0", "l1": "L1", "l2": "L2", "linf": "L∞"}[self.value]


@dataclass(frozen=True, kw_only=True)
class Ball:
    """All perturbations whose norm is below the radius (strict) or at most the radius.

    Example:
        >>> print(Ball(norm=Norm.L2, radius=0.5))
        ‖δ‖ < 0.5 in L2
    """

    norm: Norm
    radius: float
    strict: bool = True

    def __post_init__(self) -> None:
        if not (self.radius > 0 and math.isfinite(self.radius)):
            raise InputError(f"a ball's radius must be finite and > 0, not {self.radius}")

    def __str__(self) -> str:
        return f"‖δ‖ {'<' if self.strict else '≤'} {self.radius!r} in {self.norm}"
