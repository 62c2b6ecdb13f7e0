"""The pre-flight: what can be wrong with a model and its data before a long run."""

import math
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import torch
from torch import Tensor, nn

from certiball.certificate import Claim, is_usual
from certiball.certification.judge import check_feasible, largest_radius
from certiball.certification.plan import Plan
from certiball.certification.question import Question
from certiball.classifiers.backend import backend, settings
from certiball.classifiers.forward import DTYPES
from certiball.classifiers.torch import TorchClassifier
from certiball.datasets import Dataset
from certiball.errors import CertiballError, InputError
from certiball.execution import Block, Execution
from certiball.runs.agreement import agreement
from certiball.runs.finding import Finding, Level
from certiball.runs.patient import Patient
from certiball.runs.scale import odd_scale
from certiball.samplers.streams import Phase, fresh_seed
from certiball.sampling import clean_labels, count_votes, exact_kernels
from certiball.shapes import Array
from certiball.smoothed import Smoothed, encode
from certiball.spaces import Grid
from certiball.statistics.rounding import format_down
from certiball.tuning import samples_per_second, tune
from certiball.votes import Design

LOOKED_AT = 64  # inputs that are tried
SAMPLES = 64  # noisy copies of each
LOW = 0.6  # clean accuracy that few models worth certifying fall short of
AS_TRAINED = (
    "inputs must be as in its training: check normalisation (--mean and --std), channel order "
    "(RGB or BGR) and scale (0 to 1, or 0 to 255)"
)
SAME = 1e-3  # scores this near, relatively, differ only by the order of additions
ROUNDINGS = 4  # or so many of their last bits, where these are coarser


def diagnose(
    g: Smoothed, dataset: Dataset, claim: Claim, plan: Plan, count: int
) -> Iterator[Finding]:
    """All checks in order; after a failed one, those that build on it are left out.

    Args:
        g: the smoothed classifier.
        dataset: the data.
        claim: of the run that is asked for, under the law and space of g.
        plan: of the run that is asked for.
        count: how many inputs it is to have.
    """
    try:
        patient = admit(g, dataset)
        found = [eval_mode(patient), output(patient), labels(patient)]
        yield from found
        yield noise_scale(patient)
        yield feasible(patient, claim, plan)
        if any(finding.level is Level.FAIL for finding in found):
            return
        for check in (repeats, rebatched, input_range, clean_accuracy, noisy_accuracy):
            yield check(patient)
        if not is_usual(backend(g.classifier)):
            yield agreement(patient)
        yield speed(patient, plan, count)
    except CertiballError as error:
        yield Finding(check="model and data", level=Level.FAIL, text=str(error))


def admit(g: Smoothed, dataset: Dataset) -> Patient:
    """Some inputs, evenly from the whole data set.

    Raises:
        InputError: if an input does not belong to the space.
    """
    chosen = np.unique(np.linspace(0, len(dataset) - 1, LOOKED_AT).astype(int)).tolist()
    items = {number: dataset[number] for number in chosen}
    inputs = {number: encode(g.space, item[0][None])[0] for number, item in items.items()}
    stacked = np.stack(list(inputs.values()))
    seen = g.space.values(stacked) if isinstance(g.space, Grid) else stacked
    return Patient(
        g=g,
        dataset=dataset,
        inputs=inputs,
        labels={number: item[1] for number, item in items.items()},
        batch=torch.from_numpy(seen),
    )


def eval_mode(patient: Patient) -> Finding:
    """Parts that answer differently in training: dropout, statistics of the batch."""
    check, classifier = "eval mode", patient.g.classifier
    if not isinstance(classifier, TorchClassifier):
        return Finding(check=check, level=Level.OK, text="not a torch module")
    for name, part in classifier.model.named_modules():
        if part.training:
            return Finding(
                check=check,
                level=Level.FAIL,
                text=f"part '{name}' is in train mode",
                remedy="call model.eval()",
            )
        if isinstance(part, nn.modules.batchnorm._BatchNorm) and part.running_mean is None:
            return Finding(
                check=check,
                level=Level.FAIL,
                text=f"part '{name}' normalises by the statistics of the batch",
                remedy="train it with track_running_stats=True",
            )
    return Finding(check=check, level=Level.OK, text="all parts are in eval mode")


