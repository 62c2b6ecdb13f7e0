import math
from fractions import Fraction

import pytest

from certiball.errors import InputError
from certiball.laws.max_exponential import MaxExponential
from certiball.laws.spherical_exponential import SphericalExponential
from certiball.laws.uniform_ball import UniformBall

LAWS = [UniformBall, SphericalExponential, MaxExponential]


@pytest.mark.parametrize("law", LAWS)
def test_what_a_law_says_of_itself(law):
    one = law(scale=0.25)
    assert str(one) == f"{law.__name__}(scale=0.25)"
    assert one == law(scale=0.25) != law(scale=0.5)
    assert one.seen((3, 8, 8)) == (3, 8, 8)
    assert one.slack(None, 192) == 0
    with pytest.raises(InputError, match=r"no version on a grid of step 1/255: .*reals:LOW:HIGH"):
        one.slack(Fraction(1, 255), 192)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("scale", [0.0, -1.0, math.nan, math.inf])
def test_bad_scales(law, scale):
    with pytest.raises(
        InputError,
        match=r"scale must be finite and > 0, not .*; about .* deviates by a quarter: \S+ for 28",
    ):
        law(scale=scale)


@pytest.mark.parametrize(
    ("law", "scale"), [(UniformBall, 7.0), (SphericalExponential, 0.009), (MaxExponential, 0.00055)]
)
def test_the_advice_about_scales_is_right(law, scale):
    assert 0.24 < law(scale=scale).deviation(784) < 0.26
