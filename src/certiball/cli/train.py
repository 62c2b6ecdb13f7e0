"""certiball train: a model of ours, by the one loop."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certiball.cli import options
from certiball.cli.names import parse_normalisation, parse_seed
from certiball.cli.noise import law_of
from certiball.cli.output import Voice
from certiball.cli.scale import warn_of_scale
from certiball.cli.subject import DataOptions, open_data
from certiball.errors import InputError

if TYPE_CHECKING:
    from torch import nn

    from certiball.datasets import Dataset
    from certiball.laws import Law
    from certiball.models.architecture import Architecture
    from certiball.train.adversarial import AdversarialLoss
    from certiball.train.progress import Progress
    from certiball.train.recipe import Recipe

FoundProgress = Callable[["Progress"], None]


def train(
    data: options.Data,
    out: Annotated[Path, typer.Option("--out", help="The folder of the checkpoint.")],
    sigma: options.Sigma = None,
    noise: options.Noise = None,
    adversarial: Annotated[
        str | None, typer.Option(help="Train by PGD within this ball, without noise: linf:8/255.")
    ] = None,
    pgd_steps: Annotated[int, typer.Option(help="Gradients for each image of --adversarial.")] = 7,
    arch: Annotated[str, typer.Option(help="small-cnn, mlp, resnet20, …")] = "small-cnn",
    mean: options.Mean = None,
    std: options.Std = None,
    initial: Annotated[
        str | None, typer.Option(help="Weights to start from, of --arch or a checkpoint.")
    ] = None,
    epochs: Annotated[int, typer.Option(help="Passes over the data.")] = 90,
    batch: Annotated[int, typer.Option(help="Inputs per step.")] = 256,
    optimiser: Annotated[Literal["sgd", "adamw"], typer.Option(help="Optimiser.")] = "sgd",
    lr: Annotated[float, typer.Option(help="Highest learning rate.")] = 0.1,
    weight_decay: Annotated[float, typer.Option(help="Weight decay.")] = 1e-4,
    schedule: Annotated[
        Literal["constant", "step", "cosine"], typer.Option(help="Of the learning rate.")
    ] = "cosine",
    seed: Annotated[str, typer.Option(help="Of weights, order and noise.")] = "0",
    resize: options.Resize = None,
    crop: options.Crop = None,
    grayscale: options.Grayscale = False,
    space: options.SpaceText = None,
    quiet: options.Quiet = False,
) -> None:
    """Train under noise, or by PGD. Stopped at any moment, the same command goes on."""
    from certiball.train.recipe import Recipe

    voice = Voice(quiet=quiet)
    recipe = Recipe(
        epochs=epochs,
        batch=batch,
        optimiser=optimiser,
        lr=lr,
        weight_decay=weight_decay,
        schedule=schedule,
        seed=parse_seed(seed) or 0,
    )
    normalisation = parse_normalisation(mean, std)
    dataset = open_data(
        DataOptions(text=data, resize=resize, crop=crop, grayscale=grayscale, space=space)
    )
    if adversarial is not None:
        if sigma is not None or noise is not None:
            raise InputError(
                "give one of --sigma, --noise and --adversarial: a model is trained so"
            )
        loss = adversarial_loss(adversarial, dataset, pgd_steps)
        usual = architecture_for(dataset, arch, normalisation, None)
        architecture, weights = initial_of(initial, usual)
        train_into(voice, out, architecture, dataset, recipe, loss, weights)
        voice.say(
            f"model in {out}: harder to attack, not certified, which takes --sigma or --noise"
        )
        return
    law = law_of(noise, sigma, dataset.space, dataset[0][0].shape)
    architecture, weights = initial_of(initial, architecture_for(dataset, arch, normalisation, law))
    warn_of_scale(voice, law, dataset.space, dataset[0][0].size)
    train_into(voice, out, architecture, dataset, recipe, law, weights)
    named = f"--sigma {sigma:g}" if noise is None else f"--noise {noise}"
    named += "" if space is None else f" --space {space}"
    voice.say(f"model in {out}: certify it with --model {out} {named}")


def adversarial_loss(text: str, dataset: "Dataset", steps: int) -> "AdversarialLoss":
    """The loss of PGD training within a threat named as linf:8/255.

    Raises:
        InputError: if it is no ball of L2 or L∞, or so large that it must be in other units.
    """
    from certiball.threats.threat import parse_threat, question
    from certiball.train.adversarial import AdversarialLoss

    threat = parse_threat(text)
    if threat.norm is None or threat.budget is None:
        raise InputError(f"--adversarial {text!r} is no ball: write linf:8/255 or l2:.5")
    question(threat, dataset.space, dataset[0][0].size)
    epsilon = float(threat.budget)
    return AdversarialLoss(norm=threat.norm, epsilon=epsilon, space=dataset.space, steps=steps)


def initial_of(
    path: str | None, architecture: "Architecture"
) -> "tuple[Architecture, nn.Module | None]":
    """The weights to start from, if there are some, with what they are weights of.

    Raises:
        InputError: if the file holds no weights of it, or a checkpoint of other classes or shape.
    """
    if path is None:
        return architecture, None
    from certiball.models.files import has_architecture, load_model

    bare = not has_architecture(path)
    loaded = load_model(path, architecture=architecture if bare else None)
    found = loaded.architecture
    if found is None:
        raise InputError(f"{path} holds no weights of an architecture of ours: train takes those")
    if (found.classes, found.shape) != (architecture.classes, architecture.shape):
        raise InputError(
            f"{path} is for {found.classes} classes and inputs of shape {found.shape}, not for "
            f"{architecture.classes} and {architecture.shape}: take weights of this task"
        )
    return found, loaded.model


def architecture_for(
    dataset: "Dataset",
    name: str,
    normalisation: tuple[tuple[float, ...], tuple[float, ...]] | None,
    law: "Law | None",
) -> "Architecture":
    """An architecture for what is seen of images like these under a law, or without one.

    It normalises by the statistics of the images without noise unless others are stated.

    Raises:
        InputError: if the data holds no images, or the name is unknown.
    """
    from certiball.models.architecture import Architecture
    from certiball.train.tensors import as_tensors
    from certiball.train.views import clean_views

    shape = dataset[0][0].shape if law is None else law.seen(dataset[0][0].shape)
    if len(shape) != 3:
        raise InputError(f"the model sees inputs of shape {shape} here: train takes images")
    channels, height, width = shape
    if normalisation is None:
        inputs = as_tensors(dataset)[0] if law is None else clean_views(dataset, law)
        mean = tuple(round(float(value), 3) for value in inputs.mean((0, 2, 3)))
        std = tuple(round(float(value), 3) or 1.0 for value in inputs.std((0, 2, 3)))
    else:
        mean, std = normalisation
    return Architecture(
        name=name,
        classes=len(dataset.classes),
        shape=(channels, height, width),
        mean=mean,
        std=std,
    )


def train_into(
    voice: Voice,
    folder: Path,
    architecture: "Architecture",
    dataset: "Dataset",
    recipe: "Recipe",
    by: "Law | AdversarialLoss",
    initial: "nn.Module | None" = None,
) -> None:
    """Train, or go on, with a bar; Ctrl-C says how to go on, and leaves with exit code 130.

    Raises:
        CertiballError: whatever is wrong with the training or its folder.
    """
    from certiball.train.adversarial import AdversarialLoss
    from certiball.train.train import train as fit_and_save
    from certiball.train.views import loss_for

    voice.say(f"train {architecture.name} under {by} on {dataset.name}: {folder}")
    loss = by if isinstance(by, AdversarialLoss) else loss_for(by, dataset.space)
    with voice.bar(f"train under {by}", "images") as tell:
        try:
            fit_and_save(
                architecture,
                dataset,
                loss,
                recipe,
                folder=folder,
                report=_teller(tell, recipe),
                initial=initial,
            )
        except KeyboardInterrupt:
            typer.echo(
                f"interrupted; whole epochs are safe in {folder}: repeat the same command to go on",
                err=True,
            )
            raise typer.Exit(130) from None


def _teller(tell: Callable[[float, float, float], None], recipe: "Recipe") -> FoundProgress:
    """From batches to images done, in all and per second."""
    import time

    begin = time.monotonic()
    at_begin: int | None = None

    def report(progress: "Progress") -> None:
        nonlocal at_begin
        batches = progress.epoch * progress.batches + progress.batch
        at_begin = batches if at_begin is None else at_begin
        seconds = max(time.monotonic() - begin, 1e-9)
        done, total = batches + 1, progress.epochs * progress.batches
        rate = (done - at_begin) * recipe.batch / seconds
        tell(done * recipe.batch, total * recipe.batch, rate)

    return report
