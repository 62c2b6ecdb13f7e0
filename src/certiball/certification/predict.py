"""What the smoothed classifier answers, with a test that it is the likeliest class."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

from certiball.certification.every_view import USUAL_ALPHA
from certiball.certification.looks import LOOK, next_look
from certiball.certification.pending import BLOCK, bundles
from certiball.certification.smooth import draw_seed, hinted, specification
from certiball.claim import Draw
from certiball.errors import InfeasibleError, InputError
from certiball.execution import Block, Execution
from certiball.laws import Law
from certiball.laws.enumerated import EnumeratedLaw
from certiball.numbers import as_float, as_whole
from certiball.samplers.streams import Phase, run_key
from certiball.sampling import count_votes
from certiball.shapes import Batch
from certiball.smoothed import Inputs, Smoothed, encode_nearest
from certiball.spaces import Grid
from certiball.statistics.binomial import LARGEST, check_alpha, top_two_p_value
from certiball.statistics.mixture import decided_p_value
from certiball.statistics.rounding import fraction_up, significant_up
from certiball.tuning import execution_for
from certiball.votes import Design, Votes

USUAL = 1000  # votes, where none are asked for
EXPECTED = 256  # votes of an input that stops when decided, for the choice of a batch shape


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The smoothed classifier's answer, wrong about its own top class with probability ≤ α.

    Args:
        label: the class.
        votes: what the base classifier answered under noise.
        p_value: of "another class is at least as likely", rounded up; where votes stopped once
            they decided, one that holds at any stop; 0 where every view voted.
        alpha: the level of the test; 0 likewise.
        draw: how the random numbers came.
    """

    label: int
    votes: Votes
    p_value: float
    alpha: float
    draw: Draw

    def __str__(self) -> str:
        count = self.votes.counts[self.label]
        if self.votes.design is Design.ENUMERATED:
            return f"class {self.label} ({count} of all {self.votes.total} views)"
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
    n: int | None = None,
    max_n: int | None = None,
    alpha: float | None = None,
    seed: int | None = None,
) -> list[Answer]:
    """The smoothed classifier's answer to each input, or none where the votes do not decide.

    Inputs may come from anywhere: on a grid they are rounded to it first, and certificates speak
    of the rounded input.

    Args:
        g: the smoothed classifier.
        images: inputs [n, ...].
        n: votes for each; 1,000 unless max_n is given.
        max_n: draw votes only until the answer is clear, at most so many: usually a few dozen.
        alpha: how often, at most, an answer may differ from the likeliest class; .001 by default.
            A law whose views are listed has all of them asked, and takes neither alpha nor n.
        seed: None for fresh noise from the operating system, as any service must.

    Raises:
        InputError: if unanimous votes could not decide at this α (with the smallest n that can),
            both n and max_n are given, or one of them or alpha where every view is asked.
        ModelError: if the classifier's answers are not votes, or it raises.

    Example:
        >>> import numpy as np
        >>> from certiball import FunctionClassifier, Gaussian, Grid
        >>> bright = FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
        >>> g = Smoothed(bright, Gaussian(sigma=0.25), space=Grid.uint8())
        >>> predict(g, np.full((1, 2, 2), 0.99), n=100)[0].label
        1
        >>> predict(g, np.full((1, 2, 2), 0.99), max_n=10_000)[0].votes.total
        32
    """
    design, most, alpha = _asked(g.law, n, max_n, alpha)
    inputs = encode_nearest(g.space, images)
    slack = _slack(g, most, inputs[0].size)
    if design is not Design.ENUMERATED:
        rivals = None if design is Design.FIXED else g.classifier.num_classes - 1
        check_decidable(most, alpha, slack, rivals)
    draw = draw_seed(seed)
    expected = min(most, EXPECTED) if design is Design.STOPPED else most

    def wanted(votes: Votes) -> int:
        if design is not Design.STOPPED:
            return most
        settled = votes.total and isinstance(answer(votes, alpha, draw, slack), Prediction)
        return votes.total if settled else next_look(most, votes.total)

    size = f"at most {most}" if design is Design.STOPPED else str(most)
    none = Votes(counts=(0,) * g.classifier.num_classes, design=design)
    with hinted(g.law, inputs):
        execution = execution_for(g, inputs[0], len(inputs) * expected)
        if design is Design.STOPPED:
            execution = replace(execution, chunk=LOOK)
        key = run_key(draw.seed, specification(g, inputs, ["predict", size, str(alpha)]))
        votes = _draw(g, inputs, (none, wanted), key, execution)
    return [answer(v, alpha, draw, slack) for v in votes]


