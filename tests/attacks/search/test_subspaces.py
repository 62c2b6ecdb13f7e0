"""Spans of directions against what they should hold."""

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from attacks.half_spaces import gaussian_weights
from certiball.attacks.search.frequency import lowest_square
from certiball.attacks.search.subspaces import (
    Basis,
    Everything,
    LowFrequencies,
    Upsampling,
    gradient_basis,
)
from certiball.classifiers.function import FunctionClassifier
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError


@pytest.mark.parametrize("shape", [(3, 8, 8), (1, 7, 10), (6, 4)], ids=str)
@pytest.mark.parametrize("factor", [1, 2, 4])
def test_upsampling_is_torchs_bilinear_interpolation(shape, factor):
    span = Upsampling(factor=factor).span(shape)
    drawn = np.random.default_rng(0).standard_normal((5, span.count))
    small = torch.from_numpy(drawn.reshape(5, *span.small))
    picture = small if len(shape) == 3 else small[:, None]
    wanted = interpolate(picture, size=shape[-2:], mode="bilinear", align_corners=False)
    np.testing.assert_allclose(span.inputs(drawn), wanted.reshape(5, *shape), atol=1e-12)


def test_upsampling_of_inputs_without_rows_and_columns():
    span = Upsampling(factor=2).span((6,))
    assert span.count == 3
    np.testing.assert_allclose(
        span.inputs(np.array([[0.0, 1.0, 0.0]])), [[0, 0.25, 0.75, 0.75, 0.25, 0]]
    )


def test_everything_is_everything():
    span = Everything(shape=(2, 3))
    assert span.count == 6
    np.testing.assert_array_equal(span.inputs(np.eye(6)).reshape(6, 6), np.eye(6))


def test_low_frequencies_are_those_of_the_picture():
    span, wanted = LowFrequencies(factor=4).span((3, 8, 8)), lowest_square((3, 8, 8), side=2)
    assert span.count == 12
    np.testing.assert_array_equal(span.inputs(np.eye(12)), wanted.inputs(np.eye(12)))


def test_gradients_of_a_model_give_the_directions_that_it_looks_at():
    """Three classes have weights in a plane: two directions hold all gradients, and are it."""
    plane = np.linalg.qr(gaussian_weights(12, 2))[0].T
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 3, bias=False))
    mix = np.array([[2.0, 1.0], [-1.0, 3.0], [0.5, -2.0]])
    model[1].weight.data.copy_(torch.from_numpy(mix @ plane))
    x = np.random.default_rng(0).uniform(size=(9, 3, 2, 2)).astype(np.float32)
    reference = TorchClassifier(model, num_classes=3)
    found = gradient_basis(reference, x, np.arange(9) % 3, count=2)
    assert found.directions.shape == (2, 3, 2, 2)
    basis = found.directions.reshape(2, 12)
    np.testing.assert_allclose(basis @ basis.T, np.eye(2), atol=1e-6)
    np.testing.assert_allclose(basis @ plane.T @ plane, basis, atol=1e-6)
    np.testing.assert_allclose(found.inputs(np.array([[3.0, 0.0]]))[0], 3 * found.directions[0])


def test_repr_tells_bases_apart():
    """Keys are made of it: NumPy's own leaves out the middle of large arrays."""
    one = np.random.default_rng(0).standard_normal((20, 3, 32, 32))
    other = one.copy()
    other[10, 1, 16, 16] += 1
    assert repr(Basis(directions=one)) == repr(Basis(directions=one.copy()))
    assert repr(Basis(directions=one)) != repr(Basis(directions=other))


def linear(weights):
    model = torch.nn.Linear(2, 2, bias=False)
    model.weight.data.copy_(torch.tensor(weights))
    return TorchClassifier(model, num_classes=2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Upsampling(factor=0), "factor must be at least 1, not 0"),
        (lambda: LowFrequencies(factor=-1), "factor must be at least 1, not -1"),
        (lambda: Basis(directions=np.zeros((0, 4))), "a basis needs directions"),
        (lambda: Basis(directions=np.array([[np.nan]])), "a basis needs directions"),
        (lambda: Basis(directions=np.eye(4)).span((2, 2)), r"inputs of shape \[4\], not \[2, 2\]"),
        (
            lambda: gradient_basis(
                linear([[1.0, 0.0], [0.0, 1.0]]), np.ones((1, 2)), np.zeros(1, np.int64), count=2
            ),
            "1 gradients of 2 numbers have from 1 to 1 directions, not 2",
        ),
        (
            lambda: gradient_basis(
                linear([[1.0, 0.0], [0.0, 1.0]]), np.ones((2, 2)), np.zeros(1, np.int64), count=1
            ),
            "not one for each of 2 inputs",
        ),
        (
            lambda: gradient_basis(
                linear([[1.0, 0.0], [1.0, 0.0]]), np.ones((1, 2)), np.zeros(1, np.int64), count=1
            ),
            "all gradients of the reference model are 0",
        ),
        (
            lambda: gradient_basis(
                FunctionClassifier(lambda x: x[:, 0] > 0, num_classes=2),
                np.ones((1, 2)),
                np.zeros(1, np.int64),
                count=1,
            ),
            "has no gradients",
        ),
    ],
    ids=[
        "factor 0",
        "factor -1",
        "none",
        "nan",
        "shape",
        "too many",
        "labels",
        "zero",
        "no gradients",
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
