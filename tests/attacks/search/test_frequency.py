"""Low frequencies: an orthonormal basis, in the order of a zig-zag."""

import numpy as np
import pytest

from certiball.attacks.search.frequency import Frequencies, lowest, lowest_square
from certiball.errors import InputError

SHAPES = [(12,), (1,), (5, 7), (3, 6, 4), (2, 19, 8)]


def names(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def basis(frequencies: Frequencies) -> np.ndarray:
    """The basis as a matrix [kept, d], column by column out of `inputs`."""
    return frequencies.inputs(np.eye(frequencies.count)).reshape(frequencies.count, -1)


@pytest.mark.parametrize("shape", SHAPES, ids=names)
@pytest.mark.parametrize("block", [None, 4, 8])
def test_the_basis_is_orthonormal_and_coefficients_are_its_inner_products(
    shape: tuple[int, ...], block: int | None
) -> None:
    rng = np.random.default_rng(1)
    for frequencies in (
        lowest(shape, fraction=0.5, block=block),
        lowest(shape, fraction=1.0, block=block),
        lowest_square(shape, side=3),
    ):
        vectors = basis(frequencies)
        assert np.abs(vectors @ vectors.T - np.eye(frequencies.count)).max() < 1e-12
        inputs = rng.standard_normal((3, *shape))
        found = frequencies.coefficients(inputs)
        assert np.abs(found - inputs.reshape(3, -1) @ vectors.T).max() < 1e-12


@pytest.mark.parametrize("shape", SHAPES, ids=names)
def test_all_frequencies_give_the_inputs_back(shape: tuple[int, ...]) -> None:
    inputs = np.random.default_rng(2).standard_normal((2, *shape))
    for block in (None, 3):
        frequencies = lowest(shape, fraction=1.0, block=block)
        again = frequencies.inputs(frequencies.coefficients(inputs))
        assert np.abs(again - inputs).max() < 1e-12


def test_the_basis_is_the_cosines_of_the_text() -> None:
    # DCT-II, orthonormal: c_k cos(π(2i + 1)k / 2n), c_0 = √(1/n), c_k = √(2/n).
    size = 6
    i, k = np.indices((size, size))
    cosines = np.sqrt(2 / size) * np.cos(np.pi * (2 * i + 1) * k / (2 * size))
    cosines[:, 0] = np.sqrt(1 / size)
    assert np.abs(basis(lowest((size,), fraction=1.0)) - cosines.T).max() < 1e-12
    pictures = basis(lowest((size, size), fraction=1.0)).reshape(size, size, size, size)
    assert np.abs(pictures - np.einsum("ik,jl->klij", cosines, cosines)).max() < 1e-12


def test_zig_zag_is_that_of_jpeg() -> None:
    # The order in which JPEG (ITU T.81, figure 5) reads an 8 × 8 block begins 0, 1, 8, 16, 9, 2.
    order = [0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5]
    for kept in range(1, len(order) + 1):
        found = lowest((8, 8), fraction=kept / 64)
        assert found.places.tolist() == sorted(order[:kept])


def test_blocks_keep_the_same_frequencies_each() -> None:
    kept = np.zeros((2, 20, 16), dtype=bool)
    kept.flat[lowest((2, 20, 16), fraction=3 / 64, block=8).places] = True
    corner = np.zeros((8, 8), dtype=bool)
    corner.flat[[0, 1, 8]] = True
    assert (kept == np.tile(corner, (3, 2))[:20]).all()


def test_a_block_touches_its_own_pixels_alone() -> None:
    pictures = basis(lowest((12, 8), fraction=1.0, block=8)).reshape(-1, 12, 8)
    upper, lower = np.abs(pictures[:, :8]).max((1, 2)) > 0, np.abs(pictures[:, 8:]).max((1, 2)) > 0
    assert upper.sum() == 64
    assert (upper != lower).all()


def test_low_means_smooth() -> None:
    rng = np.random.default_rng(3)
    steps = []
    for fraction in (0.1, 0.5, 1.0):
        frequencies = lowest((32, 32), fraction=fraction)
        drawn = frequencies.inputs(rng.standard_normal((20, frequencies.count)))
        steps.append(np.sum(np.diff(drawn, axis=-1) ** 2) / np.sum(drawn**2))
    assert steps[0] < 0.5 * steps[1] < 0.5 * steps[2]


def test_squares_of_frequencies() -> None:
    assert lowest_square((2, 3, 5), side=2).places.tolist() == [0, 1, 5, 6, 15, 16, 20, 21]
    assert lowest_square((3, 28, 28), side=75).count == 3 * 28 * 28
    assert lowest_square((9,), side=2).places.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    "wrong",
    [{"fraction": 0.0}, {"fraction": 1.5}, {"fraction": float("nan")}, {"block": 0}, {"shape": ()}],
    ids=["none", "more", "nan", "block", "shape"],
)
def test_what_has_no_frequencies_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"fraction|block|shape"):
        lowest(**{"shape": (4, 4), "fraction": 0.5, **wrong})
    with pytest.raises(InputError, match="side"):
        lowest_square((4, 4), side=0)
