"""A run split over machines: each shard takes every m-th input and draws its own seed."""

from collections.abc import Sequence
from dataclasses import dataclass

from certiball.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Shard:
    """Shard `number` of `of`, counted from 1; 1 of 1 is the whole run.

    Raises:
        InputError: unless 1 ≤ number ≤ of.

    Example:
        >>> Shard(number=3, of=16).of_inputs(range(0, 400, 20))
        [40, 360]
    """

    number: int = 1
    of: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of:
            raise InputError(
                f"shard {self.number}/{self.of} does not exist: shards of {self.of} are "
                f"1/{self.of} to {self.of}/{self.of}"
            )

    def of_inputs(self, inputs: Sequence[int]) -> list[int]:
        """The inputs of this shard: by position in the run, so that each has its share."""
        return list(inputs[self.number - 1 :: self.of])

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"


WHOLE = Shard()


def shard_of_position(position: int, of: int) -> Shard:
    """The shard that an input belongs to, by its position in the run."""
    return Shard(number=position % of + 1, of=of)
