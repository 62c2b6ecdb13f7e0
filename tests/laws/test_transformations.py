"""What certificates about transformations say, and what has no certificate."""

import re

import numpy as np
import pytest

import certiball as cb
from certiball.balls import Norm
from certiball.errors import InputError
from certiball.laws.names import NAMES
from certiball.laws.transformation import Transformation

SAID = {
    "brightness": ({"sigma": 0.5}, r"every x \+ b, one number \|b\| below 1\.\d+ for all pixels"),
    "contrast-brightness": (
        {"contrast": 0.1, "brightness": 0.5},
        r"every x \+ b at unchanged contrast, one number \|b\| below 1\.\d+",
    ),
    "exponential-blur": (
        {"scale": 1.0},
        r"every heat-equation blur of the image by a variance below 4\.\d+ square pixels",
    ),
    "uniform-blur": ({"scale": 1.0}, r"by a variance below 0\.49\d+ square pixels"),
    "folded-normal-blur": ({"sigma": 1.0}, r"by a variance below 2\.\d+ square pixels"),
    "translation": ({"sigma": 1.0}, r"every roll .* by whole pixels, √\(dx² \+ dy²\) below 2\.\d+"),
}
ALWAYS = cb.FunctionClassifier(lambda x: np.ones(len(x), int), num_classes=2)
IMAGES = np.zeros((1, 3, 3), np.float32)


def test_each_has_a_name_and_says_what_it_is():
    assert set(SAID) == {name for name, law in NAMES.items() if hasattr(law, "change")}
    assert not isinstance(cb.Gaussian(sigma=1.0), Transformation)


@pytest.mark.parametrize("name", SAID)
def test_a_certificate_says_which_changes(name):
    fields, said = SAID[name]
    law = NAMES[name](**fields)
    assert isinstance(law, Transformation)
    g = cb.Smoothed(ALWAYS, law, space=cb.Reals())
    [result] = cb.certify(g, IMAGES, plan=cb.FixedSamples(n0=10, n=1000))
    assert result.claim.norm is Norm.PARAMETER
    assert str(result.ball).startswith("|parameter| < ")
    assert str(result).startswith("class 1 for every ")
    assert re.search(said, str(result))
    with pytest.raises(InputError, match="no length of a difference of pixels"):
        result.covers(IMAGES[0], IMAGES[0] + 0.1)
    for norm in (Norm.L2, Norm.LINF):
        with pytest.raises(InputError, match=f"no theorem gives a radius for {type(law).__name__}"):
            cb.certify(g, IMAGES, norm=norm)


def test_two_classes_are_refused_where_no_rule_is_proven():
    for name in ("contrast-brightness", "folded-normal-blur"):
        law = NAMES[name](**SAID[name][0])
        g = cb.Smoothed(ALWAYS, law, space=cb.Reals())
        with pytest.raises(InputError, match="no two-class radius is proven for"):
            cb.certify(g, IMAGES, rule=cb.Rule.TWO_CLASS)
