import math
from fractions import Fraction
from itertools import pairwise

import pytest

from certiball.errors import InputError
from certiball.laws import GridLaw
from certiball.laws.uniform import Uniform

STEPS = [Fraction(1, 255), Fraction(1, 16), Fraction(3, 1000), Fraction(2)]


def masses(law):
    """What is drawn, exactly."""
    edges = [0, *map(int, law.thresholds), 2**64]
    return {i - law.offset: Fraction(b - a, 2**64) for i, (a, b) in enumerate(pairwise(edges))}


def meant(scale, step, z):
    """P(round(λu/step) = z), exactly."""
    low, high = ((z + side) * step for side in (Fraction(-1, 2), Fraction(1, 2)))
    overlap = min(high, Fraction(scale)) - max(low, -Fraction(scale))
    return max(Fraction(0), overlap) / (2 * Fraction(scale))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("scale", [1e-9, 0.01, 0.12, 0.5, 1.0, 3.0])
def test_masses_are_those_of_the_rounded_law(scale, step):
    law = Uniform(scale=scale).on_grid(step)
    drawn = masses(law)
    reach = math.ceil(Fraction(scale) / step) + 2
    gaps = [abs(drawn.get(z, Fraction(0)) - meant(scale, step, z)) for z in range(-reach, reach)]
    assert max(gaps) <= Fraction(1, 2**64)
    assert sum(meant(scale, step, z) for z in range(-reach, reach)) == 1
    assert sum(gaps) / 2 <= law.slack(1)
    assert set(drawn) <= set(range(-reach, reach))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("scale", [1e-9, 0.01, 0.25, 1.0, 7.5])
def test_slack_without_thresholds_is_that_of_the_thresholds(scale, step):
    law = Uniform(scale=scale)
    for dimension in (1, 3072):
        assert law.slack(step, dimension) == law.on_grid(step).slack(dimension)
    assert law.slack(None, 3072) == 0


def test_an_end_on_an_edge_between_two_steps():
    law = Uniform(scale=0.5).on_grid(Fraction(1, 255))  # 127.5 steps
    assert (law.least, law.greatest) == (-127, 127)
    assert len(set(masses(law).values())) <= 2  # 2⁶⁴/255 is no whole number


@pytest.mark.parametrize("scale", [0.0, -1.0, math.nan, math.inf])
def test_bad_scale(scale):
    with pytest.raises(InputError, match=r"scale must be finite and > 0, not .*usual"):
        Uniform(scale=scale)


def test_grids_too_fine_for_memory_are_refused():
    for scale, step in ((1.0, Fraction(1, 2**24)), (1e308, Fraction(1, 255))):
        for use in (Uniform(scale=scale).on_grid, lambda s, x=scale: Uniform(scale=x).slack(s, 1)):
            with pytest.raises(InputError, match=r"a scale of .* grid steps .* coarser grid"):
                use(step)


def test_text_and_protocol():
    law = Uniform(scale=0.1)
    assert str(law) == "Uniform(scale=0.1)"
    assert isinstance(law, GridLaw)
    assert law.deviation(3) == pytest.approx(0.1 / 3**0.5)
    assert law.seen((3, 4)) == (3, 4)


def test_thresholds_are_the_nearest_integers():
    law = Uniform(scale=0.12).on_grid(Fraction(1, 255))
    for place, threshold in enumerate(law.thresholds):
        x = (place - law.offset + Fraction(1, 2)) / 255
        exact = 2**64 * (1 + x / Fraction(0.12)) / 2
        assert abs(int(threshold) - exact) <= Fraction(1, 2)
