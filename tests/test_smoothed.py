import numpy as np
import pytest

from certiball import FunctionClassifier, Gaussian, Grid, Reals, Smoothed
from certiball.errors import InputError
from certiball.smoothed import encode, encode_nearest

ANY = FunctionClassifier(lambda x: np.zeros(len(x), int), num_classes=2)


def test_the_space_must_be_stated():
    g = object.__new__(Smoothed)  # past the type checks that only tests have
    object.__setattr__(g, "space", "uint8")
    with pytest.raises(InputError, match="space must be a Grid or Reals, not 'uint8'"):
        g.__post_init__()


def test_the_sampler_is_built_once():
    g = Smoothed(ANY, Gaussian(sigma=1.0), space=Grid.uint8())
    assert g.sampler is g.sampler


def test_inputs_become_levels_or_checked_values():
    image = np.array([[[0.0, 1.0]]])
    assert encode(Grid.uint8(), image).tolist() == [[[0, 255]]]
    assert encode(Reals(), image).dtype == np.float32
    assert encode_nearest(Grid.uint8(), image + 0.1).tolist() == [[[26, 280]]]
    assert encode_nearest(Reals(low=0.0, high=1.0), image + 0.5).max() == 1.5


@pytest.mark.parametrize("encoder", [encode, encode_nearest])
@pytest.mark.parametrize("empty", [np.zeros((0, 2)), np.zeros(3), np.zeros((2, 0))])
def test_what_is_no_batch_is_refused(encoder, empty):
    with pytest.raises(InputError, match=r"non-empty batch \[n, ...\], not shape .* x\[None\]"):
        encoder(Grid.uint8(), empty)
