"""The inputs of a run: which, in which order, and their true classes."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from certiball.datasets import Dataset
from certiball.datasets.select import a_few, select
from certiball.errors import InputError
from certiball.shapes import Array
from certiball.smoothed import encode


@dataclass(frozen=True, kw_only=True)
class Item:
    """One input of a run.

    Args:
        position: its place in the run.
        input: its number in the data set.
        label: its true class.
        content: a hash of the input as decoded; None in stores of older versions.
    """

    position: int
    input: int
    label: int
    content: str | None = None


def content_of(x: Array) -> str:
    """A hash of an input, decoded and encoded: its type, shape and numbers."""
    head = f"{x.dtype.newbyteorder('<')} {x.shape} ".encode()
    little = np.ascontiguousarray(x).astype(x.dtype.newbyteorder("<"), copy=False)
    return hashlib.sha256(head + little.tobytes()).hexdigest()[:32]


def examples(dataset: Dataset, numbers: Sequence[int]) -> Iterator[Array]:
    """A few inputs, encoded, for whoever needs any one of them that the model answers for."""
    for number in a_few(numbers):
        yield encode(dataset.space, dataset[number][0][None])[0]


def list_items(
    dataset: Dataset, *, classes: int, every: int = 1, first: int | None = None
) -> list[Item]:
    """The inputs that are selected, in the order of the data set.

    Raises:
        InputError: if nothing is selected, or a label is none of the model's classes.
    """
    chosen = select(len(dataset), every=every, first=first)
    items = []
    for position, number in enumerate(chosen):
        x, label = dataset[number]
        content = content_of(encode(dataset.space, x[None])[0])
        items.append(Item(position=position, input=number, label=label, content=content))
    for item in items:
        if not 0 <= item.label < classes:
            raise InputError(
                f"input {item.input} of {dataset.name} has label {item.label}, but the model has "
                f"classes 0…{classes - 1}: check that model and data belong together"
            )
    return items
