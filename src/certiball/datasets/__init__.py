"""Datasets: inputs as integers on a grid (or floats), with labels and a digest.

One way for the data: everything that reads a file ends as a `Dataset`.
"""

from typing import Protocol, runtime_checkable

from certiball.shapes import Array
from certiball.spaces import Space


@runtime_checkable
class Dataset(Protocol):
    """Labelled inputs that can be fetched one by one; the same index, the same input, always."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def space(self) -> Space:
        """Where the inputs live."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the labels 0, 1, …."""
        ...

    def __len__(self) -> int:
        """How many inputs there are."""
        ...

    def __getitem__(self, index: int) -> tuple[Array, int]:
        """One input (levels of the space's grid, channels first) and its label."""
        ...
