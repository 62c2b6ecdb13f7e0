"""What certification answers: a certificate, or an abstention and its reason."""

import math
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import TypeAlias

from certiball.balls import Ball, distance_up
from certiball.claim import Bound, Claim, Draw, arithmetic, is_usual
from certiball.errors import InputError
from certiball.laws.ablation import Ablation
from certiball.shapes import Array
from certiball.spaces import Grid, Reals
from certiball.statistics.rounding import format_down
from certiball.votes import Votes
from certiball.wording import extent, level_means, where


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
            f"class {self.label} for {extent(claim, self.radius)}{where(claim)}, "
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


def _beside(classical: Classical | None) -> str:
    if classical is None:
        return ""
    return f"; the classical bound gives {format_down(classical.radius)}"
