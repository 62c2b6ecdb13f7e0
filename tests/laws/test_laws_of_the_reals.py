"""Laws that have no version on grids."""

import math
from fractions import Fraction

import pytest
from scipy import stats

from certiball.errors import InputError
from certiball.laws import GridLaw, Law
from certiball.laws.exponential_power import ExponentialPower
from certiball.laws.pareto import Pareto

LAWS = [Pareto(scale=0.5, tail=3.0), ExponentialPower(scale=0.5, power=3.0)]


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_grids_are_refused_with_the_remedy(law):
    assert isinstance(law, Law)
    assert not isinstance(law, GridLaw)
    assert law.slack(None, 3072) == 0
    with pytest.raises(InputError, match=r"no version on a grid of step 1/255: .*reals:LOW:HIGH"):
        law.slack(Fraction(1, 255), 3072)
    assert law.seen((1, 28, 28)) == (1, 28, 28)


@pytest.mark.parametrize("power", [1.0, 1.5, 2.0, 8.0, 64.0])
def test_deviation_of_exponential_powers(power):
    law = ExponentialPower(scale=0.25, power=power)
    assert law.deviation(1) == pytest.approx(stats.gennorm(power, scale=0.25).std())


def test_deviation_of_pareto_laws():
    # 2∫x²f = 2λ²/((a − 1)(a − 2)) by parts, twice
    assert Pareto(scale=0.5, tail=4.0).deviation(9) == pytest.approx(0.5 * math.sqrt(1 / 3))
    assert Pareto(scale=0.5, tail=2.0).deviation(9) == math.inf


@pytest.mark.parametrize("wrong", [0.0, -1.0, math.nan, math.inf])
def test_bad_parameters(wrong):
    with pytest.raises(InputError, match="scale must be finite and > 0"):
        Pareto(scale=wrong, tail=3.0)
    with pytest.raises(InputError, match="tail must be finite and > 0, .*; 3 is usual"):
        Pareto(scale=1.0, tail=wrong)
    with pytest.raises(InputError, match="scale must be finite and > 0"):
        ExponentialPower(scale=wrong, power=3.0)


@pytest.mark.parametrize("wrong", [0.0, 0.99, 64.5, math.nan, math.inf])
def test_bad_powers(wrong):
    with pytest.raises(InputError, match="power must be from 1 to 64, not"):
        ExponentialPower(scale=1.0, power=wrong)


def test_texts():
    assert [str(law) for law in LAWS] == [
        "Pareto(scale=0.5, tail=3.0)",
        "ExponentialPower(scale=0.5, power=3.0)",
    ]
