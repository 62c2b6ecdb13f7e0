from fractions import Fraction

import numpy as np
import pytest

from certiball.errors import InputError
from certiball.samplers.null_encoding import null_encoded
from certiball.spaces import Grid, Reals


def test_channels_and_then_what_they_lack():
    clean = np.array([0, 51, 255, 102, 0, 1])  # three pixels of two channels
    seen = null_encoded(Grid.uint8(), clean, 3)
    assert seen.dtype == np.float32
    x = (clean.astype(np.float32) / np.float32(255)).reshape(2, 3)
    assert (seen[:2] == x).all()
    assert np.allclose(seen[2:], 1 - x)
    assert (seen[2:] == (255 - clean).reshape(2, 3).astype(np.float32) / np.float32(255)).all()


@pytest.mark.parametrize(
    "space", [Grid.uint8(), Grid(step=Fraction(1, 8), low=-8, high=8), Reals(low=-1.0, high=1.0)]
)
def test_no_pixel_looks_like_one_that_is_not_seen(space):
    """Also outside of the range, where perturbed inputs may lie."""
    if isinstance(space, Grid):
        clean = np.arange(2 * space.low - 5, 2 * space.high + 5)
    else:
        clean = np.linspace(-3, 3, 1001, dtype=np.float32)
    seen = null_encoded(space, clean, clean.size)
    low, high = space.bounds if isinstance(space, Grid) else (space.low, space.high)
    assert np.allclose(seen.sum(0), high - low)
    assert (seen != 0).any(0).all()


def test_a_space_without_ends():
    with pytest.raises(InputError, match=r"has no such ends: state the space as Reals\(low=0, hi"):
        null_encoded(Reals(), np.zeros(3, np.float32), 3)
