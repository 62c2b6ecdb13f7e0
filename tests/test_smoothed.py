import numpy as np
import pytest

from certiball import FunctionClassifier, Gaussian, Grid, Reals, Smoothed
from certiball.errors import InputError
from certiball.smoothed import encode, encode_nearest

ANY = FunctionClassifier(lambda x: np.zeros(len(x), int), num_classes=2)


@pytest.mark.parametrize(
    ("part", "wrong", "message"),
    [
        ("classifier", len, "builtin_function_or_method is no classifier .* wrap it in Torch"),
        ("law", 0.25, "the law must be noise such as .*, not 0.25"),
        ("space", "uint8", "space must be a Grid or Reals, not 'uint8'"),
    ],
)
def test_each_part_must_be_what_it_stands_for(part, wrong, message):
    g = object.__new__(Smoothed)  # past the type checks that only tests have
    right = {"classifier": ANY, "law": Gaussian(sigma=1.0), "space": Grid.uint8()}
    for name, value in {**right, part: wrong}.items():
        object.__setattr__(g, name, value)
    with pytest.raises(InputError, match=message):
        g.__post_init__()


def test_inputs_must_be_one_array_of_numbers():
    for ragged in ([[1], [2, 3]], [["a"]], [[None]]):
        with pytest.raises(InputError, match="inputs must be"):
            encode_nearest(Grid.uint8(), ragged)


def test_the_sampler_is_built_once():
    g = Smoothed(ANY, Gaussian(sigma=1.0), space=Grid.uint8())
    assert g.sampler((1, 2, 2)) is g.sampler((1, 2, 2))


def test_inputs_become_levels_or_checked_values():
    image = np.array([[[0.0, 1.0]]])
    assert encode(Grid.uint8(), image).tolist() == [[[0, 255]]]
    assert encode(Reals(), image).dtype == np.float32
    assert encode_nearest(Grid.uint8(), image + 0.1).tolist() == [[[26, 281]]]  # 1.1 is more
    assert encode_nearest(Reals(low=0.0, high=1.0), image + 0.5).max() == 1.5


@pytest.mark.parametrize("encoder", [encode, encode_nearest])
@pytest.mark.parametrize("empty", [np.zeros((0, 2)), np.zeros(3), np.zeros((2, 0))])
def test_what_is_no_batch_is_refused(encoder, empty):
    with pytest.raises(InputError, match=r"non-empty batch \[n, ...\], not shape .* x\[None\]"):
        encoder(Grid.uint8(), empty)
