"""The doctor's word on how often another precision gives another label."""

import re

import numpy as np
import pytest
import torch
from torch import nn

from certiball.classifiers.torch import TorchClassifier
from certiball.datasets.arrays import ArrayDataset
from certiball.laws.gaussian import Gaussian
from certiball.runs.agreement import _differences, agreement
from certiball.runs.constancy import rebatched, repeats
from certiball.runs.doctor import COPIES, admit
from certiball.runs.finding import Level
from certiball.runs.patient import noisy_batches
from certiball.smoothed import Smoothed
from certiball.spaces import Grid


class Near(nn.Module):
    """Two classes that float32 tells apart, and bfloat16 the less the larger both scores are."""

    def __init__(self, gap, base=0.0):
        super().__init__()
        self.offset = nn.Parameter(torch.tensor([[base, base + gap]]))

    def forward(self, x):
        mean = x.flatten(1).mean(1, keepdim=True)
        return torch.cat([mean, torch.full_like(mean, 0.5)], 1) + self.offset


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setattr("certiball.runs.constancy.SECONDS", 0.02)
    monkeypatch.setattr("certiball.runs.patient.PATIENCE", 60.0)


@pytest.fixture
def greys():
    levels = np.linspace(0, 255, 30).astype(np.uint8)
    return ArrayDataset(
        name="greys",
        space=Grid.uint8(),
        classes=("dark", "light"),
        inputs=np.tile(levels[:, None, None, None], (1, 1, 4, 4)),
        labels=(levels > 127).astype(np.int64),
    )


def found(greys, base=0.0, **how):
    model = Near(0.0, base)
    g = Smoothed(TorchClassifier(model, 2, **how), Gaussian(sigma=0.25), space=greys.space)
    return admit(g, greys)


def test_the_same_model_agrees_with_itself(greys):
    finding = agreement(found(greys, dtype="float32"))
    same = f"0 of 30 inputs another label than eager float32, and 0 of {30 * COPIES}"
    assert same in finding.text
    assert finding.remedy == ""


def test_a_coarser_precision_is_counted_and_named(greys):
    finding = agreement(found(greys, base=4.0, dtype="bfloat16"))
    clean, noisy = (int(n) for n in re.findall(r"(\d+) (?:of \d+ inputs|of 1920)", finding.text))
    assert finding.level is Level.OK
    assert finding.text.startswith("torch cpu bfloat16 gives")
    assert 0 <= clean <= 2
    assert 0 < noisy < 60
    assert "deploy the model as it is run here" in finding.remedy


def test_the_counts_are_those_of_labels(greys):
    """Against a count of its own, on the noise that the finding drew."""
    patient = found(greys, dtype="bfloat16")
    batches = list(noisy_batches(patient))
    assert len(batches) == COPIES
    assert all(batch.shape == patient.batch.shape for batch in batches)
    stacked = torch.stack(batches)
    noise = stacked - patient.batch
    assert abs(float(noise.std()) - 0.25) < 0.01
    assert abs(float(noise.mean())) < 0.01
    means = stacked.flatten(2).mean(2)
    labels = (means <= 0.5).long()
    low = torch.stack([patient.g.classifier(batch).argmax(1) for batch in batches])
    both = sum(
        _differences(patient.g.classifier, TorchClassifier(Near(0.0), 2), batch)
        for batch in batches
    )
    close = int(((means - 0.5).abs() < 1e-6).sum())  # where float32 means may round either way
    assert abs(both - int((low != labels).sum())) <= close


def test_roundings_of_a_coarser_precision_are_no_fault(greys):
    assert rebatched(found(greys, dtype="bfloat16")).level is Level.OK
    # The types that these tests check at run time draw from Python's generator, and are warned of.
    again = repeats(found(greys, dtype="bfloat16"))
    assert again.level is not Level.FAIL
    assert again.text.startswith("the same answers to 1,950 inputs asked twice, and in ")
