"""Noise that depends on the input is refused wherever it is given, with the reason."""

import numpy as np
import pytest

import certiball as cb
from certiball.errors import InputError
from certiball.laws.anisotropic_gaussian import AnisotropicGaussian
from certiball.laws.one_for_all import refuse_dependent

WHY = "voids the theorem.*2110.05365"


def test_a_function_and_an_array_for_each_input():
    for given in (lambda x: x.std(), np.array([0.1, 0.2]), [0.25, 0.5]):
        with pytest.raises(InputError, match=WHY):
            refuse_dependent("sigma", given)
    for given in (lambda x: x, np.ones((2, 3))):
        with pytest.raises(InputError, match=WHY):
            refuse_dependent("deviations", given, one=False)
    for given in (0.25, np.float64(0.25), np.array(0.25), "0.25", 1):
        refuse_dependent("sigma", given)


def test_laws_refuse_it():
    with pytest.raises(InputError, match=WHY):
        AnisotropicGaussian.__post_init__(_given(AnisotropicGaussian, deviations=lambda x: x))
    with pytest.raises(InputError, match=WHY):
        cb.Gaussian.__post_init__(_given(cb.Gaussian, sigma=lambda x: x.std()))
    with pytest.raises(InputError, match=WHY):
        cb.Gaussian.__post_init__(_given(cb.Gaussian, sigma=np.array([0.1, 0.2])))


def _given(kind, **values):
    """A law as a user without run-time types would have it, before its own checks."""
    law = object.__new__(kind)
    for name, value in values.items():
        object.__setattr__(law, name, value)
    return law


def test_a_function_in_the_place_of_a_law_is_refused():
    bright = cb.FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
    with pytest.raises(InputError, match=WHY):
        cb.Smoothed.__post_init__(
            _given(
                cb.Smoothed,
                classifier=bright,
                law=lambda x: cb.Gaussian(sigma=float(x.std())),
                space=cb.Grid.uint8(),
            )
        )
