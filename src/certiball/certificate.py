"""What certification answers: a certificate or an abstention, and the claim that they answer."""

import math
import re
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import TypeAlias

from certiball.balls import Ball, Norm, distance_up
from certiball.errors import InputError
from certiball.laws import Law
from certiball.laws.ablation import Ablation
from certiball.laws.discrete import Discrete
from certiball.laws.transformation import Transformation
from certiball.numbers import as_float
from certiball.shapes import Array
from certiball.spaces import Grid, Reals, Space
from certiball.statistics.binomial import check_alpha
from certiball.statistics.rounding import format_down
from certiball.votes import Votes


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


class Verdict(Enum):
    """What votes say about one radius that was asked for."""

    CERTIFIED = "certified"
    NOT_CERTIFIED = "not certified"  # the probability is too small for it, at the plan's own β
    UNDECIDED = "undecided"  # the most votes were drawn and decide neither


@dataclass(frozen=True, kw_only=True)
class Target:
    """A radius that was asked for, and the verdict."""

    radius: float
    verdict: Verdict


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
            rule does not belong to it, or the law is for a grid of another size.
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
        if isinstance(self.law, Discrete):
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


@dataclass(frozen=True, kw_only=True)
class Classical:
    """What Clopper–Pearson gives for the same votes: it stands beside every randomized bound.

    The random number of a randomized bound costs nothing to compute, so a seed could be shopped
    for by it; the classical bound does not depend on it.

    Args:
        p_lower: lower bound on the label's probability, rounded down.
        p_upper: upper bound on every other class's, rounded up; None for the one-sided rule.
        radius: that follows, rounded down; 0 where nothing does.
    """

    p_lower: float
    p_upper: float | None
    radius: float


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """The smoothed classifier gives `label` for every input nearer than `radius`, or as near.

    Args:
        claim: what is claimed, and at which α.
        draw: how the random numbers came.
        selection: the n0 votes that chose the label.
        estimation: the n votes that bound its probability.
        label: the class.
        p_lower: lower bound on the label's probability under noise, rounded down.
        p_upper: upper bound on every other class's, rounded up; None for the one-sided rule.
        radius: rounded down, > 0, in the units of the space; the claim says whether the ball
            is open.
        targets: the radii that the plan asked for, with the verdict on each.
        classical: beside a randomized bound, what the classical one gives; None elsewhere.
    """

    claim: Claim
    draw: Draw
    selection: Votes
    estimation: Votes
    label: int
    p_lower: float
    p_upper: float | None
    radius: float
    targets: tuple[Target, ...] = ()
    classical: Classical | None = None

    def __post_init__(self) -> None:
        if not (self.radius > 0 and math.isfinite(self.radius)):
            raise InputError(f"a certificate's radius must be finite and > 0, not {self.radius}")

    @property
    def ball(self) -> Ball:
        """The perturbations that the certificate speaks of."""
        return Ball(norm=self.claim.norm, radius=self.radius, strict=self.claim.strict)

    def covers(self, clean: Array, perturbed: Array) -> bool:
        """Whether the certificate speaks of another input. The distance is never rounded down.

        Args:
            clean: the input that was certified, without a batch's axis.
            perturbed: the other, as anybody may send it. On a grid integers are levels, and
                floats are rounded to it first, as `predict` does; in float mode both are taken as
                the float32 numbers that the model sees.

        Returns:
            False where it says nothing: beyond the radius, or so near to it that arithmetic
            cannot tell.

        Raises:
            InputError: if the shapes differ, or an input does not belong to the claim's space.
        """
        space = self.claim.space
        if isinstance(space, Grid):
            known, other, step = space.levels(clean), space.round(perturbed), space.step
        else:
            known, other, step = space.check(clean), Reals().check(perturbed), Fraction(1)
        length = distance_up(known, other, self.claim.norm, step)
        if isinstance(self.claim.law, Ablation):  # a pixel counts once, whatever its channels do
            length = float(self.claim.law.changed(known, other))
        return self.ball.holds(length)

    @property
    def arithmetic(self) -> str:
        """'lattice' (integers, sound in floating point) or 'float' (the field's habit)."""
        return arithmetic(self.claim.space)

    def __str__(self) -> str:
        claim = self.claim
        votes = f"{self.estimation.counts[self.label]} of {self.estimation.total}"
        said = (
            f"class {self.label} for {extent(claim, self.radius)}{_where(claim)}, "
            f"for the smoothed classifier under {claim.law}"
            f"{'' if is_usual(claim.backend) else f' run by {claim.backend}'}; "
        )
        if claim.bound is Bound.EXACT:
            return f"{said}{level_means(claim)} ({votes} views)"
        return (
            f"{said}false with probability at most {claim.alpha} ({votes} votes"
            f"{'; the seed was chosen' if self.draw.chosen else ''}{_beside(self.classical)})"
        )


