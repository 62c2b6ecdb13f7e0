"""Some inputs of a data set, as one."""

from collections.abc import Sequence
from dataclasses import dataclass

from certiball.datasets import Dataset
from certiball.shapes import Array
from certiball.spaces import Space


@dataclass(frozen=True, kw_only=True, eq=False)
class Subset:
    """The inputs of some numbers, in their order.

    Args:
        data: the whole.
        numbers: of the inputs in it.

    Example:
        >>> from certiball.datasets.digits import digits
        >>> len(Subset(data=digits(), numbers=range(0, 500, 5)))
        100
    """

    data: Dataset
    numbers: Sequence[int]

    @property
    def name(self) -> str:
        """That of the data, with how many of it."""
        return f"{len(self.numbers)} of {self.data.name}"

    @property
    def space(self) -> Space:
        """That of the data."""
        return self.data.space

    @property
    def classes(self) -> tuple[str, ...]:
        """Those of the data."""
        return self.data.classes

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: int) -> tuple[Array, int]:
        return self.data[self.numbers[index]]
