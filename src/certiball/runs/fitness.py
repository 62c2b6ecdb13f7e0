"""Whether model, data, noise and plan fit each other."""

import math
from datetime import timedelta

import numpy as np

from certiball.certification.judge import check_feasible, largest_radius
from certiball.certification.plan import Plan
from certiball.certification.question import Question
from certiball.claim import Claim
from certiball.errors import CertiballError, InputError
from certiball.execution import Block, Execution
from certiball.runs.finding import Finding, Level
from certiball.runs.patient import Patient, answers
from certiball.runs.scale import odd_scale
from certiball.samplers.streams import Phase
from certiball.sampling import clean_labels, count_votes
from certiball.statistics.rounding import format_down
from certiball.tuning import samples_per_second, tune
from certiball.votes import Design
from certiball.wording import level_means, unit_of

CENTRED, SPREAD = 0.25, (0.5, 2.0)  # means and deviations of channels that were normalised
TWICE = 1.5 / 255  # 8-bit images that were divided by 255 twice have no larger values


def output(patient: Patient) -> Finding:
    """Shape, number of classes and NaN, clean and under noise."""
    check = "output"
    try:
        answers(patient.g.classifier, patient.batch)
        execution = Execution(batch=len(patient.inputs))
        clean_labels(patient.g, patient.inputs, execution)
        count_votes(patient.g, patient.inputs, _one_each(patient), patient.key, execution)
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
    check, odd = (
        "noise",
        odd_scale(patient.g.law, patient.g.space, next(iter(patient.inputs.values())).size),
    )
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
    most = format_down(largest_radius(question, plan), 0 if claim.norm.counts else 4)
    text = f"radii up to {most} ({unit_of(claim)}), {level_means(claim)}"
    return Finding(check=check, level=Level.OK, text=text)


def input_range(patient: Patient) -> Finding:
    """Whether the data fills the space that it is said to live in."""
    check, (low, high) = "input range", patient.g.space.bounds
    least, most = float(patient.batch.min()), float(patient.batch.max())
    said = [str(np.float32(value)).removesuffix(".0") for value in (least, most)]  # all digits
    text = f"values {'…'.join(said)} in {patient.g.space}"
    if math.isfinite(high - low) and most - least < (high - low) / 4:
        return Finding(
            check=check,
            level=Level.WARN,
            text=text,
            remedy="the data uses less than a quarter of its space: check how it was scaled",
        )
    odd = _odd_values(patient)
    if odd:
        return Finding(check=check, level=Level.WARN, text=f"{text}: {odd[0]}", remedy=odd[1])
    return Finding(check=check, level=Level.OK, text=text)


def _odd_values(patient: Patient) -> tuple[str, str] | None:
    """Numbers that are not those of pictures, and what to do: a space without ends takes all."""
    batch = patient.batch.double()
    if 0 <= float(batch.min()) < float(batch.max()) <= TWICE:
        return (
            "pictures divided by 255 twice have such values",
            "divide once: sigma and radii are in these units",
        )
    if batch.ndim != 4 or len(batch) < 2 or float(batch.min()) >= 0:
        return None
    means, spreads = batch.mean((0, 2, 3)), batch.std((0, 2, 3))
    if float(means.abs().max()) > CENTRED or not (
        SPREAD[0] < float(spreads.min()) and float(spreads.max()) < SPREAD[1]
    ):
        return None
    return (
        "channels with mean 0 and deviation 1 were normalised",
        "noise would come after normalisation, and radii be in its units, in which channels are "
        "stretched differently: give the pictures as they are, and put normalisation into the "
        "model (--mean and --std, or a first layer)",
    )


def _one_each(patient: Patient) -> list[Block]:
    return [
        Block(input=number, phase=Phase.PREDICTION, first=0, samples=1) for number in patient.inputs
    ]


def speed(patient: Patient, plan: Plan, count: int) -> Finding:
    """Samples per second, and the time of the run that is asked for."""
    example = next(iter(patient.inputs.values()))
    execution = tune(patient.g, example)
    rate = samples_per_second(patient.g, example, execution)
    took = timedelta(seconds=round(count * (plan.selection + plan.most) / rate))
    about = "at most" if plan.design is Design.STOPPED else "about"
    return Finding(
        check="throughput",
        level=Level.OK,
        text=f"{rate:,.0f} samples/s in batches of {execution.batch} ({execution.layout}): "
        f"{about} {took} (h:mm:ss) for {count} inputs with {plan}",
    )
