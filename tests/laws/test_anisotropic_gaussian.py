from fractions import Fraction

import numpy as np
import pytest

from certiball.errors import InputError
from certiball.laws.anisotropic_gaussian import MOST, AnisotropicGaussian
from certiball.laws.gaussian import Gaussian

STEP = Fraction(1, 255)


def test_deviations_are_those_of_equal_parts():
    law = AnisotropicGaussian(deviations=(0.1, 0.2, 0.3))
    assert law.of_numbers(6) == (0.1, 0.1, 0.2, 0.2, 0.3, 0.3)
    assert law.seen((3, 5, 5)) == (3, 5, 5)
    for shape in ((1, 5, 5), (4,), (2,)):
        with pytest.raises(InputError, match="no equal parts"):
            law.seen(shape)


def test_the_slack_is_the_sum_of_the_parts():
    law = AnisotropicGaussian(deviations=(0.12, 0.5))
    parts = [Gaussian(sigma=s).slack(STEP, 50) for s in (0.12, 0.5)]
    assert law.slack(STEP, 100) == sum(parts)
    assert law.slack(None, 100) == 0
    assert law.deviation(100) == pytest.approx(np.sqrt((0.12**2 + 0.5**2) / 2))


def test_too_many_tables_are_refused_on_a_grid_alone():
    many = AnisotropicGaussian(deviations=tuple(0.1 + k / 1000 for k in range(MOST + 1)))
    assert many.slack(None, MOST + 1) == 0
    with pytest.raises(InputError, match="reals:LOW:HIGH"):
        many.slack(STEP, MOST + 1)


@pytest.mark.parametrize("bad", [(), (0.0,), (0.1, -1.0), (np.inf,), (np.nan,)])
def test_bad_deviations(bad):
    with pytest.raises(InputError, match="finite and > 0"):
        AnisotropicGaussian(deviations=bad)


def test_texts_are_equal_where_laws_are_and_short():
    many = [tuple(0.1 + k / 1000 for k in range(size, size + 784)) for size in (0, 1)]
    texts = [str(AnisotropicGaussian(deviations=each)) for each in many]
    assert texts[0] != texts[1]
    assert texts[0] == str(AnisotropicGaussian(deviations=list(many[0])))
    assert max(map(len, texts)) < 160
    assert str(AnisotropicGaussian(deviations=(0.1, 0.2))) == (
        "AnisotropicGaussian(deviations=(0.1, 0.2))"
    )
