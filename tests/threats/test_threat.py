from fractions import Fraction

import pytest

from certiball.balls import Norm
from certiball.errors import InputError
from certiball.spaces import Grid, Reals
from certiball.threats.threat import Units, parse_threat, question, usual_threats

UNIT = Reals(low=0.0, high=1.0)


@pytest.mark.parametrize(
    ("text", "norm", "budget"),
    [
        ("linf:8/255", Norm.LINF, Fraction(8, 255)),
        ("l2:.5", Norm.L2, Fraction(1, 2)),
        ("l1:1e-2", Norm.L1, Fraction(1, 100)),
        ("l0:3", Norm.L0, 3),
        ("patch:5", Norm.PATCH, 5),
        ("patch:5x5", Norm.PATCH, 5),
        ("rotation by 10 degrees", None, None),
        ("parameter:0.3", None, None),
    ],
)
def test_names_of_threats(text, norm, budget):
    threat = parse_threat(text)
    assert (threat.norm, threat.budget, threat.text) == (norm, budget, text)


@pytest.mark.parametrize(
    ("text", "written", "budget"),
    [
        ("linf:8", "linf:8/255", Fraction(8, 255)),
        ("l2:127.5", "l2:1/2", Fraction(1, 2)),
        ("l1:255", "l1:255/255", 1),
        ("l0:3", "l0:3", 3),
        ("patch:4", "patch:4", 4),
        ("fog", "fog", None),
    ],
)
def test_levels_of_pixels_are_255_to_one_and_counts_have_no_unit(text, written, budget):
    threat = parse_threat(text, Units.PIXELS)
    assert (threat.text, threat.budget) == (written, budget)
    assert parse_threat(threat.text) == threat


@pytest.mark.parametrize("text", ["linf:", "l2:x", "l1:-1", "l0:0", "linf:1/0", "patch:5x4"])
def test_budgets_that_are_none(text):
    with pytest.raises(InputError, match="above 0 and below 1,000,000,000"):
        parse_threat(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("linf:8", "did you mean 8/255? In levels"),
        ("linf:1.5", "did you mean 1/170?"),
        ("l2:29", "did you mean 29/255?"),  # √784 = 28
        ("l1:785", "more than any two inputs differ by, which lie from 0 to 1"),
        ("l0:785", "of the 784 that there are: 785 is none"),
        ("l0:1.5", "in whole numbers"),
        ("patch:1/2", "in whole numbers"),
    ],
)
@pytest.mark.parametrize("space", [UNIT, Grid.uint8()])
def test_a_budget_in_other_units_is_questioned_by_name(text, said, space):
    with pytest.raises(InputError) as error:
        question(parse_threat(text), space, 784)
    assert said in str(error.value)


@pytest.mark.parametrize("text", ["linf:1", "l2:28", "l1:784", "l0:784", "patch:28", "any change"])
def test_what_inputs_can_differ_by_is_not_questioned(text):
    question(parse_threat(text), UNIT, 784)


def test_where_the_range_is_unknown_only_counts_are_questioned():
    question(parse_threat("linf:8"), Reals(), 784)
    question(parse_threat("linf:8"), Reals(low=0.0, high=255.0), 784)
    with pytest.raises(InputError, match="whole numbers"):
        question(parse_threat("l0:1000"), Reals(), 784)


def test_usual_threats_are_those_of_images_from_0_to_1():
    assert [t.text for t in usual_threats(Grid.uint8(), Norm.L1)] == ["l1:1", "linf:8/255"]
    assert [t.text for t in usual_threats(UNIT, Norm.LINF)] == ["linf:8/255"]
    assert usual_threats(Reals(), Norm.L2) == ()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("l_inf 2/255", "linf:2/255"),
        ("inf:8/255", "linf:8/255"),
        ("L-inf:1/8", "linf:1/8"),
        ("l∞ 8/255", "linf:8/255"),
        ("L2:.5", "l2:.5"),
        ("linf=8/255", "linf:8/255"),
        ("pacth:5x5", "patch:5x5"),
        ("Linf", "linf:8/255"),
    ],
)
def test_a_norm_by_another_spelling_is_asked_back(text, meant):
    with pytest.raises(InputError, match=f"did you mean {meant}"):
        parse_threat(text)


def test_a_norm_that_nobody_has_is_no_threat_in_words():
    with pytest.raises(InputError, match="'l7 2/255' is of no norm known here: there are l0"):
        parse_threat("l7 2/255")


@pytest.mark.parametrize("text", ["rotation", "patches on a sign", "lens flare", "rain 5", "fog:3"])
def test_words_are_words(text):
    assert parse_threat(text).norm is None


def test_a_patch_is_no_larger_than_the_image():
    question(parse_threat("patch:8"), Grid.uint8(), 64)
    with pytest.raises(InputError, match="a patch of side 9 has more pixels than the 64 numbers"):
        question(parse_threat("patch:9"), Grid.uint8(), 64)
