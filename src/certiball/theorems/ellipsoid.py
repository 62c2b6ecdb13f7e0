"""An ellipsoid along the axes: what anisotropic noise certifies."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from certiball.errors import InputError
from certiball.numbers import as_float
from certiball.shapes import Array
from certiball.statistics.rounding import down, fraction_down

LOGARITHM_ERROR = 2.0**-50  # of a logarithm and of sums of few, relatively, four times over


@dataclass(frozen=True, kw_only=True)
class Ellipsoid:
    """All perturbations δ with ‖(δ₁/a₁, …, δ_d/a_d)‖₂ < scale, strictly.

    Args:
        axes: a₁ … a_d, > 0: for a certificate the deviations of the noise, in input units.
        scale: rounded down; the semi-axes are scale · aᵢ.

    Raises:
        InputError: if an axis or the scale is not finite and positive.

    Example:
        >>> import numpy as np
        >>> found = Ellipsoid(axes=(1.0, 3.0), scale=0.5)
        >>> found.covers(np.array([0.3, 1.0])), found.covers(np.array([1.0, 0.3]))
        (True, False)
    """

    axes: Sequence[float]
    scale: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "axes", tuple(as_float("an axis", each) for each in self.axes))
        for each in (self.scale, *self.axes):
            if not (math.isfinite(each) and each > 0):
                raise InputError(f"axes and scale must be finite and > 0, not {each}")
        if not self.axes:
            raise InputError("an ellipsoid has at least 1 axis, not 0")

    def covers(self, delta: Array, step: Fraction | int = 1) -> bool:
        """Whether a perturbation lies inside, decided in exact arithmetic.

        Args:
            delta: the perturbation, of any shape with as many numbers as there are axes.
            step: what a unit of it is worth: the grid's step where it is counted in levels.

        Raises:
            InputError: if the numbers are not as many as the axes, or one is not finite.

        Example:
            >>> import numpy as np
            >>> Ellipsoid(axes=(1.0, 2.0), scale=1.0).covers(np.array([3, 8]), Fraction(1, 5))
            False
        """
        if delta.size != len(self.axes):
            raise InputError(
                f"a perturbation of {delta.size} numbers has no place in an ellipsoid of "
                f"{len(self.axes)} axes"
            )
        squares: dict[float, Fraction] = {}
        try:
            for axis, number in zip(self.axes, delta.ravel().tolist(), strict=True):
                if number:
                    squares[axis] = squares.get(axis, Fraction(0)) + Fraction(number) ** 2
        except (ValueError, OverflowError, TypeError):
            raise InputError("a perturbation is of finite numbers: repair it") from None
        total = sum((each / Fraction(axis) ** 2 for axis, each in squares.items()), Fraction(0))
        return total * Fraction(step) ** 2 < Fraction(self.scale) ** 2

    @property
    def inner_radius(self) -> float:
        """The radius of the largest L2 ball inside, rounded down."""
        return fraction_down(Fraction(self.scale) * Fraction(min(self.axes)))

    @property
    def proxy_radius(self) -> float:
        """The radius of the L2 ball of the same volume, rounded down: scale · (∏ aᵢ)^(1/d).

        It compares ellipsoids (arXiv 2107.04570); it certifies nothing. Taken in logarithms, for
        the product of 3,072 axes is no float.

        Example:
            >>> print(f"{Ellipsoid(axes=1536 * (0.1, 10.0), scale=0.5).proxy_radius:.9f}")
            0.500000000
        """
        return down(math.exp(self._mean_logarithm() - self._doubt()) * self.scale)

    def log_volume_over(self, radius: float) -> float:
        """Ln of the volume, divided by that of an L2 ball of some radius; rounded down.

        Example:
            >>> round(Ellipsoid(axes=(1.0, 2.0, 4.0), scale=1.0).log_volume_over(1.0), 6)
            2.079442
        """
        if not (radius > 0 and math.isfinite(radius)):
            raise InputError(f"a ball's radius must be finite and > 0, not {radius}")
        ratio = math.log(self.scale) - math.log(radius)
        doubt = self._doubt() + LOGARITHM_ERROR * (abs(math.log(self.scale)) + abs(ratio))
        return len(self.axes) * (self._mean_logarithm() + ratio - doubt)

    def _mean_logarithm(self) -> float:
        return math.fsum(map(math.log, self.axes)) / len(self.axes)

    def _doubt(self) -> float:
        """How far off the mean logarithm can be."""
        return LOGARITHM_ERROR * (1 + max(abs(math.log(axis)) for axis in self.axes))