def _asked(
    law: Law, n: int | None, max_n: int | None, alpha: float | None
) -> tuple[Design, int, float]:
    """How votes are drawn, how many at most, and the level of the test: 0 where all views vote."""
    if isinstance(law, EnumeratedLaw):
        for name, value in (("n", n), ("max_n", max_n), ("alpha", alpha)):
            if value is not None:
                raise InputError(
                    f"{name} = {value} has no place here: under {law} all {law.views} views vote, "
                    "and nothing is left to chance; leave it out"
                )
        return Design.ENUMERATED, law.views, 0.0
    if n is not None and max_n is not None:
        raise InputError(f"n = {n} and max_n = {max_n} contradict each other: give one of them")
    name, given = ("n", USUAL if n is None else n) if max_n is None else ("max_n", max_n)
    design = Design.FIXED if max_n is None else Design.STOPPED
    return design, as_whole(name, given), as_float("alpha", USUAL_ALPHA if alpha is None else alpha)


def _draw(
    g: Smoothed,
    inputs: Batch,
    asked: tuple[Votes, Callable[[Votes], int]],
    key: int,
    execution: Execution,
) -> list[Votes]:
    """The votes of each input, bundle by bundle, until as many are there as they want."""
    none, wanted = asked
    held = [none] * len(inputs)
    size = BLOCK * execution.chunk
    goals = {number: wanted(none) for number in range(len(inputs))}
    while goals:
        blocks = (
            Block(
                input=number,
                phase=Phase.PREDICTION,
                first=start // execution.chunk,
                samples=min(size, goal - start),
            )
            for number, goal in goals.items()
            for start in range(held[number].total, goal, size)
        )
        for bundle in bundles(blocks):
            tables = count_votes(g, dict(enumerate(inputs)), bundle, key, execution)
            for block, table in zip(bundle, tables, strict=True):
                more = zip(held[block.input].counts, table.sum(0).tolist(), strict=True)
                counts = tuple(a + b for a, b in more)
                held[block.input] = replace(none, counts=counts)
        later = {number: wanted(held[number]) for number in goals}
        goals = {number: goal for number, goal in later.items() if goal > goals[number]}
    return held


def answer(votes: Votes, alpha: float, draw: Draw, slack: Fraction = Fraction(0)) -> Answer:
    """The answer that votes support (arXiv 1902.02918, Predict).

    Votes that stopped by a rule get the mixture's p-value, which holds at any stop. Those of all
    views are the answer itself, without a test.

    Args:
        votes: counts of a number fixed beforehand, of one that the votes decided, or of all views.
        alpha: the level of the test.
        draw: how the random numbers came.
        slack: total variation of all the noise together, added to the p-value; for stopped votes
            that of the most there could have been.
    """
    first, second = votes.counts[votes.winner], votes.counts[votes.runner_up]
    if votes.design is Design.ENUMERATED:
        return Prediction(label=votes.winner, votes=votes, p_value=0.0, alpha=0.0, draw=draw)
    if votes.design is Design.FIXED:
        exact = top_two_p_value(first, second)
    else:
        exact = decided_p_value(first, second, len(votes.counts) - 1)
    p_value = min(1.0, fraction_up(Fraction(exact) + slack))
    if p_value <= alpha:
        return Prediction(label=votes.winner, votes=votes, p_value=p_value, alpha=alpha, draw=draw)
    return Undecided(votes=votes, p_value=p_value, alpha=alpha, draw=draw)


def check_decidable(
    n: int, alpha: float, slack: Fraction = Fraction(0), rivals: int | None = None
) -> None:
    """Refuse a number of votes that abstains on every input.

    Args:
        n: how many votes there are, or may be.
        alpha: the level of the test.
        slack: total variation of all the noise together.
        rivals: classes besides the winner, for votes that stop once they decide; None for a
            fixed number.

    Raises:
        InputError: if n or α is out of range.
        InfeasibleError: with the smallest n that can decide.
    """

    def decides(votes: int) -> bool:
        unanimous = top_two_p_value(votes, 0) if not rivals else decided_p_value(votes, 0, rivals)
        return unanimous + slack <= alpha

    check_alpha(alpha)
    name = "n" if rivals is None else "max_n"
    if not 1 <= n <= LARGEST:
        raise InputError(f"{name} must be from 1 to {LARGEST}, not {n}")
    if decides(n):
        return
    enough = next((m for m in range(1, 2000) if decides(m)), None)
    remedy = f"{name} must be at least {enough}" if enough else "choose a larger alpha"
    raise InfeasibleError(
        f"{name} = {n} votes cannot decide at alpha = {alpha} even if all agree; {remedy}"
    )


def _slack(g: Smoothed, n: int, dimension: int) -> Fraction:
    return n * g.law.slack(g.space.step if isinstance(g.space, Grid) else None, dimension)
