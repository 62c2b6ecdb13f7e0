import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from certiball.classifiers.sklearn import SklearnClassifier
from certiball.errors import InputError

ROWS = np.random.default_rng(0).normal(size=(200, 4)).astype(np.float32)


def test_class_i_is_the_estimators_ith():
    names = np.where(ROWS[:, 0] > 0, "yes", "no")
    classifier = SklearnClassifier(LogisticRegression().fit(ROWS, names))
    assert classifier.num_classes == 2
    labels = classifier(torch.from_numpy(ROWS.reshape(200, 2, 2))).numpy()
    assert ((labels == 1) == (classifier.estimator.predict(ROWS) == "yes")).all()
    assert labels.dtype == np.int64


def test_digest_sees_the_fit():
    probes = torch.from_numpy(ROWS[:64])
    a, b = (LogisticRegression(C=c).fit(ROWS, ROWS[:, 0] > 0) for c in (1.0, 0.01))
    assert SklearnClassifier(a).digest(probes) == SklearnClassifier(a).digest(probes)
    assert SklearnClassifier(a).digest(probes) != SklearnClassifier(b).digest(probes)


def test_what_is_no_fitted_classifier_is_refused():
    with pytest.raises(InputError, match="StandardScaler has no classes_"):
        SklearnClassifier(StandardScaler().fit(ROWS))
    with pytest.raises(InputError, match="LogisticRegression has no classes_.*fitted"):
        SklearnClassifier(LogisticRegression())
