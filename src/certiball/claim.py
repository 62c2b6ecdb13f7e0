"""What is claimed, fixed before the first sample, and how the random numbers came."""

import re
from dataclasses import dataclass, field
from enum import Enum

from certiball.balls import Norm
from certiball.errors import InputError
from certiball.laws import Law, OneGridLaw
from certiball.numbers import as_float
from certiball.spaces import Grid, Space
from certiball.statistics.binomial import check_alpha


class Rule(Enum):
    """Which probabilities the radius is computed from."""

    ONE_SIDED = "one-sided"  # a lower bound on the top class, at level α
    TWO_CLASS = "two-class"  # that and an upper bound on every other class, at α/2 each
    EVERY_CLASS = "every-class"  # the votes of all views themselves, against every other class


class Bound(Enum):
    """How votes bound a probability; part of the claim, for each has its own proof."""

    CLOPPER_PEARSON = "clopper-pearson"  # for a number of votes fixed beforehand
    RANDOMIZED = "randomized"  # Clopper–Pearson split at k by a random number; likewise
    MIXTURE = "mixture"  # at any stop, whatever the rule
    EXACT = "exact"  # not at all: every view was asked, so counts are the facts, and α = 0


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What is claimed, fixed before the first sample.

    Args:
        law: the noise.
        norm: how a perturbation is measured.
        rule: which radius rule, one of them.
        alpha: how often, at most, the claim may be false for one input; 0 where every view is
            asked, and nowhere else.
        space: where inputs live.
        bound: how votes bound a probability.
        strict: whether the balls are open: at the radius itself nothing is claimed.
        backend: what runs the base classifier: run otherwise, it is another classifier.

    Raises:
        InputError: if alpha is not between 10⁻¹⁵ and 1, the bound is exact and alpha or the
            rule does not belong to it, or the law was made for another space.
    """

    law: Law
    norm: Norm
    rule: Rule
    alpha: float
    space: Space
    bound: Bound = Bound.CLOPPER_PEARSON
    strict: bool = field(default=True, repr=False)  # it follows from law and norm
    backend: str = "torch cpu float32"

    def __post_init__(self) -> None:
        object.__setattr__(self, "alpha", as_float("alpha", self.alpha))
        if isinstance(self.law, OneGridLaw):
            self.law.checked(self.space)
        exact = self.bound is Bound.EXACT
        if not exact:
            check_alpha(self.alpha)
        elif self.alpha != 0:
            raise InputError(f"alpha must be 0 where every view is asked, not {self.alpha}")
        if exact is not (self.rule is Rule.EVERY_CLASS):
            raise InputError(
                f"the {self.rule.value} rule is not for the {self.bound.value} bound: the "
                f"{Rule.EVERY_CLASS.value} rule and the {Bound.EXACT.value} bound belong together"
            )


@dataclass(frozen=True, kw_only=True)
class Draw:
    """How the random numbers came: a 128-bit seed, who chose it, and a later public number.

    A seed that somebody chose can be shopped for, and public fixed noise can be optimised
    against; one that the operating system drew after the run was fixed cannot. Whoever ran it
    could still have drawn again: only a public number that is mixed in, and was not known when
    the run was published as fixed, excludes that.

    Args:
        seed: 128 bits.
        chosen: whether somebody chose it.
        announced: which public number was to be mixed in, as said when the run was fixed; None
            for a run without one.
        beacon: that number, 16 to 1,024 hexadecimal digits in small letters; None before it is
            known, and no vote is drawn until then.

    Raises:
        InputError: for a beacon that was not announced or is no such number, or an announcement
            that is no line of 1 to 200 printable characters.
    """

    seed: int
    chosen: bool
    announced: str | None = None
    beacon: str | None = None

    def __post_init__(self) -> None:
        said = self.announced
        if said is not None and not (0 < len(said) <= 200 and said.isprintable() and said.strip()):
            raise InputError(
                f"what is announced must be a line of at most 200 characters, not {said[:40]!r}: "
                'write which public number it will be, as in "drand quicknet, round 17000000"'
            )
        if self.beacon is None:
            return
        if said is None:
            raise InputError("a beacon needs a run that announced it: begin one with --commit")
        if re.fullmatch("[0-9a-f]{16,1024}", self.beacon) is None:
            raise InputError(
                f"the beacon must be 16 to 1,024 hexadecimal digits in small letters, not "
                f"{self.beacon[:40]!r}: take the value as published"
            )

    @property
    def waiting(self) -> bool:
        """Whether a public number was announced that is not known yet."""
        return self.announced is not None and self.beacon is None

    def __str__(self) -> str:
        origin = "chosen by the user" if self.chosen else "drawn by the operating system"
        if self.announced is None:
            return f"seed {self.seed:#034x}, {origin}"
        beacon = "waits for its" if self.beacon is None else f"mixed with {self.beacon[:16]}…, the"
        return f"seed {self.seed:#034x}, {origin}, {beacon} beacon: {self.announced}"


def is_usual(backend: str) -> bool:
    """Whether the words for what runs a classifier are those of a module as it stands, in float32.

    Or of no module at all: functions and estimators run in one way.

    Example:
        >>> is_usual("torch cuda float32"), is_usual("torch cuda bfloat16 float32")
        (True, False)
    """
    return re.fullmatch(r"torch [a-z]+ float32|\w+", backend) is not None


def arithmetic(space: Space) -> str:
    """'lattice' where inputs live on a grid, 'float' elsewhere."""
    return "lattice" if isinstance(space, Grid) else "float"
