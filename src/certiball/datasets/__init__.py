"""Datasets: inputs as integers on a grid (or floats), with labels and a digest.

One way for the data: everything that reads a file ends as a `Dataset`.
"""

from typing import Protocol

from certiball.shapes import Array
from certiball.spaces import Space


class Dataset(Protocol):
    """Labelled inputs that can be fetched one by one.

    `name` is for people, `space` says where inputs live, `classes` names the labels 0, 1, ….
    """

    name: str
    space: Space
    classes: tuple[str, ...]

    def __len__(self) -> int:
        """How many inputs there are."""
        ...

    def __getitem__(self, index: int) -> tuple[Array, int]:
        """One input (levels of the space's grid, channels first) and its label."""
        ...