def output(patient: Patient) -> Finding:
    """Shape, number of classes and NaN, clean and under noise."""
    check = "output"
    try:
        _answers(patient.g, patient.batch)
        _clean(patient)
        _noisy(patient, samples=1)
    except CertiballError as error:
        return Finding(check=check, level=Level.FAIL, text=str(error))
    except Exception as error:  # a user's model may raise anything
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        return Finding(
            check=check,
            level=Level.FAIL,
            text=f"a batch of {len(patient.batch)} fails: {reason}",
            remedy="check that the model takes batches of any size, and inputs of this shape",
        )
    classes = patient.g.classifier.num_classes
    return Finding(check=check, level=Level.OK, text=f"{classes} classes, no NaN")


def labels(patient: Patient) -> Finding:
    """Whether model and data have the same classes."""
    check = "classes"
    classes, named = patient.g.classifier.num_classes, len(patient.dataset.classes)
    wrong = [label for label in patient.labels.values() if not 0 <= label < classes]
    if wrong:
        return Finding(
            check=check,
            level=Level.FAIL,
            text=f"the data has label {wrong[0]}, the model classes 0…{classes - 1}",
            remedy="use the model that was trained on these classes",
        )
    if named != classes:
        return Finding(
            check=check,
            level=Level.WARN,
            text=f"the data has {named} classes, the model {classes}",
            remedy="check that class i of the data is class i of the model",
        )
    return Finding(check=check, level=Level.OK, text=f"{classes} in the model and in the data")


def noise_scale(patient: Patient) -> Finding:
    """Whether the noise is in the units of the inputs."""
    check, odd = "noise", odd_scale(patient.g.law, patient.g.space)
    if odd is None:
        return Finding(check=check, level=Level.OK, text=f"{patient.g.law} on {patient.g.space}")
    text, _, remedy = odd.partition(": ")
    return Finding(check=check, level=Level.WARN, text=text, remedy=remedy)


def feasible(patient: Patient, claim: Claim, plan: Plan) -> Finding:
    """Whether any votes could certify by the plan, and the smallest n where none could."""
    check = "plan"
    question = Question(claim=claim, dimension=next(iter(patient.inputs.values())).size)
    try:
        check_feasible(question, plan)
    except InputError as error:
        text, _, remedy = str(error).partition("; ")
        return Finding(check=check, level=Level.FAIL, text=text, remedy=remedy)
    most = format_down(largest_radius(question, plan))
    text = f"radii up to {most} ({claim.norm}) at alpha = {claim.alpha:g}, {claim.rule.value}"
    return Finding(check=check, level=Level.OK, text=text)


def repeats(patient: Patient) -> Finding:
    """Whether the same batch gets the same answer twice."""
    first, second = (_answers(patient.g, patient.batch) for _ in range(2))
    return _compared("repeated calls", first, second, _same(patient))


def rebatched(patient: Patient) -> Finding:
    """Whether an answer depends on what else is in the batch."""
    whole = _answers(patient.g, patient.batch)
    backwards = _answers(patient.g, patient.batch.flip(0)).flip(0)
    pieces = torch.cat([_answers(patient.g, piece) for piece in torch.split(patient.batch, 7)])
    same = _same(patient)
    findings = [_compared("other batches", whole, other, same) for other in (backwards, pieces)]
    return max(findings, key=lambda finding: finding.level is not Level.OK)


def input_range(patient: Patient) -> Finding:
    """Whether the data fills the space that it is said to live in."""
    check, (low, high) = "input range", patient.g.space.bounds
    least, most = float(patient.batch.min()), float(patient.batch.max())
    text = f"values {least:g}…{most:g} in {patient.g.space}"
    if math.isfinite(high - low) and most - least < (high - low) / 4:
        return Finding(
            check=check,
            level=Level.WARN,
            text=text,
            remedy="the data uses less than a quarter of its space: check how it was scaled",
        )
    return Finding(check=check, level=Level.OK, text=text)


