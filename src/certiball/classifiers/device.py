"""Where a classifier computes."""

import torch

from certiball.classifiers import Classifier
from certiball.classifiers.regressor import Regressor
from certiball.classifiers.torch import TorchClassifier


def device_of(classifier: Classifier) -> torch.device:
    """The device of a torch module's first weight; the host for all other classifiers."""
    if isinstance(classifier, Regressor):
        classifier = classifier.run
    if isinstance(classifier, TorchClassifier):
        return next(classifier.model.parameters(), torch.empty(0)).device
    return torch.device("cpu")
