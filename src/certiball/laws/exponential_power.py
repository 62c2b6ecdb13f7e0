"""Exponential power noise: density ∝ exp(−|x/λ|^p) in every coordinate."""

import math
from dataclasses import dataclass
from fractions import Fraction

from certiball.errors import InputError
from certiball.laws.parameters import as_scale
from certiball.laws.reals_only import slack_in_reals
from certiball.numbers import as_float

MOST = 64  # beyond this power the law is all but uniform, and SciPy's functions were not examined


@dataclass(frozen=True, kw_only=True)
class ExponentialPower:
    """Independent noise of density p/(2λΓ(1/p))·exp(−|x/λ|^p), in every coordinate.

    It is one of the laws of arXiv 2002.08118, and leads from the Laplace law (p = 1) over the
    Gaussian one (p = 2, σ = λ/√2) to the uniform law. It is drawn in floating point; on grids take
    one of those three.

    Args:
        scale: λ, in the units of the inputs' space.
        power: p, from 1 to 64.

    Raises:
        InputError: if the scale is not finite and positive, or the power out of range.

    Example:
        >>> law = ExponentialPower(scale=0.5, power=2.0)
        >>> print(law, round(law.deviation(dimension=1), 4))
        ExponentialPower(scale=0.5, power=2.0) 0.3536
    """

    scale: float
    power: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", as_scale("scale", self.scale))
        object.__setattr__(self, "power", as_float("power", self.power))
        if not 1 <= self.power <= MOST:
            raise InputError(
                f"power must be from 1 to {MOST}, not {self.power}: below 1 no theorem holds, and "
                f"above {MOST} take Uniform"
            )

    def slack(self, step: Fraction | None, dimension: int) -> Fraction:
        """0 in the reals.

        Raises:
            InputError: on a grid.
        """
        return slack_in_reals(self, step)

    def deviation(self, dimension: int) -> float:
        """λ·√(Γ(3/p)/Γ(1/p))."""
        return self.scale * math.sqrt(math.gamma(3 / self.power) / math.gamma(1 / self.power))

    def seen(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The same shape."""
        return shape

    def __str__(self) -> str:
        return f"ExponentialPower(scale={self.scale!r}, power={self.power!r})"