def clean_accuracy(patient: Patient) -> Finding:
    """Accuracy of the base classifier without noise."""
    found = _clean(patient)
    right = sum(found[number] == label for number, label in patient.labels.items())
    return _accuracy(patient, "clean accuracy", right / len(found), "")


def noisy_accuracy(patient: Patient) -> Finding:
    """Accuracy of the base classifier on single noisy inputs."""
    counts = _noisy(patient, samples=SAMPLES)
    right = sum(int(votes[patient.labels[number]]) for number, votes in counts.items())
    rate = right / (SAMPLES * len(counts))
    return _accuracy(patient, "accuracy under noise", rate, f" under {patient.g.law}")


def speed(patient: Patient, plan: Plan, count: int) -> Finding:
    """Samples per second, and the time of the run that is asked for."""
    example = next(iter(patient.inputs.values()))
    execution = tune(patient.g, example)
    rate = samples_per_second(patient.g, example, execution)
    took = timedelta(seconds=round(count * (plan.selection + plan.most) / rate))
    about = "about" if plan.design is Design.FIXED else "at most"
    return Finding(
        check="throughput",
        level=Level.OK,
        text=f"{rate:,.0f} samples/s in batches of {execution.batch} ({execution.layout}): "
        f"{about} {took} (h:mm:ss) for {count} inputs with {plan}",
    )


def _answers(g: Smoothed, batch: Tensor) -> Tensor:
    with exact_kernels(torch.get_num_threads()):
        return g.classifier(batch).detach().cpu()


def _same(patient: Patient) -> float:
    """How far apart scores may lie that differ only by the order of additions."""
    found = settings(backend(patient.g.classifier))
    dtype = DTYPES.get(found[1], torch.float32) if found else torch.float32
    return max(SAME, ROUNDINGS * torch.finfo(dtype).eps)


def _compared(check: str, first: Tensor, second: Tensor, same: float) -> Finding:
    """Equal labels and equal scores, but for the order of additions."""
    if first.ndim == 1:
        flips, far = int((first != second).sum()), 0.0
    else:
        flips = int((first.argmax(1) != second.argmax(1)).sum())
        far = float((first - second).abs().max() / first.abs().max().clamp_min(1e-30))
    if flips or far > same:
        return Finding(
            check=check,
            level=Level.FAIL,
            text=f"{flips} of {len(first)} answers change, scores by up to {far:.1g} relatively",
            remedy="make the model a function of its single input: no dropout, no batch statistics",
        )
    return Finding(check=check, level=Level.OK, text=f"the same answers, scores within {far:.1g}")


def _accuracy(patient: Patient, check: str, rate: float, where: str) -> Finding:
    text = f"{rate:.1%} of {len(patient.inputs)} inputs{where}"
    if rate <= 1.5 / patient.g.classifier.num_classes:
        return Finding(
            check=check,
            level=Level.FAIL if not where else Level.WARN,
            text=f"{text}, no better than guessing",
            remedy="train with this noise, or choose a smaller sigma"
            if where
            else f"check that labels are those of the model; {AS_TRAINED}",
        )
    if not where and rate < LOW:
        remedy = f"if the model should do better: {AS_TRAINED}"
        return Finding(check=check, level=Level.WARN, text=text, remedy=remedy)
    if rate < 0.5:
        remedy = "a class needs more than half of the votes: most inputs will not be certified"
        return Finding(check=check, level=Level.WARN, text=text, remedy=remedy)
    return Finding(check=check, level=Level.OK, text=text)


def _clean(patient: Patient) -> dict[int, int]:
    return clean_labels(patient.g, patient.inputs, Execution(batch=len(patient.inputs)))


def _noisy(patient: Patient, samples: int) -> dict[int, Array]:
    blocks = [
        Block(input=number, phase=Phase.PREDICTION, first=0, samples=samples)
        for number in patient.inputs
    ]
    execution = Execution(batch=len(patient.inputs))
    counts = count_votes(patient.g, patient.inputs, blocks, fresh_seed(), execution)
    return {block.input: votes.sum(0) for block, votes in zip(blocks, counts, strict=True)}
