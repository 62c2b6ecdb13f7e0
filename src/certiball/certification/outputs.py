"""Certify several answers to one input at once: the heads of a model, each with a radius."""

from dataclasses import dataclass

from certiball.balls import Ball, Norm
from certiball.certification.places import Support, places_of, support
from certiball.certification.plan import FixedSamples, Plan
from certiball.certification.question import radius_of
from certiball.certification.setting import Setting, check_fixed, sampled_question, setting
from certiball.claim import Claim, Draw, Rule
from certiball.errors import InfeasibleError, InputError
from certiball.smoothed import Inputs, Smoothed
from certiball.statistics.binomial import lower_bound
from certiball.statistics.multiplicity import shared_level
from certiball.theorems.bounds import Bounds
from certiball.wording import extent, where


@dataclass(frozen=True, kw_only=True)
class OutputsCertificate:
    """Each output keeps its class in a ball of its own, all of these statements at once.

    False, in any output, with probability at most α.

    Args:
        claim: what is claimed, and at which joint α; each output's bound is at α/outputs.
        draw: how the random numbers came.
        labels: the class of each output.
        counts: how many of n votes each class had.
        n: how many votes those were.
        p_lower: lower bound on each class's probability under noise, rounded down.
        radii: of each output, rounded down; 0 where it abstains.
    """

    claim: Claim
    draw: Draw
    labels: tuple[int, ...]
    counts: tuple[int, ...]
    n: int
    p_lower: tuple[float, ...]
    radii: tuple[float, ...]

    @property
    def radius(self) -> float:
        """In which no output changes its class; 0 where any abstains."""
        return min(self.radii)

    def ball(self, output: int) -> Ball:
        """The perturbations in which an output keeps its class.

        Raises:
            InputError: if the output abstains.
        """
        if not self.radii[output] > 0:
            raise InputError(f"output {output} abstains: no ball is proven for it")
        radius = self.radii[output]
        return Ball(norm=self.claim.norm, radius=radius, strict=self.claim.strict)

    def __str__(self) -> str:
        parts = [
            f"output {i}: class {label} for {extent(self.claim, radius)}{where(self.claim)}"
            if radius
            else f"output {i}: abstains"
            for i, (label, radius) in enumerate(zip(self.labels, self.radii, strict=True))
        ]
        return (
            f"{'; '.join(parts)}; for the smoothed classifier under {self.claim.law}, false in any "
            f"of them with probability at most {self.claim.alpha} ({self.n} votes)"
        )


def certify_outputs(
    g: Smoothed,
    images: Inputs,
    *,
    plan: Plan = FixedSamples(),
    alpha: float = 1e-3,
    norm: Norm | None = None,
    seed: int | None = None,
) -> list[OutputsCertificate]:
    """Certify every output of a model that gives each input several classes.

    n0 votes choose the class of each output, and n others bound its probability, at level
    α/outputs. By Bonferroni's inequality all radii hold together, whatever the dependence of the
    outputs, so any of them may be picked by its size.

    Args:
        g: a model of scores [batch, classes, outputs] or labels [batch, outputs] under noise;
            num_classes is that of the output with most.
        images: inputs [n, ...] of its space.
        plan: n0 and n.
        alpha: how often, at most, any radius of one input may be false.
        norm: of the perturbations; by default the one that the law is made for.
        seed: None draws 128 bits from the operating system; see `certify`.

    Raises:
        InputError: for inputs that do not belong to the space, and for an n with which no output
            could be certified.
        ModelError: if the answers are no classes of outputs, or depend on more than the input.

    Example:
        >>> import numpy as np
        >>> from certiball import FunctionClassifier, Gaussian, Grid
        >>> halves = FunctionClassifier(
        ...     lambda x: np.stack([x[:, 0] > 0.5, x[:, 1] > 0.25], 1).astype(int), num_classes=2
        ... )
        >>> g = Smoothed(halves, Gaussian(sigma=0.25), space=Grid.uint8())
        >>> image = np.array([[255, 255]], dtype=np.uint8)
        >>> [result] = certify_outputs(g, image, plan=FixedSamples(n0=100, n=10_000))
        >>> result.labels, result.radius == result.radii[0] < result.radii[1]
        ((1, 1), True)
    """
    plan = check_fixed(plan)
    question = sampled_question(g, images, alpha, Rule.ONE_SIDED, norm)
    asked = setting(g, images, question, ["outputs", str(plan)], seed)
    places = places_of(asked)
    if len(places) != 1:
        raise InputError(
            f"the model has answers at places {places} of each input: certify_segmentation is for "
            "those, and outputs are [batch, outputs]"
        )
    level = shared_level(alpha, places[0])
    if not radius_of(question, Bounds(p_lower=lower_bound(plan.n, plan.n, level))) > 0:
        raise InfeasibleError(
            f"n = {plan.n} votes cannot certify any of {places[0]} outputs at alpha = {alpha} even "
            "if all agree: give more"
        )
    return [
        _judged(asked, support(asked, number, plan, places), level)
        for number in range(len(asked.inputs))
    ]


def _judged(asked: Setting, votes: Support, level: float) -> OutputsCertificate:
    p_lower = tuple(lower_bound(count, votes.n, level) for count in votes.counts.tolist())
    return OutputsCertificate(
        claim=asked.question.claim,
        draw=asked.draw,
        labels=tuple(votes.labels.tolist()),
        counts=tuple(votes.counts.tolist()),
        n=votes.n,
        p_lower=p_lower,
        radii=tuple(radius_of(asked.question, Bounds(p_lower=p)) for p in p_lower),
    )
