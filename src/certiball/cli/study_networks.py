"""The networks that `certiball study` is about: named, or trained in its folder."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from certiball.cli.names import parse_normalisation
from certiball.cli.output import Voice
from certiball.cli.subject import DataOptions, Inputs, ModelOptions, open_data, open_model
from certiball.cli.train import architecture_for, initial_of
from certiball.errors import InputError

if TYPE_CHECKING:
    from certiball.classifiers.torch import TorchClassifier
    from certiball.datasets import Dataset
    from certiball.study.networks import Key, Training


@dataclass(frozen=True, kw_only=True)
class NetworkOptions:
    """How networks were named on the command line.

    Args:
        base: the undefended one; its text is empty where it is to be trained.
        noise: noise-trained ones, as SIGMA=MODEL.
        pgd: the PGD-trained one.
        trained: σ of noise-trained networks.
        train_data: what those not named are trained on; None to leave them out.
        train_first: so many inputs of it; None for all.
        epochs: None for those of the digits' recipe, or one.
        lr: likewise.
        epsilon: of PGD training, in L2.
        backend: what runs them; None for the fastest that is installed.
    """

    base: ModelOptions
    noise: Sequence[str]
    pgd: str | None
    trained: tuple[float, ...]
    train_data: str | None
    train_first: int | None
    epochs: int | None
    lr: float | None
    epsilon: float
    backend: str | None


def networks_of(
    voice: Voice, home: Path, options: NetworkOptions, inputs: Inputs
) -> "dict[Key, TorchClassifier]":
    """Every network of the study, opened or trained, and run by the backend.

    Raises:
        CertiballError: if one cannot be opened, or the training goes wrong.
    """
    from certiball.study.table import Network

    base: Key = (Network.BASE.value, None)
    found: dict[Key, TorchClassifier] = {}
    if options.base.text:
        found[base] = _opened(options, options.base.text, inputs)
    named = dict(map(_sigma_and_model, options.noise))
    for sigma, text in named.items():
        found[Network.NOISE.value, sigma] = _opened(options, text, inputs)
    if options.pgd is not None:
        found[Network.PGD.value, None] = _opened(options, options.pgd, inputs)
    wanted = [base, (Network.PGD.value, None)]
    wanted += [(Network.NOISE.value, sigma) for sigma in options.trained]
    missing = [key for key in wanted if key not in found]
    if missing and options.train_data is not None:
        training = _training(options)
        for key in missing:
            found[key] = _trained(voice, home, training, key)
    elif base in missing:
        raise InputError("name the network, --model, or what to train it on, --train-data")
    return {key: _run_by(classifier, options.backend) for key, classifier in found.items()}


def _sigma_and_model(text: str) -> tuple[float, str]:
    sigma, _, model = text.partition("=")
    try:
        number = float(sigma)
    except ValueError:
        number = 0.0
    if not number > 0 or not model:
        raise InputError(f"--noise-model {text} is not SIGMA=MODEL: write .25=runs/noise")
    return number, model


def _opened(options: NetworkOptions, text: str, inputs: Inputs) -> "TorchClassifier":
    """A checkpoint of ours has its own architecture; bare weights have that of --arch."""
    from certiball.classifiers.torch import TorchClassifier
    from certiball.models.files import has_architecture

    named = replace(options.base, text=text)
    if has_architecture(text):
        named = replace(named, arch=None, mean=None, std=None)
    classifier = open_model(named, inputs)
    if not isinstance(classifier, TorchClassifier):
        raise InputError(f"{text} is no torch module: figures 1 and 3 follow gradients")
    return classifier


def _training(options: NetworkOptions) -> "Training":
    """How networks that were not named are trained: from the base's weights, if it was named."""
    from certiball.laws.gaussian import Gaussian
    from certiball.study.networks import FINE_TUNING, Training
    from certiball.train.recipes import DIGITS

    assert options.train_data is not None
    dataset = _taken(options.train_data, options.train_first)
    base = options.base
    usual = architecture_for(
        dataset,
        base.arch or "small-cnn",
        parse_normalisation(base.mean, base.std),
        Gaussian(sigma=1.0),
    )
    architecture, initial = initial_of(base.text or None, usual)
    recipe = DIGITS if initial is None else FINE_TUNING
    epochs = recipe.epochs if options.epochs is None else options.epochs
    return Training(
        dataset=dataset,
        architecture=architecture,
        recipe=replace(
            recipe,
            epochs=epochs,
            warmup=max(0, min(recipe.warmup, epochs - 1)),
            lr=recipe.lr if options.lr is None else options.lr,
        ),
        initial=initial,
        epsilon=options.epsilon,
    )


def _taken(text: str, first: int | None) -> "Dataset":
    """The data that networks are trained on, or some of it, spread evenly."""
    from certiball.datasets.select import select
    from certiball.datasets.subset import Subset

    dataset = open_data(DataOptions(text=text))
    if first is None or first >= len(dataset):
        return dataset
    every = len(dataset) // max(1, first)
    return Subset(data=dataset, numbers=select(len(dataset), every=every, first=first))


def _trained(voice: Voice, home: Path, training: "Training", key: "Key") -> "TorchClassifier":
    from certiball.classifiers.torch import TorchClassifier
    from certiball.study.networks import train_network

    network, sigma = key
    what = network if sigma is None else f"{network} at σ = {sigma:g}"
    voice.say(f"train the {what} network on {training.dataset.name}")
    with voice.bar(f"train {what}", "epochs") as tell:
        model = train_network(
            home,
            training,
            key,
            lambda progress: tell(progress.epoch + 1, progress.epochs, 0.0),
        )
    return TorchClassifier(model, num_classes=training.architecture.classes)


def _run_by(classifier: "TorchClassifier", backend: str | None) -> "TorchClassifier":
    """On the backend that was named, or on onnxruntime where that is installed and can."""
    import torch

    weight = next(classifier.model.parameters(), torch.empty(0))
    if backend is None:
        both = all(find_spec(name) is not None for name in ("onnx", "onnxruntime"))
        usual = both and weight.device.type == "cpu" and weight.dtype == torch.float32
        backend = "onnxruntime" if usual else "eager"
    return replace(classifier, backend=backend)
