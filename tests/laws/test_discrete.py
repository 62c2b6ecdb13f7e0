from fractions import Fraction
from itertools import pairwise

import pytest

from certiball.errors import InputError
from certiball.laws import Law
from certiball.laws.discrete import Discrete

STEP = Fraction(1, 255)


@pytest.mark.parametrize(("keep", "levels"), [(0.2, 256), (0.8, 2), (0.5, 3), (0.01, 257)])
def test_thresholds_are_the_law_within_its_slack(keep, levels):
    law = Discrete(keep=keep, levels=levels)
    edges = [0, *map(int, law.on_circle().thresholds), 2**64]
    drawn = [Fraction(b - a, 2**64) for a, b in pairwise(edges)]
    other = (1 - Fraction(keep)) / (levels - 1)
    meant = [Fraction(keep)] + (levels - 1) * [other]
    assert law.on_circle().least == 0
    assert law.on_circle().greatest == levels - 1
    variation = sum(abs(d - m) for d, m in zip(drawn, meant, strict=True)) / 2
    assert 0 <= variation <= law.slack(STEP, 1)
    assert law.slack(STEP, 784) == 784 * law.slack(STEP, 1)
    assert all(abs(d - m) <= Fraction(1, 2**64) for d, m in zip(drawn, meant, strict=True))


def test_a_law_as_others():
    law = Discrete(keep=0.2, levels=256)
    assert isinstance(law, Law)
    assert law.seen((3, 8, 8)) == (3, 8, 8)
    assert law.deviation(192) is None
    assert str(law) == "Discrete(keep=0.2, levels=256)"


def test_the_reals_have_no_levels():
    with pytest.raises(InputError, match="the reals have none: state a grid"):
        Discrete(keep=0.2, levels=256).slack(None, 784)


@pytest.mark.parametrize("keep", [0.0, -0.5, 1.0, 1.5, 1 / 256, float("nan"), float("inf")])
def test_a_chance_of_nothing_or_everything(keep):
    with pytest.raises(InputError, match="keep must be above 1/256, .* and below 1, not .* usual"):
        Discrete(keep=keep, levels=256)


@pytest.mark.parametrize("levels", [1, 0, -3, 2**16 + 1])
def test_how_many_levels(levels):
    with pytest.raises(InputError, match=f"levels must be from 2 to 65536, not {levels}"):
        Discrete(keep=0.9, levels=levels)
