"""What identifies a model and its data: digests that a run's specification holds."""

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import torch

from certiball.classifiers import Classifier
from certiball.classifiers.backend import backend
from certiball.classifiers.labels import probe_labels
from certiball.datasets import Dataset
from certiball.datasets.digest import digest
from certiball.datasets.select import select
from certiball.errors import CertiballError, InputError, ModelError
from certiball.runs.spec import DataId, ModelId
from certiball.sampling import exact_kernels
from certiball.shapes import Array
from certiball.spaces import Space

PROBES = 64  # fixed inputs whose labels enter the model's digest
PROBE_KEY = 20190208  # any number, the same for ever
LEGIBLE = 32  # characters of a hash or a name in a message


def model_id(classifier: Classifier, name: str, space: Space, shape: Sequence[int]) -> ModelId:
    """A classifier's digest, over its weights or source and its labels on fixed probes.

    Without a digest the labels alone are kept: another function may be told by them. Probes for
    which it raises enter as such: no input of the run may be like them.
    """
    probes = fixed_probes(space, shape)
    with exact_kernels(threads=1):  # the same labels whatever number of threads is usual here
        found = classifier.digest(probes)
        labels = None if found else hashlib.sha256(probe_labels(classifier, probes)).hexdigest()
    return ModelId(
        name=name,
        digest=found,
        classes=classifier.num_classes,
        backend=backend(classifier),
        probes=labels,
    )


def check_model(
    classifier: Classifier, *, expected: ModelId, space: Space, shape: Sequence[int]
) -> None:
    """Refuse a classifier that is not the one that a run was fixed with.

    Modules from files travel to a worker by name, and its file may be another version.

    Args:
        classifier: as it is in this process.
        expected: what `model_id` said when the run was fixed.
        space: the space of the inputs.
        shape: of one input.

    Raises:
        ModelError: saying what differs.
        CertiballError: if this machine lacks something, as the classifier says it.
    """
    host = platform.node()
    try:
        found = model_id(classifier, expected.name, space, shape)
        if found != expected:
            _answer_any(classifier, fixed_probes(space, shape))
    except CertiballError:
        raise
    except Exception as error:  # a user's model may raise anything
        reason = next(iter(str(error).splitlines()), "")
        raise ModelError(
            f"the model fails in a worker on {host} ({type(error).__name__}: {reason}) for inputs "
            "that it answered when the run was fixed: have the same code on every machine, and "
            "see certiball doctor there"
        ) from error
    if found != expected:
        raise ModelError(
            f"a worker on {host} has another model than the run was fixed with "
            f"({'; '.join(_differences(expected, found))}): have the same code on every machine, "
            "as it was when the run was fixed, and start again, or use --executor serial"
        )


def _answer_any(classifier: Classifier, probes: torch.Tensor) -> None:
    """Raise what a classifier raises where it does for every probe: that says more."""
    said: Exception | None = None
    with exact_kernels(threads=1):
        for probe in probes:
            try:
                classifier(probe[None])
            except Exception as error:  # a user's model may raise anything
                said = error
            else:
                return
    if said is not None:
        raise said


def _differences(before: ModelId, after: ModelId) -> list[str]:
    """What differs, hashes cut short."""
    return [
        f"{field.name}: {str(one)[:LEGIBLE]} → {str(other)[:LEGIBLE]}"
        for field in fields(before)
        if (one := getattr(before, field.name)) != (other := getattr(after, field.name))
    ]


def fixed_probes(space: Space, shape: Sequence[int]) -> torch.Tensor:
    """The same 64 inputs for ever, half of them noise and half smooth, for labels that vary.

    Noise is uniform where the space has ends, and normal where it has none. The smooth ones are
    16 constants and 16 ramps, over the whole space or, without ends, from −2 to 2.
    """
    generator = np.random.Generator(np.random.Philox(key=PROBE_KEY))
    low, high = space.bounds
    size = (PROBES // 2, *shape)
    if np.isfinite([low, high]).all():
        noise, ends = low + (high - low) * generator.random(size), (low, high)
    else:
        noise, ends = np.clip(generator.standard_normal(size), low, high), (-2.0, 2.0)
    smooth = ends[0] + (ends[1] - ends[0]) * _smooth(generator, shape)
    values = np.concatenate([noise, np.clip(smooth, low, high)])
    return torch.from_numpy(values.astype(np.float32))


def _smooth(generator: np.random.Generator, shape: Sequence[int]) -> Array:
    """Constants from 0 to 1, and as many ramps from 0 to 1, each in a direction of its own."""
    count = PROBES // 4
    axes = [np.linspace(0, 1, length) for length in shape]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"))
    ramps = np.tensordot(generator.standard_normal((count, len(shape))), grid, axes=1)
    flat = ramps.reshape(count, -1)
    flat -= flat.min(1, keepdims=True)
    flat /= np.maximum(flat.max(1, keepdims=True), 1e-9)  # of one number there is no ramp
    constants = np.broadcast_to(np.linspace(0, 1, count)[:, None], flat.shape)
    return np.concatenate([constants, flat]).reshape(2 * count, *shape)


def data_id(dataset: Dataset, *, every: int = 1, first: int | None = None) -> DataId:
    """The digest of the inputs that are selected, as decoded.

    Raises:
        InputError: if nothing is selected or the first input is a single number.
    """
    chosen = select(len(dataset), every=every, first=first)
    shape = dataset[chosen[0]][0].shape
    if not shape:
        raise InputError(f"the inputs of {dataset.name} are single numbers: give arrays")
    return DataId(
        name=dataset.name,
        digest=digest(dataset, chosen),
        every=every,
        first=first,
        count=len(chosen),
        shape=tuple(shape),
    )
