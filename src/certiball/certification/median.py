"""Certify what a smoothed number can become: median smoothing (arXiv 2007.03730)."""

import math
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from certiball.balls import Ball
from certiball.certification.setting import Setting, gaussian, sampled_question, setting
from certiball.claim import Claim, Draw, Rule, arithmetic
from certiball.errors import InfeasibleError, InputError, ModelError
from certiball.execution import Block
from certiball.numbers import as_float, as_whole
from certiball.samplers.streams import Phase
from certiball.sampling import clean_answers, each_answer
from certiball.shapes import Array
from certiball.smoothed import Inputs, Smoothed
from certiball.statistics.multiplicity import shared_level
from certiball.statistics.order import lower_index, upper_index
from certiball.theorems.percentile import shifted

WHAT = "intervals of percentiles"


@dataclass(frozen=True, kw_only=True)
class MedianCertificate:
    """Each output's percentile under noise stays in an interval for every perturbation in a ball.

    False, at either end of any output, with probability at most α.

    Args:
        claim: what is claimed, and at which joint α.
        draw: how the random numbers came.
        eps: radius of the ball in L2, itself included.
        percentile: which quantile of the outputs; ½ is the median.
        n: how many samples were drawn.
        indices: which of the sorted samples are the ends, from 1; 0 and n + 1 are none.
        lower: the least that each percentile can be; −∞ where no sample proves one.
        middle: the same percentile of the samples, an estimate.
        upper: the most that each percentile can be; ∞ where no sample proves one.
    """

    claim: Claim
    draw: Draw
    eps: float
    percentile: float
    n: int
    indices: tuple[int, int]
    lower: tuple[float, ...]
    middle: tuple[float, ...]
    upper: tuple[float, ...]

    @property
    def ball(self) -> Ball:
        """The perturbations that the certificate speaks of.

        Raises:
            InputError: if eps is 0, where there are none.
        """
        return Ball(norm=self.claim.norm, radius=self.eps, strict=False)

    def __str__(self) -> str:
        where = (
            "on the same grid" if arithmetic(self.claim.space) == "lattice" else "in exact reals"
        )
        # Whole floats: any digit that is cut would have to be cut away from the interval.
        ends = ", ".join(f"[{a!r}, {b!r}]" for a, b in zip(self.lower, self.upper, strict=True))
        return (
            f"percentile {self.percentile} in {ends} for every perturbation of {self.claim.norm} "
            f"norm at most {self.eps!r} {where}, under {self.claim.law}; false with probability at "
            f"most {self.claim.alpha} ({self.n} samples)"
        )


def certify_median(  # noqa: PLR0913 (the parts of one question, each named)
    g: Smoothed,
    images: Inputs,
    *,
    eps: float,
    n: int = 10_000,
    percentile: float = 0.5,
    alpha: float = 1e-3,
    seed: int | None = None,
) -> list[MedianCertificate]:
    """Certify the interval that a percentile of each output stays in, for all ‖δ‖₂ ≤ eps.

    The percentile of what the model answers under Gaussian noise is a function of the input that
    moves slowly, whatever the model. Both ends are samples, picked by their rank alone: nothing
    is assumed of the outputs, which need no bounds and may have ties. With m outputs each of the
    2m ends is at level α/2m, so that all of them hold together except with probability α.

    Memory holds the n samples of one input, [n, outputs] in float32 or float64.

    Args:
        g: a model of numbers under Gaussian noise: a `Regressor`, or a classifier, whose scores
            are the outputs.
        images: inputs [batch, ...] of its space.
        eps: radius of the ball in the units of the space, ≥ 0.
        n: samples, all of them for both ends.
        percentile: between 0 and 1; ½ is the median.
        alpha: how often, at most, any interval of one input may be false.
        seed: None draws 128 bits from the operating system; see `certify`.

    Returns:
        Intervals for each input; an end is infinite where n samples prove none.

    Raises:
        InputError: for inputs that do not belong to the space, a law other than Gaussian noise,
            or an n with which neither end is finite.
        ModelError: if the model does not answer numbers, answers NaN or more numbers for one
            input than for another, or is seen to depend on more than the input.

    Example:
        >>> import numpy as np
        >>> from certiball import Gaussian, Grid, Regressor
        >>> g = Smoothed(Regressor(lambda x: x.mean(1)), Gaussian(sigma=0.25), space=Grid.uint8())
        >>> image = np.full((1, 4), 128, dtype=np.uint8)
        >>> [result] = certify_median(g, image, eps=0.1, n=1000)
        >>> result.lower[0] < 128 / 255 - 0.05 < 128 / 255 + 0.05 < result.upper[0]
        True
    """
    eps, n, percentile = as_float("eps", eps), as_whole("n", n), as_float("percentile", percentile)
    gaussian(g.law, WHAT)
    if not (math.isfinite(eps) and eps >= 0):
        raise InputError(f"eps must be finite and ≥ 0, not {eps}")
    if not 0 < percentile < 1:
        raise InputError(f"a percentile must lie between 0 and 1, not {percentile}; .5 is usual")
    question = sampled_question(g, images, alpha, Rule.ONE_SIDED)
    said = ["percentile", repr(percentile), repr(eps), str(n)]
    asked = setting(g, images, question, said, seed)
    outputs = _outputs(asked)
    indices = _indices(asked, (percentile, eps), n, outputs)
    return [
        _judged(asked, samples_of(asked, number, n, outputs), (percentile, eps), indices)
        for number in range(len(asked.inputs))
    ]


