"""Class names where a file has none: the digits of the labels."""

import numpy as np

from certiball.shapes import Array


def numbered_classes(labels: Array, *, at_least: int = 1) -> tuple[str, ...]:
    """The names "0", "1", … up to the greatest label, and at least so many.

    Example:
        >>> import numpy as np
        >>> numbered_classes(np.array([0, 2]))
        ('0', '1', '2')
    """
    greatest = int(labels.max()) if labels.size and np.issubdtype(labels.dtype, np.integer) else 0
    return tuple(str(label) for label in range(max(at_least, greatest + 1)))
