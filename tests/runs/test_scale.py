"""Noise in the wrong units is noticed."""

from dataclasses import dataclass
from fractions import Fraction

import pytest

from certiball.laws.brightness import Brightness
from certiball.laws.contrast_brightness import ContrastBrightness
from certiball.laws.gaussian import Gaussian
from certiball.laws.translation import Translation
from certiball.laws.uniform_blur import UniformBlur
from certiball.runs.scale import odd_scale
from certiball.spaces import Grid, Reals

BYTES = Grid(step=Fraction(1), low=0, high=255)


@pytest.mark.parametrize(
    ("sigma", "space", "words"),
    [
        (64.0, Grid.uint8(), "inputs run from 0 to 1; for 8-bit units divide by 255"),
        (
            2.01,
            Reals(low=0.0, high=1.0),
            "a deviation of 2.01 in Gaussian(sigma=2.01) is more than twice the inputs' range",
        ),
        (0.001, Grid.uint8(), "Gaussian(sigma=0.001) is less than the grid's step 1/255"),
        (0.25, BYTES, "noise is in input units, and inputs run from 0 to 255"),
    ],
)
def test_odd_units_are_said(sigma, space, words):
    assert words in odd_scale(Gaussian(sigma=sigma), space, 64)


@pytest.mark.parametrize(
    ("sigma", "space"),
    [(1.0, Grid.uint8()), (0.004, Grid.uint8()), (64.0, BYTES), (64.0, Reals()), (1e-9, Reals())],
)
def test_usual_units_are_not(sigma, space):
    assert odd_scale(Gaussian(sigma=sigma), space, 64) is None


@pytest.mark.parametrize(
    ("law", "space", "words"),
    [
        (Brightness(sigma=25.0), Grid.uint8(), "more than twice the inputs' range: noise is in in"),
        (Brightness(sigma=0.001), Grid.uint8(), "less than the grid's step 1/255"),
        (ContrastBrightness(contrast=0.1, brightness=25.0), Reals(low=0.0, high=1.0), "more than"),
        (Translation(sigma=0.004), Grid.uint8(), "hardly any image moves: sigma is in pixels"),
    ],
)
def test_parameters_in_odd_units_are_said(law, space, words):
    assert words in odd_scale(law, space, 64)


@pytest.mark.parametrize(
    "law",
    [
        Brightness(sigma=0.2),
        Translation(sigma=0.5),
        Translation(sigma=25.0),
        UniformBlur(scale=9.0),
    ],
)
def test_parameters_in_usual_units_are_not(law):
    assert odd_scale(law, Grid.uint8(), 64) is None


def test_what_adds_nothing_has_no_scale():
    @dataclass(frozen=True)
    class Other:
        def slack(self, step, dimension): ...
        def deviation(self, dimension):
            return None

        def seen(self, shape): ...

    assert odd_scale(Other(), Grid.uint8(), 64) is None
