"""What runs a classifier, in words: another backend or precision is another classifier."""

import torch

from certiball.classifiers import Classifier
from certiball.classifiers.torch import TorchClassifier


def backend(classifier: Classifier) -> str:
    """What runs a classifier: for torch modules the kind of device and the type of numbers."""
    if not isinstance(classifier, TorchClassifier):
        return type(classifier).__name__
    weight = next(classifier.model.parameters(), torch.empty(0))
    return f"torch {weight.device.type} {str(weight.dtype).removeprefix('torch.')}"
