import math

import pytest

from certiball.balls import Ball, Norm
from certiball.errors import InputError


def test_text_says_strict_or_not():
    assert str(Ball(norm=Norm.L2, radius=0.5)) == "‖δ‖ < 0.5 in L2"
    assert str(Ball(norm=Norm.L0, radius=3.0, strict=False)) == "‖δ‖ ≤ 3.0 in L0"
    assert [str(norm) for norm in Norm] == ["L0", "L1", "L2", "L∞"]


@pytest.mark.parametrize("radius", [0.0, -1.0, math.inf, math.nan])
def test_bad_radius(radius):
    with pytest.raises(InputError, match="radius must be finite and > 0"):
        Ball(norm=Norm.L2, radius=radius)
