import numpy as np
import pytest
import torch

import certiball as cb
from certiball.classifiers import Classifier
from certiball.classifiers.device import device_of
from certiball.errors import InputError, ModelError


def test_functions_and_modules_give_columns():
    batch = torch.ones(3, 2)
    for model in (
        cb.Regressor(lambda x: x.sum(1)),
        cb.Regressor(lambda x: x.sum(1), takes="torch"),
        cb.Regressor(torch.nn.Linear(2, 1)),
        cb.Regressor(lambda x: x.sum(1)[:, None]),
    ):
        assert model(batch).shape == (3, 1)
        assert isinstance(model, Classifier)
    assert cb.Regressor(torch.nn.Linear(2, 4), outputs=4)(batch).shape == (3, 4)


def test_digests_are_those_of_what_is_wrapped():
    probes = torch.zeros(2, 2)
    module = torch.nn.Linear(2, 1)
    before = cb.Regressor(module).digest(probes)
    assert before == cb.Regressor(module).digest(probes)
    with torch.no_grad():
        module.weight += 1
    assert cb.Regressor(module).digest(probes) != before
    assert cb.Regressor(lambda x: x.sum(1)).digest(probes) is None
    assert cb.Regressor(lambda x: x.sum(1), name="sum").digest(probes) is not None


def test_it_computes_where_its_module_does():
    module = torch.nn.Linear(2, 1, device="meta")
    assert device_of(cb.Regressor(module)).type == "meta"
    assert device_of(cb.Regressor(lambda x: x.sum(1))).type == "cpu"


def test_refusals():
    with pytest.raises(InputError, match="outputs must be at least 1, not 0"):
        cb.Regressor(lambda x: x, outputs=0)
    with pytest.raises(InputError, match='takes must be "numpy" or "torch"'):
        cb.Regressor(lambda x: x, takes="jax")
    with pytest.raises(ModelError, match=r"it must return floats \[2, 1\]; check outputs"):
        cb.Regressor(lambda x: np.zeros((2, 3)))(torch.zeros(2, 2))
    with pytest.raises(ModelError, match="it must return floats"):
        cb.Regressor(lambda x: np.zeros(2, dtype=int))(torch.zeros(2, 2))


@pytest.mark.parametrize("outputs", [1, 3])
def test_numbers_are_no_votes(outputs):
    model = cb.Regressor(lambda x: np.ones((len(x), outputs), np.float32), outputs=outputs)
    g = cb.Smoothed(model, cb.Gaussian(sigma=0.25), space=cb.Grid.uint8())
    with pytest.raises(InputError, match="a Regressor answers numbers.*: certify_median"):
        cb.certify(g, np.zeros((1, 2, 2), np.uint8), plan=cb.FixedSamples(n0=10, n=100))