def _indices(asked: Setting, about: tuple[float, float], n: int, outputs: int) -> tuple[int, int]:
    """Which of n sorted samples are the ends.

    Raises:
        InfeasibleError: if neither is one.
    """
    percentile, eps = about
    claim = asked.question.claim
    level = shared_level(claim.alpha, 2 * outputs)
    low, high = shifted(gaussian(claim.law, WHAT), percentile, eps, asked.question.slack)
    first, last = lower_index(n, low, level), upper_index(n, high, level)
    if first == 0 and last == n + 1:
        raise InfeasibleError(
            f"n = {n} samples bound neither end of the percentile {percentile} at eps = {eps} and "
            f"alpha = {claim.alpha}: give more samples, a smaller eps or a larger sigma"
        )
    return first, last


def _judged(
    asked: Setting, samples: Array, about: tuple[float, float], indices: tuple[int, int]
) -> MedianCertificate:
    percentile, eps = about
    n, values = len(samples), np.sort(samples, axis=0)
    none = np.full((1, values.shape[1]), np.inf)
    ranked = np.concatenate([-none, values, none])  # from 1 to n, infinite at 0 and n + 1
    middle = min(n, max(1, math.ceil(percentile * n)))
    lower, among, upper = (tuple(ranked[i].tolist()) for i in (indices[0], middle, indices[1]))
    return MedianCertificate(
        claim=asked.question.claim,
        draw=asked.draw,
        eps=eps,
        percentile=percentile,
        n=n,
        indices=indices,
        lower=lower,
        middle=among,
        upper=upper,
    )


def samples_of(asked: Setting, number: int, n: int, outputs: int) -> Array:
    """What the model answers to n noisy copies of an input, [n, outputs].

    Raises:
        ModelError: as `certify_median`; another number of outputs would be held at levels that
            are not theirs.
    """
    found: list[Array] = []

    def take(answers: Tensor) -> None:
        values = _numbers(answers)
        if values.shape[1] != outputs:
            raise ModelError(
                f"the model returned {values.shape[1]} outputs, and {outputs} for the first input: "
                "α was split among those, so it must return the same number each time"
            )
        found.append(values.cpu().numpy())

    block = Block(input=number, phase=Phase.ESTIMATION, first=0, samples=n)
    inputs = {number: asked.inputs[number]}
    try:
        each_answer(asked.g, inputs, block, asked.key, asked.execution, take)
    except ModelError as error:
        raise type(error)(f"input {number}: {error}") from error.__cause__
    return np.concatenate(found)


def _outputs(asked: Setting) -> int:
    [answer] = clean_answers(asked.g, {0: asked.inputs[0]}, asked.execution)
    return _numbers(answer[None]).shape[1]


def _numbers(answers: Tensor) -> Tensor:
    """Outputs [batch, outputs], without NaN: it has no rank."""
    if answers.ndim != 2 or not answers.is_floating_point():
        raise ModelError(
            f"the model returned {answers.dtype} of shape {tuple(answers.shape)}: percentiles are "
            "of floats [batch, outputs]; wrap it in Regressor"
        )
    if bool(answers.isnan().any()):
        raise ModelError("the model's outputs have NaN, which has no rank: check its weights")
    return answers if answers.dtype.itemsize >= 4 else answers.float()
