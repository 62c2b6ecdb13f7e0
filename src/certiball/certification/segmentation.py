"""Certify a class for each pixel, all certified pixels at once (arXiv 2107.00228)."""

from dataclasses import dataclass

import numpy as np

from certiball.balls import Ball, Norm
from certiball.certification.places import Support, places_of, support
from certiball.certification.plan import FixedSamples, Plan
from certiball.certification.question import radius_of
from certiball.certification.setting import Setting, check_fixed, sampled_question, setting
from certiball.claim import Claim, Draw, Rule
from certiball.errors import InfeasibleError, InputError
from certiball.numbers import as_float
from certiball.shapes import Array, Levels
from certiball.smoothed import Inputs, Smoothed
from certiball.statistics.holm import above_p_values, fewest_votes, rejected
from certiball.statistics.multiplicity import shared_level
from certiball.theorems.bounds import Bounds
from certiball.wording import extent, where

ABSTAINS = -1  # in `shown`, where a pixel has no class


@dataclass(frozen=True, kw_only=True, eq=False)
class SegmentationCertificate:
    """No certified pixel changes its class for any perturbation in one ball, all of them at once.

    False, in any certified pixel, with probability at most α.

    Args:
        claim: what is claimed, and at which joint α.
        draw: how the random numbers came.
        tau: the share of votes that a certified pixel's class has, at least, under noise.
        labels: the class of each pixel by the n0 votes, int64 [*places].
        counts: how many of n other votes it had, int64 [*places].
        n: how many votes those were.
        certified: which pixels are certified; the others abstain, and nothing is said of them.
        radius: that of all certified pixels, rounded down, in the units of the space.
    """

    claim: Claim
    draw: Draw
    tau: float
    labels: Levels
    counts: Levels
    n: int
    certified: Array
    radius: float

    @property
    def ball(self) -> Ball:
        """The perturbations that the certificate speaks of."""
        return Ball(norm=self.claim.norm, radius=self.radius, strict=self.claim.strict)

    @property
    def shown(self) -> Levels:
        """Classes of the certified pixels, −1 elsewhere."""
        return np.where(self.certified, self.labels, ABSTAINS)

    def __str__(self) -> str:
        return (
            f"{int(self.certified.sum())} of {self.certified.size} pixels keep their classes for "
            f"{extent(self.claim, self.radius)}{where(self.claim)}, for the smoothed classifier "
            f"under {self.claim.law}; false in any of them with probability at most "
            f"{self.claim.alpha} ({self.n} votes, tau = {self.tau})"
        )


def certify_segmentation(  # noqa: PLR0913 (the parts of one question, each named)
    g: Smoothed,
    images: Inputs,
    *,
    plan: Plan = FixedSamples(n0=100, n=1000),
    tau: float = 0.75,
    alpha: float = 1e-3,
    norm: Norm | None = None,
    seed: int | None = None,
) -> list[SegmentationCertificate]:
    """Certify the pixels whose class has more than a share τ of the votes; the others abstain.

    n0 votes choose each pixel's class. Of n others, k_i are for it, and P(Bin(n, τ) ≥ k_i) is the
    p-value of "its probability is at most τ". Holm's procedure rejects that for as many pixels as
    it can so that any is rejected falsely with probability at most α. For each of those the
    theorem of the law gives the radius that follows from τ, so they share one.

    Args:
        g: a model of scores [batch, classes, H, W] or labels [batch, H, W], or of any other shape
            of places, under noise; num_classes is the number of classes of a pixel.
        images: inputs [n, ...] of its space.
        plan: n0 and n.
        tau: fixed before the votes; a larger one gives a larger radius to fewer pixels.
        alpha: how often, at most, any certified pixel of one input may be certified falsely.
        norm: of the perturbations; by default the one that the law is made for.
        seed: None draws 128 bits from the operating system; see `certify`.

    Returns:
        For each input which pixels are certified, maybe none.

    Raises:
        InputError: for inputs that do not belong to the space, a τ that gives no radius, or an n
            with which no pixel could be certified (with the smallest that can).
        ModelError: if the answers are no classes of pixels, or depend on more than the input.

    Example:
        >>> import numpy as np
        >>> from certiball import FunctionClassifier, Gaussian, Grid
        >>> bright = FunctionClassifier(lambda x: (x > 0.5).astype(int), num_classes=2)
        >>> g = Smoothed(bright, Gaussian(sigma=0.25), space=Grid.uint8())
        >>> image = np.array([[[0, 255], [128, 255]]], dtype=np.uint8)
        >>> [result] = certify_segmentation(g, image)
        >>> result.shown, round(result.radius, 3)
        (array([[ 0,  1],
               [-1,  1]]), 0.169)
    """
    plan = check_fixed(plan)
    tau = as_float("tau", tau)
    if not 0 < tau < 1:
        raise InputError(f"tau must lie between 0 and 1, not {tau}; .75 is usual")
    question = sampled_question(g, images, alpha, Rule.ONE_SIDED, norm)
    radius = radius_of(question, Bounds(p_lower=tau))
    if not radius > 0:
        raise InputError(f"tau = {tau} gives no radius under {g.law}: it must exceed one half")
    asked = setting(g, images, question, ["segmentation", str(plan), repr(tau)], seed)
    places = places_of(asked)
    _check_feasible(plan, tau, alpha, int(np.prod(places)))
    return [
        _judged(asked, support(asked, number, plan, places), tau, radius)
        for number in range(len(asked.inputs))
    ]


def _judged(asked: Setting, votes: Support, tau: float, radius: float) -> SegmentationCertificate:
    claim = asked.question.claim
    return SegmentationCertificate(
        claim=claim,
        draw=asked.draw,
        tau=tau,
        labels=votes.labels,
        counts=votes.counts,
        n=votes.n,
        certified=rejected(above_p_values(votes.counts, votes.n, tau), claim.alpha),
        radius=radius,
    )


def _check_feasible(plan: FixedSamples, tau: float, alpha: float, places: int) -> None:
    """Refuse a number of votes that certifies no pixel even if all agree."""
    enough = fewest_votes(tau, shared_level(alpha, places))
    if plan.n < enough:
        raise InfeasibleError(
            f"n = {plan.n} votes certify none of {places} places at tau = {tau} and "
            f"alpha = {alpha} even if all agree; n must be at least {enough}"
        )
