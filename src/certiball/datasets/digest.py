"""One number for the data that a claim is about."""

import hashlib
import json
from collections.abc import Iterable

import numpy as np

from certiball.datasets import Dataset
from certiball.errors import InputError
from certiball.spaces import Grid, Space


def digest(dataset: Dataset, indices: Iterable[int]) -> str:
    """SHA-256 (hexadecimal) of the decoded inputs in order, their labels, and the space.

    The type that holds the levels, the file format and the names do not enter; one changed pixel,
    label, shape or place in the order does.

    Raises:
        InputError: if no index is given, or an input does not fit the space.

    Example:
        >>> from certiball.datasets.digits import digits
        >>> digest(digits("test"), range(3))[:8]
        '0d3e7c25'
    """
    total = hashlib.sha256(b"certiball inputs 1\n" + _space_bytes(dataset.space))
    count = 0
    for index in indices:
        inputs, label = dataset[index]
        if isinstance(dataset.space, Grid):
            encoded = dataset.space.levels(inputs).astype("<i8")
        else:
            # Adding zero turns -0 into 0: the two are equal, and so must be their digests.
            encoded = dataset.space.check(inputs).astype("<f4") + np.float32(0)
        shape = np.array([encoded.ndim, *encoded.shape, label], dtype="<i8")
        total.update(shape.tobytes() + encoded.tobytes())
        count += 1
    if not count:
        raise InputError("no inputs are selected: a digest needs at least one index")
    return total.hexdigest()


def _space_bytes(space: Space) -> bytes:
    if isinstance(space, Grid):
        fields = ["grid", str(space.step), str(space.low), str(space.high)]
    else:
        fields = ["reals", space.low.hex(), space.high.hex()]
    return json.dumps(fields).encode()
