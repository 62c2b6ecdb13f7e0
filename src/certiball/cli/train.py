"""certiball train: a model of ours, by the one loop."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from certiball.cli import options
from certiball.cli.names import parse_normalisation, parse_seed
from certiball.cli.output import Voice
from certiball.cli.scale import warn_of_scale
from certiball.cli.subject import DataOptions, open_data
from certiball.errors import InputError

if TYPE_CHECKING:
    from certiball.datasets import Dataset
    from certiball.models.architecture import Architecture
    from certiball.train.progress import Progress
    from certiball.train.recipe import Recipe

FoundProgress = Callable[["Progress"], None]


def train(
    data: options.Data,
    sigma: options.Sigma,
    out: Annotated[Path, typer.Option("--out", help="The folder of the checkpoint.")],
    arch: Annotated[str, typer.Option(help="small-cnn, mlp, resnet20, …")] = "small-cnn",
    mean: options.Mean = None,
    std: options.Std = None,
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
    """Train with Gaussian noise. Stopped at any moment, the same command goes on."""
    from certiball.laws.gaussian import Gaussian
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
    architecture = architecture_for(dataset, arch, normalisation)
    warn_of_scale(voice, Gaussian(sigma=sigma), dataset.space)
    train_into(voice, out, architecture, dataset, recipe, sigma)
    voice.say(f"model in {out}: certify it with --model {out} --sigma {sigma:g}")


def architecture_for(
    dataset: "Dataset",
    name: str,
    normalisation: tuple[tuple[float, ...], tuple[float, ...]] | None,
) -> "Architecture":
    """An architecture for images like these, normalised by their own statistics unless stated.

    Raises:
        InputError: if the data holds no images, or the name is unknown.
    """
    from certiball.models.architecture import Architecture
    from certiball.train.tensors import as_tensors

    shape = dataset[0][0].shape
    if len(shape) != 3:
        raise InputError(f"{dataset.name} holds inputs of shape {shape}: train takes images")
    channels, height, width = shape
    if normalisation is None:
        inputs, _ = as_tensors(dataset)
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
    sigma: float,
) -> None:
    """Train, or go on, with a bar; Ctrl-C says how to go on, and leaves with exit code 130.

    Raises:
        CertiballError: whatever is wrong with the training or its folder.
    """
    from certiball.train.gaussian import GaussianLoss
    from certiball.train.train import train as fit_and_save

    loss = GaussianLoss(sigma=sigma)
    voice.say(f"train {architecture.name} at σ = {sigma:g} on {dataset.name}: {folder}")
    with voice.bar(f"train at σ = {sigma:g}", "images") as tell:
        try:
            fit_and_save(
                architecture, dataset, loss, recipe, folder=folder, report=_teller(tell, recipe)
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
