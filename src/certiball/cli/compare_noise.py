"""certiball compare-noise: which law certifies most of a model, in which norm."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from certiball.cli import options
from certiball.cli.noise import law_of
from certiball.cli.output import Voice, counted
from certiball.cli.subject import DataOptions, ModelOptions, inputs_of, open_data, open_model
from certiball.errors import InputError

if TYPE_CHECKING:
    from certiball.certification.compare import Compared
    from certiball.laws import Law
    from certiball.report.comparison import Scored

CAUTION = (
    "a comparison, no certificate: whoever takes the best of several laws for an input holds "
    "statements about several smoothed classifiers, each of which may be false"
)


def compare_noise(
    model: Annotated[str, typer.Argument(help="As --model of certify.")],
    data: options.Data,
    sigma: Annotated[
        float | None,
        typer.Option(help="Compare the additive laws at this deviation, and splitting noise."),
    ] = None,
    noise: Annotated[
        list[str] | None,
        typer.Option(help="Compare this law as well, or these alone; as of certify, repeatable."),
    ] = None,
    n0: Annotated[int, typer.Option("--n0", help="Samples that choose the class.")] = 100,
    n: Annotated[int, typer.Option("--n", help="Samples that bound its probability.")] = 1000,
    alpha: options.Alpha = 0.001,
    every: options.Every = 1,
    first: Annotated[int, typer.Option(help="How many inputs.")] = 8,
    figure: Annotated[
        Path | None, typer.Option(help="Draw it: a file that ends in .svg, .png or .pdf.")
    ] = None,
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
    as_json: options.AsJson = False,
) -> None:
    """Certify a few inputs under every law that fits, at equal samples, and compare the radii."""
    from certiball.certification.plan import FixedSamples
    from certiball.datasets.select import select
    from certiball.report.comparison import check_format, write_comparison

    voice = Voice(as_json=as_json)
    if figure is not None:
        check_format(figure)
    plan = FixedSamples(n0=n0, n=n)
    dataset = open_data(
        DataOptions(text=data, resize=resize, crop=crop, grayscale=grayscale, space=space)
    )
    numbers = select(len(dataset), every=every, first=first)
    shape = dataset[0][0].shape
    laws = _laws(sigma, noise or (), dataset.space, shape)
    named = ModelOptions(
        text=model,
        arch=arch,
        mean=mean,
        std=std,
        classes=classes,
        trust_pickle=trust_pickle,
        device=device,
    )
    classifier = open_model(named, inputs_of(dataset, laws[0]))
    images, labels = _taken(dataset, numbers)
    compared = []
    with voice.bar("compare", "laws") as tell:
        for done, law in enumerate(laws):
            tell(done, len(laws), 0.0)
            compared += _compared(classifier, images, dataset.space, law, plan, alpha)
    scored = [_scored(each, labels) for each in compared if not each.refused]
    if not scored:
        raise InputError(f"none of the laws fits: {compared[0].law}: {compared[0].refused}")
    voice.give(_numbers(compared, scored, labels, plan, alpha))
    voice.say(f"{counted(len(labels), 'input')} of {dataset.name}, {plan}, alpha = {alpha}")
    for line in _table(scored):
        voice.say(line)
    for line in _remarks(compared):
        voice.note(line)
    voice.note(CAUTION)
    if figure is not None:
        write_comparison(figure, scored)
        voice.say(f"figure in {figure}")


def _laws(
    sigma: float | None, noise: Sequence[str], space: Any, shape: tuple[int, ...]
) -> list["Law"]:
    import math

    from certiball.laws.additive import at_deviation, splitting_at

    if sigma is None and not noise:
        raise InputError("name the noise: --sigma .25 for all additive laws, or --noise, or both")
    laws: list[Law] = []
    if sigma is not None:
        laws += [*at_deviation(sigma, math.prod(shape)), *splitting_at(sigma, space)]
    return laws + [law_of(text, None, space, shape) for text in noise]


def _taken(dataset: Any, numbers: Sequence[int]) -> tuple[Any, list[int]]:
    import numpy as np

    items = [dataset[number] for number in numbers]
    return np.stack([item[0] for item in items]), [int(item[1]) for item in items]


def _compared(
    classifier: Any, images: Any, space: Any, law: "Law", plan: Any, alpha: float
) -> list["Compared"]:
    from certiball.certification.compare import compare_noise as compare

    return compare(classifier, images, space, [law], plan=plan, alpha=alpha)


def _scored(compared: "Compared", labels: Sequence[int]) -> "Scored":
    from certiball.claim import arithmetic
    from certiball.report.comparison import Scored

    right = [found == label for found, label in zip(compared.labels, labels, strict=True)]
    return Scored(
        law=str(compared.law),
        arithmetic=arithmetic(compared.space),
        right=sum(right),
        radii={
            norm: tuple(r if ok else 0.0 for r, ok in zip(radii, right, strict=True))
            for norm, radii in compared.radii.items()
        },
    )


def _table(scored: Sequence["Scored"]) -> Iterator[str]:
    from certiball.report.comparison import norms_of
    from certiball.statistics.rounding import format_down

    norms, wide = norms_of(scored), max(len(each.law) for each in scored)
    head = "".join(f"  {norm!s:>9}" for norm in norms)
    yield f"{'average certified radius':<{wide}}{head}  right  arithmetic"
    for each in scored:
        means = [each.mean(norm) for norm in norms]
        cells = "".join(f"  {'–' if m is None else format_down(m, 5):>9}" for m in means)
        yield f"{each.law:<{wide}}{cells}  {each.right:>5}  {each.arithmetic}"


def _remarks(compared: Sequence["Compared"]) -> Iterator[str]:
    from certiball.balls import Norm

    if any(Norm.PARAMETER in each.radii for each in compared):
        yield "radii in a parameter have the units of that transformation: no two laws share them"
    for each in compared:
        if each.refused:
            yield f"{each.law} is left out: {each.refused}"


def _numbers(
    compared: Sequence["Compared"],
    scored: Sequence["Scored"],
    labels: Sequence[int],
    plan: Any,
    alpha: float,
) -> dict[str, Any]:
    return {
        "inputs": len(labels),
        "labels": list(labels),
        "plan": str(plan),
        "alpha": alpha,
        "caution": CAUTION,
        "laws": [
            {
                "law": each.law,
                "arithmetic": each.arithmetic,
                "right": each.right,
                "radii": {norm.value: list(radii) for norm, radii in each.radii.items()},
                "mean": {norm.value: each.mean(norm) for norm in each.radii},
            }
            for each in scored
        ],
        "refused": {str(each.law): each.refused for each in compared if each.refused},
    }
