"""Certify inputs in memory: the main job in one call."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from certiball.balls import Norm
from certiball.certificate import Result
from certiball.certification.every_view import settled
from certiball.certification.judge import check_feasible, judge
from certiball.certification.pending import bundles, looking, pending_blocks
from certiball.certification.plan import Plan
from certiball.certification.question import Question
from certiball.certification.single_input import check_single
from certiball.claim import Claim, Draw, Rule
from certiball.classifiers.backend import backend
from certiball.datasets.select import a_few
from certiball.errors import BatchError, InputError, ModelError
from certiball.execution import Block, Execution
from certiball.laws import Law
from certiball.numbers import as_whole
from certiball.samplers.streams import Phase, fresh_seed, random_word, run_key
from certiball.sampling import count_votes, exact_kernels, misfits_explained, views_explained
from certiball.shapes import Array, Batch, Counts
from certiball.smoothed import Inputs, Smoothed, clean_batch, encode
from certiball.theorems import ball_of
from certiball.tuning import execution_for
from certiball.votes import Votes, merge

PROBES = 64  # inputs whose labels enter the model's digest


def certify(  # noqa: PLR0913 (the parts of one question, each named)
    g: Smoothed,
    images: Inputs,
    *,
    plan: Plan | None = None,
    alpha: float | None = None,
    rule: Rule | None = None,
    norm: Norm | None = None,
    seed: int | None = None,
) -> list[Result]:
    """Certify each input: how far it can be moved before the smoothed answer may change.

    Args:
        g: the smoothed classifier.
        images: inputs [n, ...] of the space of g: integers are levels of its grid, floats must
            lie on it.
        plan: how many samples select the class and how many bound its probability: fixed
            numbers, or one that stops once the question is answered (`TargetRadius`, `Precision`);
            `FixedSamples()` by default. A law whose views are listed has all of them asked, and
            takes neither a plan nor alpha nor a rule.
        alpha: how often, at most, the certificate of one input may be false; .001 by default.
        rule: the one-sided radius, the default, or the two-class radius at α/2 + α/2.
        norm: of the perturbations; by default the one that the law is made for.
        seed: None draws 128 bits from the operating system, after everything else is fixed. A
            chosen seed is recorded as chosen.

    Returns:
        One `Certificate` or `Abstention` for each input, in order.

    Raises:
        InputError: for inputs that do not belong to the space, and for a claim that unanimous
            votes could not support (with the smallest n that can).
        ModelError: if the classifier's answers are not votes, or it raises, or they are seen to
            depend on more than the input: on chance, earlier calls or the rest of the batch. A
            look cannot see everything: `certification.assumptions` says what is left.

    Example:
        >>> import numpy as np
        >>> from certiball import FixedSamples, FunctionClassifier, Gaussian, Grid
        >>> bright = FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
        >>> g = Smoothed(bright, Gaussian(sigma=0.25), space=Grid.uint8())
        >>> white = np.full((1, 2, 2), 255, dtype=np.uint8)
        >>> [result] = certify(g, white, plan=FixedSamples(n0=100, n=1000))
        >>> result.label, round(result.radius, 1)
        (1, 0.6)
    """
    if plan is not None and not isinstance(plan, Plan):
        raise InputError(f"plan must be one such as FixedSamples(n=10_000), not {plan!r}")
    inputs = encode(g.space, images)
    norm, strict = ball_of(g.law, norm)
    plan, alpha, rule = settled(g.law, plan, alpha, rule)
    claim = Claim(
        law=g.law,
        norm=norm,
        strict=strict,
        rule=rule,
        alpha=alpha,
        space=g.space,
        bound=plan.bound,
        backend=backend(g.classifier),
    )
    question = Question(claim=claim, dimension=inputs[0].size)
    check_feasible(question, plan)
    with hinted(g.law, inputs):
        execution = looking(plan, execution_for(g, inputs[0], len(inputs) * plan.most))
        check_single(g, inputs[a_few(range(len(inputs)))], execution)
        fixed = specification(g, inputs, [str(claim), str(plan), str(execution)])
        draw = draw_seed(seed)
        key = run_key(draw.seed, fixed)
        held = _draw(g, dict(enumerate(inputs)), question, plan, key, execution)
    none = Votes(counts=(0,) * g.classifier.num_classes)
    return [
        judge(
            question,
            plan,
            draw,
            votes.get(Phase.SELECTION, none),  # where every view votes, these choose the class
            votes[Phase.ESTIMATION],
            random_word(key, number),
        )
        for number, votes in held.items()
    ]


@contextmanager
def hinted(law: Law, inputs: Batch) -> Iterator[None]:
    """What a classifier raises, with a word on what often is the cause of it in memory.

    Raises:
        ModelError: likewise.
    """
    try:
        yield
    except BatchError:
        raise
    except ModelError as error:
        if error.__cause__ is None:
            raise
        shape = inputs.shape[1:]
        if law.seen(shape) != shape:
            raise ModelError(f"{error}{views_explained(law, shape)}") from error.__cause__
        if inputs.ndim not in (2, 3):
            raise
        raise ModelError(
            f"{error}; these are {len(inputs)} inputs of shape {shape}: "
            "wrap a single input x as x[None]"
        ) from error.__cause__


def draw_seed(seed: int | None) -> Draw:
    """A seed from the operating system, or the one that was chosen.

    Raises:
        InputError: if a chosen seed does not fit into 128 bits.
    """
    if seed is None:
        return Draw(seed=fresh_seed(), chosen=False)
    seed = as_whole("seed", seed)
    if not 0 <= seed < 2**128:
        raise InputError(f"seed must be from 0 to 2¹²⁸ − 1, not {seed}")
    return Draw(seed=seed, chosen=True)


def _draw(
    g: Smoothed,
    inputs: dict[int, Array],
    question: Question,
    plan: Plan,
    key: int,
    execution: Execution,
) -> dict[int, dict[Phase, Votes]]:
    """All the votes that the plan wants, for every input and phase."""
    held: dict[int, dict[Phase, Votes]] = {number: {} for number in inputs}
    unsettled = set(inputs)

    def pending() -> Iterator[Block]:
        for number in sorted(unsettled):
            blocks = pending_blocks(question, plan, number, held[number], execution.chunk)
            first = next(blocks, None)
            if first is None:
                unsettled.remove(number)  # its plan wants no more, and is not asked again
                continue
            yield first
            yield from blocks

    while unsettled:
        for bundle in bundles(pending()):
            counts = count_votes(g, inputs, bundle, key, execution)
            for block, table in zip(bundle, counts, strict=True):
                _add(held[block.input], block.phase, table)
    return held


def _add(votes: dict[Phase, Votes], phase: Phase, table: Counts) -> None:
    drawn = Votes(counts=tuple(int(count) for count in table.sum(0)))
    votes[phase] = merge(votes[phase], drawn) if phase in votes else drawn


def specification(g: Smoothed, inputs: Batch, question: list[str]) -> str:
    """What is going to be done, as text, the model included: the key depends on it.

    A model can then not depend on the key, not even on that of a chosen seed.
    """
    probes = clean_batch(g, inputs[:PROBES])
    with exact_kernels(threads=1), misfits_explained(probes.shape[1:]):
        model = g.classifier.digest(torch.from_numpy(probes))
    data = hashlib.sha256(f"{inputs.dtype} {inputs.shape}".encode() + inputs.tobytes()).hexdigest()
    return json.dumps([str(g.law), str(g.space), model, data, *question])
