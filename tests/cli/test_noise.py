"""The noise that options name."""

import re
from dataclasses import dataclass
from fractions import Fraction

import pytest

from certiball.balls import Norm
from certiball.cli.noise import law_of, parse_norm
from certiball.errors import InputError
from certiball.laws import names
from certiball.laws.bands import Bands
from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.spaces import Grid, Reals

SHAPE = (3, 4, 5)


@dataclass(frozen=True, kw_only=True)
class Odd:
    step: Fraction
    keep: int
    pixels: int
    scale: float = 0.5


@pytest.fixture(autouse=True)
def _odd(monkeypatch):
    monkeypatch.setitem(names.NAMES, "odd", Odd)


def test_sigma_is_short_for_gaussian():
    assert law_of(None, 0.25, Reals(), SHAPE) == Gaussian(sigma=0.25)
    assert law_of("gaussian:sigma=1/4", None, Reals(), SHAPE) == Gaussian(sigma=0.25)


def test_geometry_comes_from_the_inputs_unless_it_is_given():
    found = law_of("odd:keep=7", None, Grid.uint8(), SHAPE)
    assert found == Odd(step=Fraction(1, 255), keep=7, pixels=20)
    found = law_of("odd:keep=7,pixels=9,step=1/3,scale=.1", None, Reals(), SHAPE)
    assert found == Odd(step=Fraction(1, 3), keep=7, pixels=9, scale=0.1)


@pytest.mark.parametrize(
    ("noise", "sigma", "said"),
    [
        (None, None, "give the noise once"),
        ("gaussian:sigma=1", 1.0, "give the noise once"),
        ("laplacian:scale=1", None, "no law 'laplacian'; there are gaussian:sigma=…"),
        ("gaussian", None, "lacks sigma: write gaussian:sigma=…"),
        ("gaussian:sigma", None, "'sigma' is not FIELD=NUMBER with a field of sigma"),
        ("gaussian:scale=1", None, "'scale=1' is not FIELD=NUMBER"),
        ("gaussian:sigma=1,sigma=2", None, "'sigma=2' is not FIELD=NUMBER"),
        ("gaussian:sigma=x", None, "sigma must be a number, not 'x'"),
        ("gaussian:sigma=1/x", None, "sigma must be a Fraction"),
        ("laplace:scale=nan", None, "scale must be finite and > 0, not nan"),
        ("laplace:scale=-1e300", None, "scale must be finite and > 0, not -1e"),
        ("anisotropic-gaussian:deviations=1:inf", None, "must be finite"),
        ("odd:keep=1.5", None, "keep must be a whole number, not 1.5"),
        ("odd:keep=1", None, "lacks step: the real interval [-inf, inf] has none, so state a grid"),
        ("odd:scale=1", None, "lacks step, keep: write odd:step=…,keep=…"),
        ("discrete:keep=.5", None, "lacks levels: the real interval"),
    ],
)
def test_what_is_wrong_is_said(noise, sigma, said):
    with pytest.raises(InputError, match=re.escape(said)):
        law_of(noise, sigma, Reals(), SHAPE)


def test_large_numbers_are_for_the_law_to_judge():
    assert law_of("laplace:scale=1e300", None, Reals(), SHAPE) == Laplace(scale=1e300)


@pytest.mark.parametrize(
    "noise", ["ablation:keep=9", "bands:width=2", "blocks:side=2", "ablation:keep=9,pixels=96"]
)
@pytest.mark.parametrize("shape", [(32, 32, 3), (28, 28, 1), (64, 48, 4)])
def test_images_with_channels_last_are_refused(noise, shape):
    with pytest.raises(InputError, match="have their channels last"):
        law_of(noise, None, Grid.uint8(), shape)


def test_small_images_with_channels_first_are_not_taken_for_others():
    assert law_of("bands:width=2", None, Grid.uint8(), (3, 7, 4)) == Bands(width=2, columns=4)


@pytest.mark.parametrize("noise", ["bands:width=2", "blocks:side=2"])
def test_noise_of_images_takes_no_rows(noise):
    with pytest.raises(InputError, match=r"is for images \[C, H, W\] or .* of shape \[64\]: resh"):
        law_of(noise, None, Grid.uint8(), (64,))


def test_norms_by_name():
    assert parse_norm(None) is None
    assert parse_norm("L1") is Norm.L1
    with pytest.raises(InputError, match="--norm 'l3' is not known; there are l0, l1"):
        parse_norm("l3")
