"""certiball predict: the smoothed classifier's answer to images."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from certiball.cli import options
from certiball.cli.chosen_plan import refuse_chance
from certiball.cli.names import parse_space
from certiball.cli.noise import law_of
from certiball.cli.output import Voice
from certiball.cli.scale import warn_of_scale
from certiball.cli.subject import (
    DataOptions,
    Inputs,
    ModelOptions,
    inputs_of,
    open_data,
    open_model,
    run_as,
    say_backend,
)
from certiball.errors import InputError

if TYPE_CHECKING:
    from certiball.certification.predict import Answer
    from certiball.laws import Law
    from certiball.shapes import Array


def predict(
    model: Annotated[str, typer.Argument(help="As --model of certify.")],
    images: Annotated[list[Path] | None, typer.Argument(help="Image files.")] = None,
    sigma: options.Sigma = None,
    noise: options.Noise = None,
    n: Annotated[
        int | None, typer.Option("--n", help="Samples per image, a fixed number; 1000.")
    ] = None,
    max_n: Annotated[
        int | None,
        typer.Option("--max-n", help="Stop once the answer is clear, after so many at most."),
    ] = None,
    alpha: Annotated[
        float | None, typer.Option(help="How often an answer may be wrong; 0.001.")
    ] = None,
    data: Annotated[str | None, typer.Option(help="Take inputs from a data set instead.")] = None,
    item: Annotated[list[int] | None, typer.Option(help="Which of its inputs.")] = None,
    backend: options.Backend = None,
    dtype: options.Dtype = None,
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
    """Print the class of each image, or that the votes do not decide. Noise is always fresh."""
    import numpy as np

    from certiball.certification.predict import predict as answer
    from certiball.smoothed import Smoothed

    voice = Voice(as_json=as_json)
    if n is not None and max_n is not None:
        raise InputError("--n and --max-n contradict each other: give one of them")
    named = DataOptions(text=data or "", resize=resize, crop=crop, grayscale=grayscale, space=space)
    inputs, given, names = _gather(named, images or (), item or (), (noise, sigma))
    law = inputs.law
    refuse_chance(law, {"n": n, "max_n": max_n, "alpha": alpha})
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
        inputs,
    )
    g = run_as(
        Smoothed(classifier, law, space=inputs.space),
        inputs,
        0,  # a few answers: nothing is tuned
        backend=backend,
        dtype=dtype,
    )
    answers = dict(
        zip(
            given,
            answer(g, np.stack([*given.values()]), n=n, max_n=max_n, alpha=alpha),
            strict=True,
        )
    )
    say_backend(voice, g.classifier)
    warn_of_scale(voice, law, inputs.space, inputs.example.size)
    voice.give(
        {
            "law": str(law),
            "answers": [_plain(where, found) for where, found in answers.items()],
        }
    )
    for where, found in answers.items():
        voice.say(f"{where}: {_sentence(found, names, law)}")


def _gather(
    named: DataOptions,
    files: Sequence[Path],
    numbers: Sequence[int],
    noise: tuple[str | None, float | None],
) -> tuple[Inputs, dict[str, "Array"], tuple[str, ...]]:
    """What the model sees, the inputs by name, and the names of classes where known."""
    if bool(files) == bool(named.text):
        raise InputError("nothing to predict: give image files, or --data with --item")
    if files:
        return _from_files(named, files, noise)
    dataset = open_data(named)
    if not numbers:
        raise InputError("--data needs --item: --item 0 is its first input")
    outside = next((number for number in numbers if not 0 <= number < len(dataset)), None)
    if outside is not None:
        raise InputError(f"--item {outside} is not there: {dataset.name} has 0…{len(dataset) - 1}")
    given = {f"input {number}": dataset[number][0] for number in numbers}
    law = law_of(*noise, dataset.space, dataset[0][0].shape)
    return inputs_of(dataset, law), given, dataset.classes


def _from_files(
    named: DataOptions, files: Sequence[Path], noise: tuple[str | None, float | None]
) -> tuple[Inputs, dict[str, "Array"], tuple[str, ...]]:
    from certiball.datasets.preparation import Preparation, decode
    from certiball.reading import read_plain
    from certiball.spaces import Grid

    preparation = Preparation(resize=named.resize, crop=named.crop, grayscale=named.grayscale)
    stated = parse_space(named.space)
    space = Grid.uint8() if stated is None else stated
    given = {}
    for file in files:
        given[str(file)] = decode(read_plain(file), str(file), preparation)
    example = next(iter(given.values()))
    other = next((name for name, array in given.items() if array.shape != example.shape), None)
    if other is not None:
        raise InputError(
            f"{other} has shape {given[other].shape}, {files[0]} {example.shape}: give --resize "
            "and --crop, or predict them one by one"
        )
    law = law_of(*noise, space, example.shape)
    return Inputs(space=space, example=example, law=law, classes=None), given, ()


def _sentence(found: "Answer", names: tuple[str, ...], law: "Law") -> str:
    from certiball.certification.predict import Prediction

    said = f"{found} under {law}"
    if not isinstance(found, Prediction) or found.label >= len(names):
        return said
    name = names[found.label]
    return said if name == str(found.label) else f"{said}: {name}"


def _plain(where: str, found: "Answer") -> dict[str, Any]:
    from certiball.certification.predict import Prediction
    from certiball.votes import Design

    drawn = found.votes.design is not Design.ENUMERATED  # else no chance, no level, no seed
    return {
        "input": where,
        "class": found.label if isinstance(found, Prediction) else None,
        "p_value": found.p_value if drawn else None,
        "alpha": found.alpha if drawn else None,
        "votes": list(found.votes.counts),
        "seed": f"{found.draw.seed:#034x}" if drawn else None,
    }
