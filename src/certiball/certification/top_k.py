"""Certify that a class stays among the k likeliest (arXiv 1912.09899)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from certiball.balls import Ball
from certiball.certificate import Abstention
from certiball.certification.pending import bundles, pending_blocks
from certiball.certification.plan import FixedSamples, Plan
from certiball.certification.question import Question
from certiball.certification.setting import (
    Setting,
    check_fixed,
    gaussian,
    sampled_question,
    setting,
)
from certiball.claim import Claim, Draw, Rule, arithmetic
from certiball.errors import InfeasibleError, InputError
from certiball.numbers import as_whole
from certiball.samplers.streams import Phase
from certiball.sampling import count_votes
from certiball.smoothed import Inputs, Smoothed
from certiball.statistics.multinomial import simultaneous_bounds
from certiball.statistics.rounding import format_down
from certiball.theorems import top_k
from certiball.votes import Votes

WHAT = "top-k radii"


@dataclass(frozen=True, kw_only=True)
class TopKCertificate:
    """A class stays among the k likeliest under noise for every input nearer than `radius`.

    Args:
        claim: what is claimed, and at which α; here each class has a bound of its own, at α over
            the number of classes.
        draw: how the random numbers came.
        k: how many classes count as the top.
        selection: the n0 votes that chose the class; none where it was given.
        estimation: the n votes that bound the probabilities.
        label: the class.
        p_lower: lower bound on its probability under noise, rounded down.
        others: upper bounds on those of all other classes in order, rounded up.
        radius: rounded down, > 0, in the units of the space; the ball is open.
    """

    claim: Claim
    draw: Draw
    k: int
    selection: Votes
    estimation: Votes
    label: int
    p_lower: float
    others: tuple[float, ...]
    radius: float

    @property
    def ball(self) -> Ball:
        """The perturbations that the certificate speaks of."""
        return Ball(norm=self.claim.norm, radius=self.radius, strict=self.claim.strict)

    def __str__(self) -> str:
        where = (
            "on the same grid" if arithmetic(self.claim.space) == "lattice" else "in exact reals"
        )
        return (
            f"class {self.label} among the {self.k} likeliest for every perturbation of "
            f"{self.claim.norm} norm below {format_down(self.radius)} {where}, for the smoothed "
            f"classifier under {self.claim.law}; false with probability at most {self.claim.alpha} "
            f"({self.estimation.counts[self.label]} of {self.estimation.total} votes)"
        )


TopK: TypeAlias = TopKCertificate | Abstention


def certify_top_k(  # noqa: PLR0913 (the parts of one question, each named)
    g: Smoothed,
    images: Inputs,
    *,
    k: int,
    plan: Plan = FixedSamples(),
    alpha: float = 1e-3,
    labels: Sequence[int] | None = None,
    seed: int | None = None,
) -> list[TopK]:
    """Certify how far each input can be moved before a class may leave the k likeliest.

    Args:
        g: the classifier under Gaussian noise.
        images: inputs [n, ...] of its space.
        k: how many classes count as the top, fewer than there are.
        plan: n0 votes choose the class, n others bound the probabilities of all classes at once,
            each at level α/classes.
        alpha: how often, at most, the certificate of one input may be false.
        labels: the class to certify for each input, fixed before the votes, such as the true one;
            None certifies the one with most of the n0 votes.
        seed: None draws 128 bits from the operating system; see `certify`.

    Raises:
        InputError: for inputs that do not belong to the space, a k that says nothing, labels that
            are none, a law other than Gaussian noise, or an n that could certify nothing.
        ModelError: if the classifier's answers are not votes, or depend on more than the input.

    Example:
        >>> import numpy as np
        >>> from certiball import FunctionClassifier, Gaussian, Grid
        >>> shade = FunctionClassifier(lambda x: np.digitize(x.mean(1), (0.3, 0.6)), num_classes=3)
        >>> g = Smoothed(shade, Gaussian(sigma=0.25), space=Grid.uint8())
        >>> middle = np.full((1, 4), 128, dtype=np.uint8)
        >>> plan = FixedSamples(n0=100, n=10_000)
        >>> first, second = (certify_top_k(g, middle, k=k, plan=plan)[0] for k in (1, 2))
        >>> first.label, first.radius < 0.2 < second.radius
        (1, True)
    """
    plan = check_fixed(plan)
    classes, k = g.classifier.num_classes, as_whole("k", k)
    gaussian(g.law, WHAT)
    if not 1 <= k < classes:
        raise InputError(
            f"k must be from 1 to {classes - 1}, fewer than there are classes, not {k}: every "
            "class is among the top of all"
        )
    question = sampled_question(g, images, alpha, Rule.TWO_CLASS)
    given = None if labels is None else [as_whole("label", label) for label in labels]
    said = ["top-k", str(k), str(plan), str(given)]
    if not _radius(question, Votes(counts=(plan.n,) + (0,) * (classes - 1)), 0, k)[2] > 0:
        raise InfeasibleError(
            f"n = {plan.n} votes cannot certify at alpha = {alpha} even if all agree: give more"
        )
    asked = setting(g, images, question, said, seed)
    _check_labels(given, len(asked.inputs), classes)
    held = _votes(asked, plan, selecting=given is None)
    return [
        top_k_result(question, asked.draw, k, votes, None if given is None else given[number])
        for number, votes in enumerate(held)
    ]


def top_k_result(
    question: Question, draw: Draw, k: int, votes: tuple[Votes, Votes], label: int | None = None
) -> TopK:
    """The certificate that votes support, or the reason why there is none.

    Args:
        question: what is claimed.
        draw: how the random numbers came.
        k: how many classes count as the top.
        votes: those that choose the class, and others that bound the probabilities.
        label: the class, if it was given; otherwise the winner of the first votes.

    Raises:
        InputError: if the votes stopped by a rule.
    """
    selection, estimation = votes
    chosen = selection.winner if label is None else label
    p_lower, others, radius = _radius(question, estimation, chosen, k)
    if radius > 0:
        return TopKCertificate(
            claim=question.claim,
            draw=draw,
            k=k,
            selection=selection,
            estimation=estimation,
            label=chosen,
            p_lower=p_lower,
            others=others,
            radius=radius,
        )
    return Abstention(
        claim=question.claim,
        draw=draw,
        selection=selection,
        estimation=estimation,
        label=chosen,
        p_lower=p_lower,
        p_upper=sorted(others)[-k],
        reason=(
            f"class {chosen} has {estimation.counts[chosen]} of {estimation.total} votes, which "
            f"does not prove that it is among the {k} likeliest"
        ),
    )


def _radius(
    question: Question, votes: Votes, label: int, k: int
) -> tuple[float, tuple[float, ...], float]:
    """Bounds on the class and on the others, and the radius that follows."""
    claim = question.claim
    law = gaussian(claim.law, WHAT)
    p_lower, others = simultaneous_bounds(votes, label, claim.alpha)
    return p_lower, others, top_k.radius(law, p_lower, others, k, question.slack)


def _check_labels(labels: Sequence[int] | None, inputs: int, classes: int) -> None:
    if labels is None:
        return
    if len(labels) != inputs:
        raise InputError(f"labels must be one for each input, {inputs} and not {len(labels)}")
    for label in labels:
        if not 0 <= label < classes:
            raise InputError(f"label {label} is none of 0…{classes - 1}")


def _votes(asked: Setting, plan: FixedSamples, *, selecting: bool) -> list[tuple[Votes, Votes]]:
    """For each input the votes that choose, and the votes that bound."""
    inputs = dict(enumerate(asked.inputs))
    blocks = (
        block
        for number in inputs
        for block in pending_blocks(asked.question, plan, number, {}, asked.execution.chunk)
        if selecting or block.phase is Phase.ESTIMATION
    )
    classes = asked.g.classifier.num_classes
    counts = {(n, phase): [0] * classes for n in inputs for phase in Phase}
    for bundle in bundles(blocks):
        tables = count_votes(asked.g, inputs, bundle, asked.key, asked.execution)
        for block, table in zip(bundle, tables, strict=True):
            held = counts[block.input, block.phase]
            held[:] = [a + b for a, b in zip(held, table.sum(0).tolist(), strict=True)]
    return [
        (
            Votes(counts=tuple(counts[number, Phase.SELECTION])),
            Votes(counts=tuple(counts[number, Phase.ESTIMATION])),
        )
        for number in inputs
    ]
