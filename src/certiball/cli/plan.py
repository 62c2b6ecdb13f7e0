"""certiball plan: what a run would take and could give, before it is begun."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from certiball.cli import options
from certiball.cli.estimate import Estimate, lines
from certiball.cli.estimate import numbers as said
from certiball.cli.names import RuleName, parse_rule
from certiball.cli.noise import law_of, parse_norm
from certiball.cli.output import Voice, counted
from certiball.cli.scale import warn_of_scale
from certiball.cli.subject import (
    DataOptions,
    ModelOptions,
    inputs_of,
    open_data,
    open_model,
    run_as,
)
from certiball.errors import InputError

if TYPE_CHECKING:
    from certiball.balls import Norm
    from certiball.certification.pilot import Pilot
    from certiball.certification.plan import Plan
    from certiball.certification.question import Question
    from certiball.datasets import Dataset
    from certiball.laws import Law
    from certiball.shapes import Batch
    from certiball.smoothed import Smoothed

LOOKED_AT = 64  # inputs, at most


def plan(
    model: Annotated[str, typer.Argument(help="As --model of certify.")],
    data: options.Data,
    sigma: options.Sigma = None,
    noise: options.Noise = None,
    norm: options.NormName = None,
    radius: Annotated[
        float | None, typer.Option(help="Wanted; the noise's deviation if not given.")
    ] = None,
    rel: Annotated[float, typer.Option("--precision", help="Of radii, relative.")] = 0.05,
    n: Annotated[int, typer.Option("--n", help="Samples: fixed, or at most.")] = 100_000,
    alpha: options.Alpha = 0.001,
    rule: Annotated[RuleName, typer.Option(help="How radii follow from bounds.")] = "one-sided",
    every: options.Every = 1,
    first: options.First = None,
    devices: Annotated[int, typer.Option(help="How many such devices share the work.")] = 1,
    price: Annotated[float | None, typer.Option(help="Of one device for one hour.")] = None,
    seconds: Annotated[float, typer.Option(help="How long to probe.")] = 10.0,
    arch: options.Arch = None,
    mean: options.Mean = None,
    std: options.Std = None,
    classes: options.Classes = None,
    trust_pickle: options.TrustPickle = False,
    device: options.Device = None,
    resize: options.Resize = None,
    crop: options.Crop = None,
    grayscale: options.Grayscale = False,
    space: options.SpaceText = None,
    backend: options.Backend = None,
    dtype: options.Dtype = None,
    as_json: options.AsJson = False,
) -> None:
    """Probe a model for ten seconds, and say what each plan would take and could certify."""
    from certiball.certification.forecast import offers
    from certiball.certification.pilot import look
    from certiball.datasets.select import select
    from certiball.smoothed import Smoothed

    voice = Voice(as_json=as_json)
    dataset = open_data(
        DataOptions(text=data, resize=resize, crop=crop, grayscale=grayscale, space=space)
    )
    numbers = select(len(dataset), every=every, first=first)
    law = law_of(noise, sigma, dataset.space, dataset[0][0].shape)
    _refuse_listed(law)
    wanted = radius or law.deviation(dataset[0][0].size) or 1.0  # one pixel, where none is added
    _check(devices, price, seconds, wanted)
    seen = inputs_of(dataset, law)
    classifier = open_model(
        ModelOptions(
            text=model,
            arch=arch,
            mean=mean,
            std=std,
            classes=classes,
            trust_pickle=trust_pickle,
            device=device,
        ),
        seen,
    )
    g = Smoothed(classifier, law, space=dataset.space)
    samples = len(numbers) * n
    g = run_as(g, seen, samples, backend=backend, dtype=dtype)
    inputs = _some(g, dataset, numbers)
    question = _question(g, inputs[0].size, alpha, rule, parse_norm(norm))
    plans = _in_reach(_plans(wanted, rel, n), question, wanted)
    warn_of_scale(voice, law, g.space, inputs[0].size)
    pilot = look(g, inputs, seconds)
    made = offers(list(plans.values()), question, pilot, len(numbers))
    estimate = Estimate(
        question=question,
        pilot=pilot,
        offers=dict(zip(plans, made, strict=True)),
        inputs=len(numbers),
        radius=wanted,
        devices=devices,
        price=price,
    )
    if pilot.failed:
        voice.note(_left_out(pilot))
    voice.give(said(estimate))
    for line in lines(estimate):
        voice.say(line)


def _refuse_listed(law: "Law") -> None:
    from certiball.laws.enumerated import EnumeratedLaw

    if isinstance(law, EnumeratedLaw):
        raise InputError(
            f"under {law} all {law.views} views of every input vote: there is no plan to choose; "
            "certiball doctor says how long that takes and what it can certify"
        )


def _left_out(pilot: "Pilot") -> str:
    """That inputs are not in the forecast; a run would report them as failed."""
    count, looked_at = len(pilot.failed), len(pilot.failed) + len(pilot.votes)
    are = "is" if count == 1 else "are"
    return f"{count} of {counted(looked_at, 'input')} looked at {are} left out: {pilot.failed[0]}"


def _check(devices: int, price: float | None, seconds: float, wanted: float) -> None:
    """Before any data is loaded: that may take long."""
    if devices < 1:
        raise InputError(f"--devices must be at least 1, not {devices}")
    if price is not None and not price >= 0:
        raise InputError(f"--price must be ≥ 0, not {price}: give it per device and hour")
    if not seconds > 0:
        raise InputError(f"--seconds must be > 0, not {seconds}: 10 are usual")
    if not wanted > 0:
        raise InputError(f"--radius must be > 0, not {wanted}: it is in the units of the inputs")


def _plans(wanted: float, rel: float, n: int) -> dict[str, "Plan"]:
    from certiball.certification.plan import FixedSamples
    from certiball.certification.precision import Precision
    from certiball.certification.target_radius import TargetRadius

    precision = f"precision {100 * rel:g}\u202f%"
    return {
        "fixed": FixedSamples(n=n),
        precision: Precision(rel=rel, max_n=n),
        f"{precision}, cap {wanted:g}": Precision(rel=rel, max_n=n, radius_cap=wanted),
        f"target radius {wanted:g}": TargetRadius(radii=wanted, max_n=n),
    }


def _in_reach(plans: dict[str, "Plan"], question: "Question", wanted: float) -> dict[str, "Plan"]:
    """Without those for a radius that not even unanimous votes reach; what it needs is said."""
    from certiball.certification.forecast import asked_by
    from certiball.certification.judge import largest_radius

    return {
        name: each
        for name, each in plans.items()
        if not _needs_radius(each) or largest_radius(asked_by(each, question), each) >= wanted
    }


def _needs_radius(plan: "Plan") -> bool:
    from certiball.certification.target_radius import TargetRadius

    return isinstance(plan, TargetRadius) or getattr(plan, "radius_cap", None) is not None


def _some(g: "Smoothed", dataset: "Dataset", numbers: Sequence[int]) -> "Batch":
    """Some of the inputs, evenly from all of them, encoded."""
    import numpy as np

    from certiball.smoothed import encode

    places = np.unique(np.linspace(0, len(numbers) - 1, LOOKED_AT).astype(int))
    return np.concatenate([encode(g.space, dataset[numbers[i]][0][None]) for i in places])


def _question(
    g: "Smoothed", dimension: int, alpha: float, rule: RuleName, norm: "Norm | None"
) -> "Question":
    from certiball.certification.question import Question
    from certiball.claim import Claim
    from certiball.classifiers.backend import backend
    from certiball.theorems import ball_of

    settled, strict = ball_of(g.law, norm)
    claim = Claim(
        law=g.law,
        norm=settled,
        strict=strict,
        rule=parse_rule(rule),
        alpha=alpha,
        space=g.space,
        backend=backend(g.classifier),
    )
    return Question(claim=claim, dimension=dimension)
