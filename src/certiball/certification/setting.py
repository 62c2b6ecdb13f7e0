"""What is fixed before the first sample where outputs are not one class: inputs, claim and key."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from certiball.balls import Norm
from certiball.certification.plan import FixedSamples
from certiball.certification.question import Question
from certiball.certification.single_input import check_single
from certiball.certification.smooth import draw_seed, hinted, specification
from certiball.claim import Bound, Claim, Draw, Rule
from certiball.classifiers import Classifier
from certiball.classifiers.backend import backend
from certiball.datasets.select import a_few
from certiball.errors import InputError
from certiball.execution import Execution
from certiball.laws import Law
from certiball.laws.enumerated import EnumeratedLaw
from certiball.laws.gaussian import Gaussian
from certiball.samplers.streams import run_key
from certiball.shapes import Batch
from certiball.smoothed import Inputs, Smoothed, encode
from certiball.theorems import ball_of
from certiball.tuning import USUAL, chunk_size

AT_ONCE = 2**24  # numbers in a batch: outputs as large as the inputs should fit as well


@dataclass(frozen=True, kw_only=True, eq=False)
class Setting:
    """What is asked, of which inputs, and by which randomness.

    Args:
        g: the model under noise.
        inputs: encoded, [n, ...].
        question: the claim, about inputs of so many numbers.
        execution: of the model.
        draw: how the random numbers came.
        key: the run's, 128 bits.
    """

    g: Smoothed
    inputs: Batch
    question: Question
    execution: Execution
    draw: Draw
    key: int


@dataclass(frozen=True, eq=False)
class Flat:
    """A model whose outputs of any shape are laid out as one row of numbers for each input."""

    model: Classifier

    @property
    def num_classes(self) -> int:
        """That of the model."""
        return self.model.num_classes

    def __call__(self, batch: Tensor) -> Tensor:
        """Numbers [batch, outputs]."""
        return self.model(batch).flatten(1).float()

    def digest(self, probes: Tensor) -> str | None:
        """That of the model."""
        return self.model.digest(probes)


def setting(
    g: Smoothed, images: Inputs, question: Question, said: Sequence[str], seed: int | None
) -> Setting:
    """Look at the model, and draw the seed once everything else is fixed.

    Args:
        g: the model under noise.
        images: inputs [n, ...] of its space.
        question: what is claimed.
        said: all else that fixes what is done, as text.
        seed: a chosen one, or None.

    Raises:
        InputError: for inputs that do not belong to the space.
        ModelError: if the model raises, or is seen to depend on more than one input.
    """
    inputs = encode(g.space, images)
    size = inputs[0].size
    execution = Execution(batch=max(1, min(USUAL, AT_ONCE // size)), chunk=chunk_size(size))
    with hinted(g.law, inputs):
        flat = replace(g, classifier=Flat(g.classifier))
        check_single(flat, inputs[a_few(range(len(inputs)))], execution)
        fixed = specification(g, inputs, [str(question.claim), *said, str(execution)])
    draw = draw_seed(seed)
    return Setting(
        g=g,
        inputs=inputs,
        question=question,
        execution=execution,
        draw=draw,
        key=run_key(draw.seed, fixed),
    )


def sampled_question(
    g: Smoothed, images: Inputs, alpha: float, rule: Rule, norm: Norm | None = None
) -> Question:
    """The claim about samples of the law in a norm, by default the one that it is made for.

    Raises:
        InputError: if the law lists its views, or no theorem speaks of it in that norm.
    """
    if isinstance(g.law, EnumeratedLaw):
        raise InputError(
            f"{g.law} lists its views and has no samples: this needs noise that is drawn, such as "
            "Gaussian(sigma=.25)"
        )
    norm, strict = ball_of(g.law, norm)
    claim = Claim(
        law=g.law,
        norm=norm,
        strict=strict,
        rule=rule,
        alpha=alpha,
        space=g.space,
        backend=backend(g.classifier),
    )
    return Question(claim=claim, dimension=encode(g.space, images)[0].size)


def gaussian(law: Law, what: str) -> Gaussian:
    """The law, if it is Gaussian noise.

    Raises:
        InputError: saying what is proven for no other.
    """
    if not isinstance(law, Gaussian):
        raise InputError(
            f"{what} are proven for Gaussian noise in L2 alone, not for {law}: give "
            "Gaussian(sigma=…)"
        )
    return law


def check_fixed(plan: object) -> FixedSamples:
    """Refuse a plan other than fixed numbers with the classical bound.

    Raises:
        InputError: naming the one that there is.
    """
    if not isinstance(plan, FixedSamples) or plan.bound is not Bound.CLOPPER_PEARSON:
        raise InputError(
            f"plan must be FixedSamples(n0=…, n=…) with the Clopper–Pearson bound here, not {plan}"
        )
    return plan
