"""What a model raises to leave the program is an error of the model."""

import pytest
import torch

from certiball.classifiers.function import FunctionClassifier
from certiball.classifiers.leaving import staying
from certiball.errors import ModelError


def test_leaving_is_a_model_error():
    def leaves(x):
        raise SystemExit(0)

    with pytest.raises(ModelError, match=r"raised SystemExit \(0\), which would end"):
        FunctionClassifier(leaves, num_classes=2)(torch.zeros(1, 2))


@pytest.mark.parametrize("kind", [KeyboardInterrupt, GeneratorExit, ValueError])
def test_all_else_passes(kind):
    with pytest.raises(kind), staying():
        raise kind
