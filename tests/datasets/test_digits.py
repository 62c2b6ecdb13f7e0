from fractions import Fraction

import numpy as np

from certiball.datasets.digits import digits


def test_the_split_is_500_held_out_of_1797_and_never_overlaps():
    test, train = digits("test"), digits("train")
    assert (len(test), len(train)) == (500, 1297)
    together = np.concatenate([test.inputs, train.inputs]).reshape(1797, -1)
    from sklearn.datasets import load_digits

    original = load_digits().data.astype(int) * 16
    assert sorted(map(tuple, together.tolist())) == sorted(map(tuple, original.tolist()))


def test_the_split_is_the_same_on_every_machine():
    assert digits("test").labels[:12].tolist() == digits("test").labels[:12].tolist()
    assert digits("test").labels[:12].tolist() == EXPECTED


def test_the_grid_is_sixteen_times_finer_than_the_ink():
    data = digits()
    assert data.name == "digits (test)"
    assert (data.space.step, data.space.low, data.space.high) == (Fraction(1, 256), 0, 256)
    assert data[0][0].shape == (1, 8, 8)
    assert set(np.unique(data.inputs)) == set(range(0, 257, 16))
    assert data.classes == tuple("0123456789")
    assert set(data.labels.tolist()) == set(range(10))


EXPECTED = [3, 9, 1, 0, 6, 8, 5, 3, 8, 6, 5, 8]
