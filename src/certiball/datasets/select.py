"""Which inputs of a dataset are certified."""

from certiball.errors import InputError


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
