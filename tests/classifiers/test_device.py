import numpy as np
import torch
from torch import nn

from certiball import FunctionClassifier, TorchClassifier
from certiball.classifiers.device import device_of


def test_a_module_is_where_its_weights_are():
    elsewhere = nn.Linear(2, 2, device="meta")
    assert device_of(TorchClassifier(elsewhere, 2)) == torch.device("meta")
    assert device_of(TorchClassifier(nn.Linear(2, 2), 2)) == torch.device("cpu")


def test_what_has_no_weights_is_on_the_host():
    bright = FunctionClassifier(lambda x: np.zeros(len(x), int), num_classes=2)
    for classifier in (bright, TorchClassifier(nn.Flatten(), 2)):
        assert device_of(classifier) == torch.device("cpu")
