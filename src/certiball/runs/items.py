"""The inputs of a run: which, in which order, and their true classes."""

from dataclasses import dataclass

from certiball.datasets import Dataset
from certiball.datasets.select import select
from certiball.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Item:
    """One input of a run: its place in the run, its number in the data set, its true class."""

    position: int
    input: int
    label: int


def list_items(
    dataset: Dataset, *, classes: int, every: int = 1, first: int | None = None
) -> list[Item]:
    """The inputs that are selected, in the order of the data set.

    Raises:
        InputError: if nothing is selected, or a label is none of the model's classes.
    """
    chosen = select(len(dataset), every=every, first=first)
    items = [
        Item(position=position, input=number, label=dataset[number][1])
        for position, number in enumerate(chosen)
    ]
    for item in items:
        if not 0 <= item.label < classes:
            raise InputError(
                f"input {item.input} of {dataset.name} has label {item.label}, but the model has "
                f"classes 0…{classes - 1}: check that model and data belong together"
            )
    return items
