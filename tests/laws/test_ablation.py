from fractions import Fraction
from math import comb

import numpy as np
import pytest

from certiball.errors import InputError
from certiball.laws import Law
from certiball.laws.ablation import Ablation


def test_what_the_model_sees():
    law = Ablation(keep=5, pixels=64)
    assert isinstance(law, Law)
    assert law.seen((1, 8, 8)) == (2, 8, 8)
    assert law.seen((3, 8, 8)) == (6, 8, 8)
    assert law.seen((8, 8)) == (2, 8, 8)
    assert law.seen((64,)) == (2, 64)
    assert law.deviation(192) is None
    assert str(law) == "Ablation(keep=5, pixels=64)"


@pytest.mark.parametrize("shape", [(1, 8, 9), (192,), (2, 8)])
def test_shapes_that_do_not_fit(shape):
    with pytest.raises(InputError, match=r"is for inputs of 64 pixels, and .* give pixels="):
        Ablation(keep=5, pixels=64).seen(shape)


def test_channels_last_are_no_pixels():
    """A row of 32 numbers of one channel would count as one pixel, and a pixel as three."""
    with pytest.raises(InputError, match=r"\[32, 32, 3\] have their channels last"):
        Ablation(keep=5, pixels=96).seen((32, 32, 3))


@pytest.mark.parametrize(("keep", "pixels"), [(65, 64), (0, 64), (-1, 64), (1, 0)])
def test_numbers_out_of_range(keep, pixels):
    with pytest.raises(InputError, match=rf"keep must be from 1 to the {pixels} pixels.*{keep}"):
        Ablation(keep=keep, pixels=pixels)


def test_more_pixels_than_any_image_has():
    with pytest.raises(InputError, match="pixels must be at most 16777216, not 16777217: scale"):
        Ablation(keep=1, pixels=2**24 + 1)


def test_equal_laws_are_equal_and_numpy_numbers_are_numbers():
    assert Ablation(keep=5, pixels=64) == Ablation(keep=int(np.int64(5)), pixels=64)
    assert hash(Ablation(keep=5, pixels=64)) == hash(Ablation(keep=5, pixels=64))


def test_slack_is_the_chance_of_two_equal_words():
    law = Ablation(keep=45, pixels=784)
    assert law.slack(None, 784) == law.slack(Fraction(1, 255), 3 * 784)
    assert law.slack(None, 784) == Fraction(comb(784, 2), 2**64) < Fraction(1, 10**13)


@pytest.mark.parametrize(("bits", "pixels", "keep"), [(1, 3, 1), (2, 3, 2), (2, 4, 2)])
def test_equal_words_cost_no_more_than_their_chance(bits, pixels, keep):
    """All words of a few bits: how far the sampler's rule is from a uniform choice, exactly."""
    words = np.stack(np.meshgrid(*[np.arange(2**bits)] * pixels), -1).reshape(-1, pixels)
    kept = words <= np.partition(words, keep - 1, axis=1)[:, keep - 1, None]
    patterns, counts = np.unique(kept, axis=0, return_counts=True)
    share = Fraction(1, comb(pixels, keep))
    meant = [share if row.sum() == keep else Fraction(0) for row in patterns]
    drawn = [Fraction(int(count), len(words)) for count in counts]
    excess = sum(max(d - m, Fraction(0)) for d, m in zip(drawn, meant, strict=True))
    assert 0 < excess <= Fraction(comb(pixels, 2), 2**bits)


def test_pixels_that_differ_are_counted_once():
    law = Ablation(keep=2, pixels=4)
    first = np.zeros((3, 2, 2), int)
    second = first.copy()
    second[:, 0, 1] = 7
    assert law.changed(first, second) == 1
    second[2, 1, 1] = 1
    assert law.changed(first, second) == 2
    assert law.changed(first[0], second[0]) == 1
    assert law.changed(first, first) == 0
    with pytest.raises(InputError, match="give pixels=9"):
        law.changed(np.zeros((3, 3)), np.ones((3, 3)))
