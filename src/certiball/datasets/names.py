"""Names of classes: those that a file gives, and the digits of the labels where it gives none."""

import unicodedata

import numpy as np

from certiball.errors import InputError
from certiball.shapes import Array

MOST_CLASSES = 1_000_000
LONGEST = 255  # characters of a name
# Control and format characters move a terminal's cursor or turn text around; surrogates are what
# names in no known encoding become, and cannot be printed.
UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")


def numbered_classes(labels: Array, *, at_least: int = 1) -> tuple[str, ...]:
    """The names "0", "1", … up to the greatest label, and at least so many.

    Raises:
        InputError: if they would be more than a million.

    Example:
        >>> import numpy as np
        >>> numbered_classes(np.array([0, 2]))
        ('0', '1', '2')
    """
    greatest = int(labels.max()) if labels.size and np.issubdtype(labels.dtype, np.integer) else 0
    if greatest >= MOST_CLASSES:
        raise InputError(
            f"the greatest label is {greatest}, and classes are counted from 0 to at most "
            f"{MOST_CLASSES - 1}: number them without gaps"
        )
    return tuple(str(label) for label in range(max(at_least, greatest + 1)))


def check_names(names: tuple[str, ...], source: str) -> None:
    r"""Refuse names of classes that could not be printed as they are.

    Raises:
        InputError: naming the first, or if they are more than a million.

    Example:
        >>> check_names(("cat", "dog\x1b[2J"), "pets")
        Traceback (most recent call last):
        certiball.errors.InputError: class 1 of pets is called 'dog\x1b[2J', ...
    """
    if len(names) > MOST_CLASSES:
        raise InputError(
            f"{source} names {len(names)} classes, more than {MOST_CLASSES}: name those there are"
        )
    for number, name in enumerate(names):
        if len(name) > LONGEST or any(unicodedata.category(c) in UNPRINTABLE for c in name):
            raise InputError(
                f"class {number} of {source} is called {name[:LONGEST]!r}, which is too long or "
                "has characters that cannot be printed: rename it"
            )