@dataclass(frozen=True, kw_only=True)
class Abstention:
    """No radius is claimed, and why.

    Args:
        claim: what would have been claimed.
        draw: how the random numbers came.
        selection: the n0 votes that chose the label.
        estimation: the n votes that bound its probability.
        label: the class that had most selection votes.
        p_lower: lower bound on its probability under noise, rounded down.
        p_upper: upper bound on every other class's; None for the one-sided rule.
        reason: a sentence.
        targets: the radii that the plan asked for, with the verdict on each.
        classical: beside a randomized bound, what the classical one gives; None elsewhere.
    """

    claim: Claim
    draw: Draw
    selection: Votes
    estimation: Votes
    label: int
    p_lower: float
    p_upper: float | None
    reason: str
    targets: tuple[Target, ...] = ()
    classical: Classical | None = None

    def __str__(self) -> str:
        return f"abstains: {self.reason}"


Result: TypeAlias = Certificate | Abstention


def extent(claim: Claim, radius: float) -> str:
    """A claim's ball of a radius in words that say no more than it.

    Such as "every perturbation of L2 norm below 0.5974", and of counts "every change of at most 3
    pixels".
    """
    return reach(claim, format_down(radius, 0 if claim.norm.counts else 4))


def reach(claim: Claim, amount: str) -> str:
    """The same of a radius as it is written: R, or digits that claim no more than it."""
    limit = "below" if claim.strict else "at most"
    if claim.norm is Norm.PATCH:
        return f"every change inside a square of {limit} {amount} × {amount} pixels, anywhere"
    if isinstance(claim.law, Transformation):
        return claim.law.change(f"{limit} {amount}")
    if claim.norm is not Norm.L0:
        return f"every perturbation of {claim.norm} norm {limit} {amount}"
    unit = unit_of(claim)
    return f"every change of {limit} {amount} {unit[:-1] if amount == '1' else unit}"


def unit_of(claim: Claim) -> str:
    """What a claim's radii are measured in: the norm, or what is counted."""
    if claim.norm is not Norm.L0:
        return str(claim.norm)
    return "pixels" if isinstance(claim.law, Ablation) else "numbers"


def level_means(claim: Claim) -> str:
    """How sure a claim is, in a few words: its level and rule, or that it is exact.

    Example:
        >>> from certiball import Gaussian
        >>> law = Gaussian(sigma=0.25)
        >>> claim = Claim(law=law, norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=0.001, space=Reals())
        >>> level_means(claim)
        'α = 0.001, one-sided'
    """
    if claim.bound is Bound.EXACT:
        return "exact: every view is asked, no α"
    return f"α = {claim.alpha}, {claim.rule.value}"


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


def _where(claim: Claim) -> str:
    """Where a perturbed input lies; the proof for views of a part is the same everywhere."""
    if isinstance(claim.space, Grid):
        return " on the same grid"
    return "" if claim.bound is Bound.EXACT else " in exact arithmetic"


def _beside(classical: Classical | None) -> str:
    if classical is None:
        return ""
    return f"; the classical bound gives {format_down(classical.radius)}"
