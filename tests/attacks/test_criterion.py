import numpy as np
import pytest
import torch

from certiball.attacks.criterion import Misclassification, TargetedMisclassification, criterion_of
from certiball.errors import InputError

OWNERS = np.array([0, 0, 1])


def test_labels_stand_for_leaving_them():
    for labels in ([3, 5], np.array([3, 5]), torch.tensor([3, 5])):
        criterion = criterion_of(labels, inputs=2, classes=10)
        assert criterion.met(np.array([3, 4, 5]), OWNERS).tolist() == [False, True, False]


def test_criteria_combine():
    both = Misclassification([3, 5]) & TargetedMisclassification([4, 6])
    assert both.met(np.array([4, 5, 6]), OWNERS).tolist() == [True, False, True]
    assert both.labels().tolist() == [3, 5]
    assert both.targets().tolist() == [4, 6]
    turned = TargetedMisclassification([4, 6]) & Misclassification([3, 5])
    assert turned.labels().tolist() == [3, 5]
    assert turned.targets().tolist() == [4, 6]
    three = both & Misclassification([4, 1])
    assert three.met(np.array([4, 5, 6]), OWNERS).tolist() == [False, False, True]


def test_criteria_that_cannot_be_met_are_refused():
    with pytest.raises(InputError, match="for 1 and for 2 inputs"):
        Misclassification([3]) & TargetedMisclassification([4, 6])
    with pytest.raises(InputError, match="of its target class 3 already"):
        criterion_of(Misclassification([3]) & TargetedMisclassification([3]), 1, 10)
    with pytest.raises(InputError, match="target_classes must be whole numbers"):
        TargetedMisclassification([-1])


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros((40, 40)), r"not of shape \(40, 40\)"),
        (np.zeros(2000), "not float64"),
        (-np.arange(2000), "not -1999"),
        ([3], r"wrap a single input x as x\[None\]"),
    ],
    ids=["table", "floats", "negative", "no-batch"],
)
def test_what_is_wrong_with_labels_is_said_in_one_line(labels, message):
    with pytest.raises(InputError, match=message) as refused:
        criterion_of(labels, inputs=3, classes=10)
    assert "\n" not in str(refused.value)
