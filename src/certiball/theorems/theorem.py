"""What a theorem is: how a radius follows from a law and from bounds, and by whose proof."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from certiball.claim import Rule
from certiball.theorems.bounds import Bounds

Radius: TypeAlias = Callable[[Any, Bounds, Fraction, int], float]


@dataclass(frozen=True, kw_only=True)
class Theorem:
    """From noise and bounds on class probabilities to a ball.

    Args:
        radius: of the law, the bounds, the slack of its arithmetic and the dimension (numbers
            per input); rounded down, 0 where nothing is proven.
        source: where it is proven.
        one_sided: the radius in symbols, from a lower bound on the top class alone.
        two_class: the same where an upper bound on every other class is used too; None where no
            such rule is proven.
        strict: whether the ball is open: at the radius itself nothing is said.
    """

    radius: Radius
    source: str
    one_sided: str
    two_class: str | None = None
    strict: bool = True

    def formula(self, rule: Rule) -> str | None:
        """The radius in symbols by a rule; None where the rule has no proof."""
        return self.one_sided if rule is Rule.ONE_SIDED else self.two_class
