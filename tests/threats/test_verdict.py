"""Verdicts are exact: a threat is covered where its closed ball lies in the certificate's."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from certiball.balls import Norm, length_up
from certiball.claim import Claim, Rule
from certiball.laws.brightness import Brightness
from certiball.laws.gaussian import Gaussian
from certiball.laws.translation import Translation
from certiball.spaces import Grid, Reals
from certiball.threats.threat import Threat, parse_threat
from certiball.threats.verdict import Proven, judged

LENGTHS = [Norm.L1, Norm.L2, Norm.LINF]
CLAIM = Claim(
    law=Gaussian(sigma=0.25), norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=0.001, space=Grid.uint8()
)


def of(*radii: float, right: bool = True) -> list[Proven]:
    return [Proven(radius=radius, right=right) for radius in radii]


@pytest.mark.parametrize("norm", LENGTHS)
@pytest.mark.parametrize("ours", LENGTHS)
@pytest.mark.parametrize("strict", [True, False])
def test_no_perturbation_of_a_covered_threat_leaves_the_ball(norm, ours, strict):
    """And where a threat is not covered, one of its perturbations does."""
    claim = replace(CLAIM, norm=ours, strict=strict, space=Reals())
    generator = np.random.default_rng(0)
    for d in (1, 4, 9, 50):
        corners = [np.ones(d), np.eye(d)[0]]  # the longest of any ball, in any norm, is one of them
        worst = max(length_up(c / float(length_up(c, norm)), ours) for c in corners)
        for radius in generator.uniform(0.1, 3, 20):
            budget = Fraction(float(radius / worst * generator.choice([0.97, 1.03])))
            threat = Threat(text="t", norm=norm, budget=budget)
            found = judged(threat, claim, d, of(float(radius)), 1)
            scale = [float(budget) / length_up(c, norm) for c in corners]
            longest = max(length_up(c * s, ours) for c, s in zip(corners, scale, strict=True))
            assert (found.word == "covered") == (longest < radius)


def test_at_the_radius_itself_only_a_closed_ball_covers():
    at = Threat(text="t", norm=Norm.L2, budget=Fraction(1, 2))
    above = of(math.nextafter(0.5, 1))
    assert judged(at, CLAIM, 784, of(0.5), 1).word == "not covered"
    assert judged(at, CLAIM, 784, above, 1).word == "covered"
    assert judged(at, replace(CLAIM, strict=False), 784, of(0.5), 1).word == "covered"
    pixels = replace(CLAIM, norm=Norm.L0, strict=False)
    three, four = parse_threat("l0:3"), parse_threat("l0:4")
    assert judged(three, pixels, 784, of(3.0), 1).word == "covered"
    assert judged(four, pixels, 784, of(3.0), 1).word == "not covered"


def test_inputs_without_a_certificate_count():
    threat = parse_threat("linf:1/255")
    found = judged(threat, CLAIM, 784, [*of(0.2, 0.05), *of(0.3, right=False)], 4)
    assert (found.word, found.covered, found.right, found.tried) == ("partly covered", 2, 1, 4)
    assert found.sentence.startswith(
        "Partly covered: of 4 inputs, 2 are proven to keep their answer, and 1 of those the right "
        "one, under every perturbation of L∞ norm at most 1/255 that moves by whole steps of 1/255"
    )
    assert found.formula == "R in L∞ = R in L2 / √784"
    assert found.largest is not None
    assert found.largest <= 0.3 / 28 < found.largest * (1 + 1e-15)


@pytest.mark.parametrize("text", ["rotation", "semantic change", "patch:5x5", "l0:3"])
def test_what_no_ball_bounds_is_said_not_to_be_covered(text):
    found = judged(parse_threat(text), CLAIM, 784, of(1000.0), 1)
    assert (found.word, found.covered, found.formula) == ("not covered", 0, None)
    why = "not compared with other norms" if ":" in text else "no ball of a norm"
    assert found.sentence == (
        f"Not covered: “{text}” is {why}: what is compared is every perturbation of L2 norm below "
        "the radius."
    )


@pytest.mark.parametrize("law", [Brightness(sigma=0.5), Translation(sigma=2.0)])
@pytest.mark.parametrize("text", ["parameter:0.3", "brightness:0.3", "l2:0.3", "linf:0.3"])
def test_a_number_without_its_transformation_is_never_covered(law, text):
    """A brightness of .3 and a roll by .3 pixels are nothing alike."""
    claim = replace(CLAIM, law=law, norm=Norm.PARAMETER)
    found = judged(parse_threat(text), claim, 784, of(1000.0), 1)
    assert (found.word, found.covered, found.largest) == ("not covered", 0, None)
    assert law.change("below the radius") in found.sentence


def test_a_norm_that_counts_bounds_no_length():
    pixels = replace(CLAIM, norm=Norm.L0, strict=False)
    assert judged(parse_threat("l2:.001"), pixels, 784, of(784.0), 1).word == "not covered"
    patches = replace(CLAIM, norm=Norm.PATCH, strict=False)
    assert judged(parse_threat("patch:5"), patches, 784, of(5.0), 1).word == "covered"
    assert judged(parse_threat("l0:1"), patches, 784, of(5.0), 1).word == "not covered"


def test_nothing_certified_covers_nothing():
    found = judged(parse_threat("l2:.001"), CLAIM, 784, [], 3)
    assert (found.word, found.largest, found.covered) == ("not covered", None, 0)
