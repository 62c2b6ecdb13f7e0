import numpy as np
import pytest
import torch

from certiball.classifiers.function import FunctionClassifier
from certiball.errors import InputError, ModelError

BATCH = torch.linspace(0, 1, 8).reshape(4, 2, 1)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: (x.mean((1, 2)) > 0.5).astype(int),
        lambda x: x.mean((1, 2)) > 0.5,
        lambda x: [int(row.mean() > 0.5) for row in x],
        lambda x: np.stack([0.5 - x.mean((1, 2)), x.mean((1, 2)) - 0.5], axis=1),
    ],
)
def test_labels_lists_and_scores(function):
    output = FunctionClassifier(function, num_classes=2)(BATCH)
    labels = output.argmax(1) if output.ndim == 2 else output
    assert labels.tolist() == [0, 0, 1, 1]


def test_torch_functions_get_tensors():
    classifier = FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2, takes="torch")
    assert classifier(BATCH).tolist() == [False, False, True, True]


def test_only_named_functions_are_identified():
    labels = FunctionClassifier(lambda x: np.zeros(len(x), int), num_classes=2)
    assert labels.digest(BATCH) is None
    named = [
        FunctionClassifier(f, num_classes=2, name=name).digest(BATCH)
        for name in ("v1", "v2")
        for f in (lambda x: np.zeros(len(x), int), lambda x: np.ones(len(x), int))
    ]
    assert len(set(named)) == 4


def test_bad_answers_and_arguments():
    with pytest.raises(ModelError, match="returned <U1 values: it must return class indices"):
        FunctionClassifier(lambda x: ["a"] * len(x), num_classes=2)(BATCH)
    with pytest.raises(InputError, match="takes must be"):
        FunctionClassifier(len, num_classes=2, takes="jax")
    with pytest.raises(InputError, match="num_classes"):
        FunctionClassifier(len, num_classes=0)
