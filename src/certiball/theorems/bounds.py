"""What a theorem starts from: bounds on the probabilities of the classes under noise."""

from dataclasses import dataclass

from certiball.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """A lower bound on the top class and, for the two-class rule, an upper bound on the others.

    Example:
        >>> Bounds(p_lower=0.9)
        Bounds(p_lower=0.9, p_upper=None)
    """

    p_lower: float
    p_upper: float | None = None

    def __post_init__(self) -> None:
        for value in (self.p_lower, self.p_upper):
            if value is not None and not 0 <= value <= 1:
                raise InputError(f"a bound on a probability must be from 0 to 1, not {value}")
