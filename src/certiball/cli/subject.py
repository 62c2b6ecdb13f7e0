"""What a command is about: the data and the model that its options name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from certiball.cli.names import parse_normalisation, parse_space
from certiball.cli.output import Voice
from certiball.errors import InputError, ModelError

if TYPE_CHECKING:
    from certiball.classifiers import Classifier
    from certiball.datasets import Dataset
    from certiball.laws import Law
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
    """What a model is going to see.

    Args:
        space: where inputs live.
        example: one of them.
        law: what happens to inputs before the model sees them.
        classes: how many there are, where known.
        others: a few more, for a model that raises for the first.
    """

    space: "Space"
    example: "Array"
    law: "Law"
    classes: int | None
    others: "Callable[[], Iterator[Array]]" = field(default=lambda: iter(()))

    @property
    def encoded(self) -> "Iterator[Array]":
        """One after the other, as the space holds them."""
        from certiball.smoothed import encode

        for each in chain([self.example], self.others()):
            yield encode(self.space, each[None])[0]

    @property
    def seen(self) -> tuple[int, ...]:
        """The shape of what the model sees of each."""
        return self.law.seen(self.example.shape)

    @property
    def views(self) -> "Iterator[Array]":
        """One after the other without noise, as the model sees them, [1, *seen]."""
        from certiball.samplers import sampler_for

        sampler = sampler_for(self.law, self.space, self.example.shape)
        for each in self.encoded:
            yield sampler.clean(each.reshape(-1)).reshape(1, *self.seen)


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


def inputs_of(dataset: "Dataset", law: "Law") -> Inputs:
    """What a dataset shows a model under a law."""
    from certiball.datasets.select import a_few

    return Inputs(
        space=dataset.space,
        example=dataset[0][0],
        law=law,
        classes=len(dataset.classes),
        others=lambda: (dataset[number][0] for number in a_few(range(len(dataset)))[1:]),
    )


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
    g: "Smoothed", inputs: Inputs, samples: int, *, backend: str | None, dtype: str | None
) -> "Smoothed":
    """The smoothed classifier on the backend and in the precision that options name.

    Raises:
        InputError: for classifiers that have neither.
        BackendError: if the backend cannot run the model here.
    """
    from certiball.classifiers.backend import run_by
    from certiball.tuning import on_backend, with_any

    g = replace(g, classifier=run_by(g.classifier, dtype=dtype))
    if backend is None:
        return g
    return with_any(inputs.encoded, lambda each: on_backend(g, each, samples, backend)[0])


def say_backend(voice: Voice, classifier: "Classifier", *, taken: bool = False) -> None:
    """A line where it is not the module as it stands: what is deployed must be the same."""
    from certiball.claim import is_usual
    from certiball.classifiers.backend import backend

    words = backend(classifier)
    if not is_usual(words):
        source = ", taken from the run" if taken else ""
        voice.say(f"run by {words}{source}: what is said holds for the model run in this way")


def _architecture(options: ModelOptions, inputs: Inputs) -> "Architecture | None":
    from certiball.models.architecture import Architecture

    if options.arch is None:
        if options.mean is not None or options.std is not None:
            raise InputError("--mean and --std belong to --arch: other models normalise themselves")
        return None
    normalisation = parse_normalisation(options.mean, options.std)
    shape = inputs.seen
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
    """How many scores a model gives, by trying it: a shape is to blame if all inputs fail."""
    from certiball.classifiers.leaving import staying

    said: Exception | None = None
    for view in inputs.views:
        try:
            with staying():
                scores = _scores(model, view)
        except Exception as error:  # a user's model may raise anything
            said = said or error
        else:
            return _width(scores, name)
    from certiball.sampling import views_explained

    reason = (str(said).splitlines() or [type(said).__name__])[0]
    raise ModelError(
        f"{name} does not take inputs of shape {inputs.seen} ({reason}): "
        "check --model, --data and their options"
        f"{views_explained(inputs.law, inputs.example.shape)}"
    ) from said


def _scores(model: Any, view: "Array") -> Any:
    import torch

    example = torch.from_numpy(view)
    weight = next(model.parameters(), example)
    with torch.inference_mode():
        return model(example.to(device=weight.device, dtype=weight.dtype))


def _width(scores: Any, name: str) -> int:
    shape = tuple(getattr(scores, "shape", ()))
    if len(shape) != 2 or shape[1] < 2:
        raise ModelError(
            f"{name} gave {type(scores).__name__} of shape {shape} for one input: "
            "a classifier gives one row of scores, [1, classes]"
        )
    return int(shape[1])
