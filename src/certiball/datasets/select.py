"""Which inputs of a dataset are certified."""

from collections.abc import Sequence

from certiball.errors import InputError

FEW = 5


def select(count: int, *, every: int = 1, first: int | None = None) -> range:
    """Every k-th index of `count`, from 0, and of these the first few.

    Raises:
        InputError: if `every` or `first` is below 1, or nothing is left.

    Example:
        >>> list(select(10_000, every=20, first=3))
        [0, 20, 40]
    """
    if every < 1:
        raise InputError(f"every must be at least 1, not {every}: 20 takes every 20th input")
    if first is not None and first < 1:
        raise InputError(f"first must be at least 1, not {first}: leave it out to take all")
    chosen = range(0, count, every)[:first]
    if not chosen:
        raise InputError(f"no inputs are selected out of {count}: the data is empty")
    return chosen


def a_few(numbers: Sequence[int]) -> list[int]:
    """The first and some others, evenly from all: one of them may be a bad example.

    Example:
        >>> a_few(range(100))
        [0, 25, 50, 74, 99]
        >>> a_few([7, 9])
        [7, 9]
    """
    count = min(FEW, len(numbers))
    return [numbers[round(i * (len(numbers) - 1) / max(1, count - 1))] for i in range(count)]
