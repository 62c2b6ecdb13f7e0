"""What the smoothed classifier answers, with a test that it is the likeliest class."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np

from certiball.certificate import Draw
from certiball.certification.pending import BLOCK, bundles
from certiball.certification.smooth import draw_seed, specification
from certiball.errors import InfeasibleError, InputError
from certiball.numbers import as_float, as_whole
from certiball.samplers.streams import Phase, run_key
from certiball.sampling import Block, Execution, count_votes
from certiball.shapes import Batch
from certiball.smoothed import Inputs, Smoothed, encode_nearest
from certiball.spaces import Grid
from certiball.statistics.binomial import LARGEST, check_alpha, top_two_p_value
from certiball.statistics.rounding import fraction_up, significant_up
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
        p_value = significant_up(self.p_value)
        return f"class {self.label} ({count} of {self.votes.total} votes, p = {p_value})"


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
            f"({counts} of {self.votes.total} votes, p = {significant_up(self.p_value)} > "
            f"{self.alpha})"
        )


Answer: TypeAlias = Prediction | Undecided


def predict(
    g: Smoothed,
    images: Inputs,
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
    n, alpha = as_whole("n", n), as_float("alpha", alpha)
    inputs = encode_nearest(g.space, images)
    slack = _slack(g, n, inputs[0].size)
    check_decidable(n, alpha, slack)
    draw = draw_seed(seed)
    execution = execution_for(g, inputs[0], len(inputs) * n)
    key = run_key(draw.seed, specification(g, inputs, ["predict", str(n), str(alpha)]))
    votes = _draw(g, inputs, n, key, execution)
    return [answer(v, alpha, draw, slack) for v in votes]


def _draw(g: Smoothed, inputs: Batch, n: int, key: int, execution: Execution) -> list[Votes]:
    """The votes of each input, counted bundle by bundle."""
    counts = np.zeros((len(inputs), g.classifier.num_classes), dtype=np.int64)
    size = BLOCK * execution.chunk
    blocks = (
        Block(
            input=number,
            phase=Phase.PREDICTION,
            first=start // execution.chunk,
            samples=min(size, n - start),
        )
        for number in range(len(inputs))
        for start in range(0, n, size)
    )
    for bundle in bundles(blocks):
        tables = count_votes(g, dict(enumerate(inputs)), bundle, key, execution)
        for block, table in zip(bundle, tables, strict=True):
            counts[block.input] += table.sum(0)
    return [Votes(counts=tuple(int(count) for count in row)) for row in counts]


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
    check_alpha(alpha)
    if not 1 <= n <= LARGEST:
        raise InputError(f"n must be from 1 to {LARGEST}, not {n}")
    if top_two_p_value(n, 0) + slack <= alpha:
        return
    enough = next((m for m in range(1, 2000) if top_two_p_value(m, 0) + slack <= alpha), None)
    remedy = f"n must be at least {enough}" if enough else "choose a larger alpha"
    raise InfeasibleError(
        f"n = {n} votes cannot decide at alpha = {alpha} even if all agree; {remedy}"
    )


def _slack(g: Smoothed, n: int, dimension: int) -> Fraction:
    if isinstance(g.space, Grid):
        return n * g.law.on_grid(g.space.step).slack(dimension)
    return Fraction(0)
