"""Votes where one input has many answers: a class for each pixel, or for each head of a model.

Memory is one table of counts [places, classes], whatever the number of samples: n0 samples choose
each place's class, and of n others only the votes for that class are counted.
"""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from certiball.certification.plan import FixedSamples
from certiball.certification.setting import Setting
from certiball.errors import ModelError
from certiball.execution import Block
from certiball.samplers.streams import Phase
from certiball.sampling import clean_answers, each_answer
from certiball.shapes import Array, Levels


@dataclass(frozen=True, kw_only=True, eq=False)
class Support:
    """What votes say of each place of one input.

    Args:
        labels: the class that had most of the n0 votes, int64 [*places]; ties to the lower.
        counts: how many of n other votes it had, int64 [*places].
        n: how many votes those were.
    """

    labels: Levels
    counts: Levels
    n: int


def places_of(setting: Setting) -> tuple[int, ...]:
    """The shape of the places that the model has an answer for.

    Raises:
        ModelError: if its answer to the first input is none of classes at places.
    """
    [answer] = clean_answers(setting.g, {0: setting.inputs[0]}, setting.execution)
    classes = setting.g.classifier.num_classes
    shape = tuple(answer.shape[1:] if answer.is_floating_point() else answer.shape)
    _labels(answer[None], classes, shape)
    return shape


def support(setting: Setting, number: int, plan: FixedSamples, places: tuple[int, ...]) -> Support:
    """Draw one input's samples and count: n0 choose each place's class, n others support it.

    Args:
        setting: model, noise and key.
        number: of the input.
        plan: n0 and n.
        places: the shape of its answers' places.

    Raises:
        ModelError: if answers have another shape, NaN, or a class that does not exist.
    """
    classes = setting.g.classifier.num_classes
    chosen = _Chosen(places=places, classes=classes)
    _draw(setting, number, Phase.SELECTION, plan.n0, chosen)
    agreeing = _Agreeing(places=places, classes=classes, labels=chosen.table.argmax(1))
    _draw(setting, number, Phase.ESTIMATION, plan.n, agreeing)
    return Support(
        labels=_shaped(agreeing.labels, places), counts=_shaped(agreeing.counts, places), n=plan.n
    )


@dataclass(eq=False)
class _Chosen:
    """Votes of each place for each class."""

    places: tuple[int, ...]
    classes: int
    table: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.table = torch.zeros(math.prod(self.places), self.classes, dtype=torch.int32)
        self._every = torch.arange(len(self.table))

    def __call__(self, answers: Tensor) -> None:
        for labels in _labels(answers, self.classes, self.places):
            self.table[self._every, labels] += 1


@dataclass(eq=False)
class _Agreeing:
    """Votes of each place for its class."""

    places: tuple[int, ...]
    classes: int
    labels: Tensor
    counts: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.counts = torch.zeros(len(self.labels), dtype=torch.int64)

    def __call__(self, answers: Tensor) -> None:
        for labels in _labels(answers, self.classes, self.places):
            self.counts += labels == self.labels


def _draw(
    setting: Setting, number: int, phase: Phase, samples: int, take: "_Chosen | _Agreeing"
) -> None:
    block = Block(input=number, phase=phase, first=0, samples=samples)
    inputs = {number: setting.inputs[number]}
    try:
        each_answer(setting.g, inputs, block, setting.key, setting.execution, take)
    except ModelError as error:
        raise type(error)(f"input {number}: {error}") from error.__cause__


def _labels(answers: Tensor, classes: int, places: tuple[int, ...]) -> Tensor:
    """Labels [batch, places] on the host, of scores [batch, classes, *places] or labels."""
    batch = len(answers)
    if answers.is_floating_point() and answers.shape == (batch, classes, *places) and places:
        if bool(answers.isnan().any()):
            raise ModelError("the model's scores have NaN: no vote can be counted; check it")
        return answers.argmax(1).flatten(1).cpu()
    if not answers.is_floating_point() and answers.shape == (batch, *places) and places:
        labels = answers.flatten(1).long().cpu()
        if bool(((labels < 0) | (labels >= classes)).any()):
            raise ModelError(
                f"a label of the model is not one of 0…{classes - 1}: check num_classes"
            )
        return labels
    raise ModelError(
        f"the model returned {answers.dtype} of shape {tuple(answers.shape)} for {batch} inputs: "
        f"it must return scores [{batch}, {classes}, …] or integer classes [{batch}, …] for the "
        "same places each time; check num_classes"
    )


def _shaped(values: Tensor, places: tuple[int, ...]) -> Array:
    array: Array = values.view(places).numpy()
    return array
