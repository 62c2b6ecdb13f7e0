"""An architecture by name: all that a model is, but for its weights."""

import json
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from torch import nn

from certiball.datasets.names import MOST_CLASSES
from certiball.errors import InputError
from certiball.models.mlp import mlp
from certiball.models.normalise import Normalise
from certiball.models.resnet import resnet20, resnet56, resnet110
from certiball.models.small_cnn import small_cnn
from certiball.numbers import as_float, as_whole

MOST_NUMBERS = 2**28  # of one input

NETWORKS: dict[str, Callable[[int, tuple[int, int, int]], nn.Module]] = {
    "small-cnn": small_cnn,
    "mlp": mlp,
    "resnet20": resnet20,
    "resnet56": resnet56,
    "resnet110": resnet110,
}


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """A named network, its classes, the shape of its inputs and their normalisation.

    Args:
        name: one of `NETWORKS`.
        classes: how many classes there are.
        shape: of an input: channels, height, width.
        mean: subtracted from each channel, in the units of the inputs.
        std: each channel is divided by it afterwards.

    Raises:
        InputError: if the name is unknown, a size is not positive or absurd, or mean and std do
            not fit the channels.

    Example:
        >>> a = Architecture(name="mlp", classes=10, shape=(1, 8, 8), mean=(0.0,), std=(1.0,))
        >>> Architecture.from_json(a.to_json()) == a
        True
    """

    name: str
    classes: int
    shape: tuple[int, int, int]
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.name not in NETWORKS:
            raise InputError(
                f"no architecture is called {self.name!r}: choose one of {', '.join(NETWORKS)}"
            )
        if not 2 <= self.classes <= MOST_CLASSES:
            raise InputError(
                f"a classifier needs at least 2 classes, not {self.classes}, "
                f"and at most {MOST_CLASSES}"
            )
        if len(self.shape) != 3 or min(self.shape) < 1 or math.prod(self.shape) > MOST_NUMBERS:
            raise InputError(
                "shape must be channels, height and width, each at least 1 and together at most "
                f"{MOST_NUMBERS} numbers, not {self.shape}"
            )
        channels = self.shape[0]
        for name, numbers in (("mean", self.mean), ("std", self.std)):
            if len(numbers) != channels or not all(math.isfinite(number) for number in numbers):
                raise InputError(
                    f"{name} must be one finite number for each of {channels} channels, "
                    f"not {numbers}"
                )
        if min(self.std) <= 0:
            raise InputError(f"std must be > 0 in every channel, not {self.std}")

    def to_json(self) -> str:
        """As a JSON object, keys sorted."""
        return json.dumps(asdict(self), indent=2, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Architecture":
        """From what `to_json` wrote.

        Raises:
            InputError: if the text is no such object.
        """
        try:
            fields = json.loads(text)
            channels, height, width = fields["shape"]
            return cls(
                name=str(fields["name"]),
                classes=as_whole("classes", fields["classes"]),
                shape=(
                    as_whole("channels", channels),
                    as_whole("height", height),
                    as_whole("width", width),
                ),
                mean=tuple(as_float("mean", number) for number in fields["mean"]),
                std=tuple(as_float("std", number) for number in fields["std"]),
            )
        except InputError:
            raise
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise InputError(
                f"not the JSON of an architecture ({type(error).__name__}: {error}): it has name, "
                "classes, shape, mean and std"
            ) from error


def build(architecture: Architecture, *, seed: int | None = None) -> nn.Sequential:
    """The model: `normalise`, then `network`, freshly initialised, in training mode.

    Args:
        architecture: what to build.
        seed: makes the initial weights a function of it; torch's own state is left as it was.

    Example:
        >>> a = Architecture(name="mlp", classes=10, shape=(1, 8, 8), mean=(0.5,), std=(0.5,))
        >>> build(a, seed=0)(torch.zeros(2, 1, 8, 8)).shape
        torch.Size([2, 10])
    """
    network = NETWORKS[architecture.name]
    with torch.random.fork_rng(devices=[], enabled=seed is not None):
        if seed is not None:
            torch.manual_seed(seed)
        parts: OrderedDict[str, nn.Module] = OrderedDict(
            normalise=Normalise(mean=architecture.mean, std=architecture.std),
            network=network(architecture.classes, architecture.shape),
        )
    return nn.Sequential(parts)
