"""Which radius follows from which noise: one theorem per file, and the table of valid pairs.

A theorem is a function of the law, the bounds on the class probabilities and the slack of the
arithmetic. It returns the radius rounded down, 0 where nothing is proven. No torch.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeAlias

from certiball.balls import Norm
from certiball.errors import InputError
from certiball.laws import Law
from certiball.laws.gaussian import Gaussian
from certiball.theorems import gaussian_l2
from certiball.theorems.bounds import Bounds

Theorem: TypeAlias = Callable[[Any, Bounds, Fraction], float]

TABLE: dict[tuple[type, Norm], Theorem] = {
    (Gaussian, Norm.L2): gaussian_l2.radius,
}


def theorem(law: Law, norm: Norm) -> Theorem:
    """The theorem for a law and a norm.

    Raises:
        InputError: if there is none; the message lists the pairs that have one.
    """
    if (type(law), norm) in TABLE:
        return TABLE[type(law), norm]
    pairs = ", ".join(f"{kind.__name__} in {norm}" for kind, norm in TABLE)
    raise InputError(f"no theorem gives a radius for {law} in {norm}; there is one for: {pairs}")
