from itertools import product

import numpy as np
import pytest

from certiball.balls import Ball, Norm, distance_up, length_up, radius_in
from certiball.errors import InputError

CLOSED = Ball(norm=Norm.PATCH, radius=2.0, strict=False)


@pytest.mark.parametrize("shape", [(3, 4), (1, 3, 4), (2, 3, 4)])
def test_a_patch_is_the_smallest_square_that_holds_every_change(shape):
    height, width = shape[-2:]
    corners = list(product(range(height), range(width)))
    for first, second in product(corners, corners):
        delta = np.zeros(shape)
        delta[(0,) * (len(shape) - 2)][first] = -1e-9
        delta[(-1,) * (len(shape) - 2)][second] = 7
        side = 1 + max(abs(first[0] - second[0]), abs(first[1] - second[1]))
        assert length_up(delta, Norm.PATCH) == side
        assert CLOSED.covers(delta) == (side <= 2)


def test_nothing_that_changes_has_no_side():
    levels = np.arange(12).reshape(3, 4)
    assert distance_up(levels, levels, Norm.PATCH) == 0
    other = levels.copy()
    other[2, 1:] += 1
    assert distance_up(levels, other, Norm.PATCH) == 3
    assert not CLOSED.covers(other - levels)
    assert CLOSED.covers(levels - levels)


def test_what_is_no_image_has_no_patches():
    with pytest.raises(InputError, match=r"part of an image .* shape \(4,\) is none"):
        length_up(np.ones(4), Norm.PATCH)
    with pytest.raises(InputError, match="a ball in patch side says nothing of any in L2"):
        radius_in(CLOSED, Norm.L2, 12)
    with pytest.raises(InputError, match="a ball in L0 says nothing of any in patch side"):
        radius_in(Ball(norm=Norm.L0, radius=9.0, strict=False), Norm.PATCH, 12)
    assert radius_in(CLOSED, Norm.PATCH, 12) == 2
