"""What the smoothed classifier answers, with a test that it is the likeliest class."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from torch import Tensor

from certiball.certificate import Draw
from certiball.certification.smooth import draw_seed
from certiball.errors import InfeasibleError, InputError
from certiball.samplers.streams import Phase, run_key
from certiball.sampling import Block, count_votes
from certiball.shapes import Array
from certiball.smoothed import Smoothed, encode_nearest
from certiball.spaces import Grid
from certiball.statistics.binomial import LARGEST, top_two_p_value
from certiball.statistics.rounding import fraction_up
from certiball.tuning import execution_for
from certiball.votes import Votes


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The smoothed classifier's answer, wrong about its own top class with probability ≤ α.

    Args:
        label: the class.
        votes: what the base classifier answered under noise.
        p_value: of "the two top classes are equally likely", rounded up.
        alpha: the level of the test.
        draw: how the random numbers came.
    """

    label: int
    votes: Votes
    p_value: float
    alpha: float
    draw: Draw

    def __str__(self) -> str:
        count = self.votes.counts[self.label]
        return f"class {self.label} ({count} of {self.votes.total} votes, p = {self.p_value:.2g})"


@dataclass(frozen=True, kw_only=True)
class Undecided:
    """No answer: the two top classes are too close for this many votes."""

    votes: Votes
    p_value: float
    alpha: float
    draw: Draw

    def __str__(self) -> str:
        first, second = self.votes.winner, self.votes.runner_up
        counts = f"{self.votes.counts[first]} and {self.votes.counts[second]}"
        return (
            f"undecided between classes {first} and {second} "
            f"({counts} of {self.votes.total} votes, p = {self.p_value:.2g} > {self.alpha:g})"
        )


Answer: TypeAlias = Prediction | Undecided


def predict(
    g: Smoothed,
    images: Array | Tensor,
    *,
    n: int = 1000,
    alpha: float = 1e-3,
    seed: int | None = None,
) -> list[Answer]:
    """The smoothed classifier's answer to each input, or none where the votes do not decide.

    Inputs may come from anywhere: on a grid they are rounded to it first, and certificates speak
    of the rounded input.

    Args:
        g: the smoothed classifier.
        images: inputs [n, ...].
        n: votes for each.
        alpha: how often, at most, an answer may differ from the likeliest class.
        seed: None for fresh noise from the operating system, as any service must.

    Raises:
        InputError: if n unanimous votes could not decide at this α (with the smallest n that can).

    Example:
        >>> import numpy as np
        >>> from certiball import FunctionClassifier, Gaussian, Grid
        >>> bright = FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
        >>> g = Smoothed(bright, Gaussian(sigma=0.25), space=Grid.uint8())
        >>> predict(g, np.full((1, 2, 2), 0.99), n=100)[0].label
        1
    """
    inputs = dict(enumerate(encode_nearest(g.space, images)))
    slack = _slack(g, n, inputs[0].size)
    check_decidable(n, alpha, slack)
    draw = draw_seed(seed)
    blocks = [Block(input=i, phase=Phase.PREDICTION, first=0, samples=n) for i in inputs]
    execution = execution_for(g, inputs[0], len(inputs) * n)
    counts = count_votes(g, inputs, blocks, run_key(draw.seed, "predict"), execution)
    votes = [Votes(counts=tuple(int(c) for c in table.sum(0))) for table in counts]
    return [answer(v, alpha, draw, slack) for v in votes]


def answer(votes: Votes, alpha: float, draw: Draw, slack: Fraction = Fraction(0)) -> Answer:
    """The answer that votes support (arXiv 1902.02918, Predict).

    Args:
        votes: counts of a number fixed beforehand.
        alpha: the level of the test.
        draw: how the random numbers came.
        slack: total variation of all the noise together, added to the p-value.
    """
    first, second = votes.counts[votes.winner], votes.counts[votes.runner_up]
    p_value = min(1.0, fraction_up(Fraction(top_two_p_value(first, second)) + slack))
    if p_value <= alpha:
        return Prediction(label=votes.winner, votes=votes, p_value=p_value, alpha=alpha, draw=draw)
    return Undecided(votes=votes, p_value=p_value, alpha=alpha, draw=draw)


def check_decidable(n: int, alpha: float, slack: Fraction = Fraction(0)) -> None:
    """Refuse a number of votes that abstains on every input.

    Raises:
        InputError: if n or α is out of range.
        InfeasibleError: with the smallest n that can decide.
    """
    if not 0 < alpha < 1:
        raise InputError(f"alpha must lie between 0 and 1, not {alpha}; .001 is usual")
    if not 1 <= n <= LARGEST:
        raise InputError(f"n must be from 1 to {LARGEST}, not {n}")
    if top_two_p_value(n, 0) + slack <= alpha:
        return
    enough = next((m for m in range(1, 2000) if top_two_p_value(m, 0) + slack <= alpha), None)
    remedy = f"n must be at least {enough}" if enough else "choose a larger alpha"
    raise InfeasibleError(
        f"n = {n} votes cannot decide at alpha = {alpha:g} even if all agree; {remedy}"
    )


def _slack(g: Smoothed, n: int, dimension: int) -> Fraction:
    if isinstance(g.space, Grid):
        return n * g.law.on_grid(g.space.step).slack(dimension)
    return Fraction(0)
