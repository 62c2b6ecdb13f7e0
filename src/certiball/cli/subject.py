"""What a command is about: the data and the model that its options name."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from certiball.cli.names import parse_normalisation, parse_space
from certiball.cli.output import Voice
from certiball.errors import InputError, ModelError

if TYPE_CHECKING:
    from certiball.classifiers import Classifier
    from certiball.datasets import Dataset
    from certiball.models.architecture import Architecture
    from certiball.runs.source import Source
    from certiball.shapes import Array
    from certiball.smoothed import Smoothed
    from certiball.spaces import Space


@dataclass(frozen=True, kw_only=True)
class DataOptions:
    """How data was named on the command line."""

    text: str
    resize: int | None = None
    crop: int | None = None
    grayscale: bool = False
    space: str | None = None


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """How a model was named on the command line."""

    text: str
    arch: str | None = None
    mean: str | None = None
    std: str | None = None
    classes: int | None = None
    trust_pickle: bool = False
    device: str | None = None


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a model is going to see: where inputs live, one of them, and how many classes."""

    space: "Space"
    example: "Array"
    classes: int | None


def open_data(options: DataOptions) -> "Dataset":
    """The data that options name.

    Raises:
        InputError: as `open_dataset` does.
    """
    from certiball.datasets.open import open_dataset
    from certiball.datasets.preparation import Preparation

    return open_dataset(
        options.text,
        preparation=Preparation(
            resize=options.resize, crop=options.crop, grayscale=options.grayscale
        ),
        space=parse_space(options.space),
    )


def inputs_of(dataset: "Dataset") -> Inputs:
    """What a dataset shows a model."""
    return Inputs(space=dataset.space, example=dataset[0][0], classes=len(dataset.classes))


def source_of(options: DataOptions, dataset: "Dataset") -> "Source":
    """How the data was opened, for the run to remember."""
    from certiball.runs.source import Source

    return Source(
        text=options.text,
        resize=options.resize,
        crop=options.crop,
        grayscale=options.grayscale,
        space=options.space,
        classes=dataset.classes,
    )


def open_model(options: ModelOptions, inputs: Inputs) -> "Classifier":
    """The classifier that options name, tried on one input.

    Raises:
        InputError: if it cannot be loaded.
        ModelError: if it does not take such inputs, or does not answer with scores.
    """
    from torch import nn

    from certiball.classifiers import Classifier
    from certiball.classifiers.sklearn import SklearnClassifier
    from certiball.classifiers.torch import TorchClassifier
    from certiball.models.files import load_model

    loaded = load_model(
        options.text,
        architecture=_architecture(options, inputs),
        trust_pickle=options.trust_pickle,
    )
    if isinstance(loaded.model, nn.Module):
        model = loaded.model.to(_device(options.device))
        return TorchClassifier(model, num_classes=_classes(model, options.text, inputs))
    if hasattr(loaded.model, "predict"):
        return SklearnClassifier(loaded.model)
    if isinstance(loaded.model, Classifier):
        return loaded.model
    raise InputError(
        f"{options.text} gave a {type(loaded.model).__name__} without num_classes and digest: "
        "wrap it in FunctionClassifier"
    )


def run_as(
    g: "Smoothed", example: "Array", samples: int, *, backend: str | None, dtype: str | None
) -> "Smoothed":
    """The smoothed classifier on the backend and in the precision that options name.

    Raises:
        InputError: for classifiers that have neither.
        BackendError: if the backend cannot run the model here.
    """
    from certiball.classifiers.backend import run_by
    from certiball.smoothed import encode
    from certiball.tuning import on_backend

    g = replace(g, classifier=run_by(g.classifier, dtype=dtype))
    if backend is None:
        return g
    return on_backend(g, encode(g.space, example[None])[0], samples, backend)[0]


def say_backend(voice: Voice, classifier: "Classifier") -> None:
    """A line where it is not the module as it stands: what is deployed must be the same."""
    from certiball.certificate import is_usual
    from certiball.classifiers.backend import backend

    words = backend(classifier)
    if not is_usual(words):
        voice.say(f"run by {words}: what is said holds for the model run in this way")


def _architecture(options: ModelOptions, inputs: Inputs) -> "Architecture | None":
    from certiball.models.architecture import Architecture

    if options.arch is None:
        if options.mean is not None or options.std is not None:
            raise InputError("--mean and --std belong to --arch: other models normalise themselves")
        return None
    normalisation = parse_normalisation(options.mean, options.std)
    shape = inputs.example.shape
    if len(shape) != 3:
        raise InputError(f"--arch is for images, not for inputs of shape {shape}")
    classes = options.classes or inputs.classes
    if classes is None:
        raise InputError("--arch needs the number of classes: give --classes")
    channels, height, width = shape
    mean, std = normalisation or ((0.0,) * channels, (1.0,) * channels)
    return Architecture(
        name=options.arch,
        classes=classes,
        shape=(channels, height, width),
        mean=mean,
        std=std,
    )


def _device(name: str | None) -> Any:
    import torch

    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"--device {name} cannot be used ({reason}): cpu always can") from error
    return device


def _classes(model: Any, name: str, inputs: Inputs) -> int:
    """How many scores a model gives, by trying it."""
    import torch

    from certiball.smoothed import encode
    from certiball.spaces import Grid

    space = inputs.space
    encoded = encode(space, inputs.example[None])
    seen = space.values(encoded) if isinstance(space, Grid) else encoded
    example = torch.from_numpy(seen)
    weight = next(model.parameters(), example)
    try:
        with torch.inference_mode():
            scores = model(example.to(device=weight.device, dtype=weight.dtype))
    except (RuntimeError, ValueError, TypeError, IndexError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ModelError(
            f"{name} does not take inputs of shape {inputs.example.shape} ({reason}): "
            "check --model, --data and their options"
        ) from error
    shape = tuple(getattr(scores, "shape", ()))
    if len(shape) != 2 or shape[1] < 2:
        raise ModelError(
            f"{name} gave {type(scores).__name__} of shape {shape} for one input: "
            "a classifier gives one row of scores, [1, classes]"
        )
    return int(shape[1])
