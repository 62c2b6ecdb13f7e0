"""The pre-flight finds what would spoil a run."""

import numpy as np
import pytest
import torch
from torch import nn

from certiball.balls import Norm
from certiball.certification.plan import FixedSamples
from certiball.claim import Claim, Rule
from certiball.classifiers.function import FunctionClassifier
from certiball.classifiers.torch import TorchClassifier
from certiball.datasets.arrays import ArrayDataset
from certiball.errors import InputError
from certiball.laws.exponential_blur import ExponentialBlur
from certiball.laws.gaussian import Gaussian
from certiball.runs import accuracy, doctor
from certiball.runs.doctor import diagnose
from certiball.runs.finding import Level
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Reals


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setattr("certiball.tuning.SECONDS", 0.001)
    monkeypatch.setattr("certiball.tuning.BATCHES", (16,))
    monkeypatch.setattr("certiball.runs.constancy.SECONDS", 0.02)
    monkeypatch.setattr("certiball.runs.patient.PATIENCE", 60.0)
    monkeypatch.setattr("certiball.runs.doctor.COPIES", 8)


@pytest.fixture
def greys():
    levels = np.linspace(0, 255, 30).astype(np.uint8)
    return ArrayDataset(
        name="greys",
        space=Grid.uint8(),
        classes=("dark", "light"),
        inputs=np.tile(levels[:, None, None, None], (1, 1, 2, 2)),
        labels=(levels > 127).astype(np.int64),
    )


def _bright() -> nn.Sequential:
    linear = nn.Linear(4, 2)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[-1.0] * 4, [1.0] * 4]))
        linear.bias.copy_(torch.tensor([2.0, -2.0]))
    return nn.Sequential(nn.Flatten(), linear)


def _found(model, data, sigma=0.25, classes=2, n=1000, rule=Rule.ONE_SIDED):
    classifier = model
    if isinstance(model, nn.Module):
        classifier = TorchClassifier(model, num_classes=classes)
    g = Smoothed(classifier, Gaussian(sigma=sigma), space=data.space)
    claim = Claim(law=g.law, norm=Norm.L2, rule=rule, alpha=1e-3, space=data.space)
    findings = diagnose(g, data, claim, FixedSamples(n0=100, n=n), 30)
    return {finding.check: finding for finding in findings}


def test_a_healthy_model_passes_everything(greys):
    found = _found(_bright(), greys)
    assert [finding.level for finding in found.values()] == [Level.OK] * 15
    assert found["clean accuracy"].text == "100.0% of 30 inputs"
    assert "for 30 inputs with FixedSamples(n0=100, n=1000)" in found["throughput"].text


def test_functions_have_no_train_mode(greys):
    function = FunctionClassifier(lambda x: x.mean((1, 2, 3)) > 0.5, num_classes=2)
    found = _found(function, greys)
    assert found["eval mode"].text == "not a torch module"
    assert {finding.level for finding in found.values()} == {Level.OK}


class Stubborn(nn.Dropout):
    """Dropout that stays in train mode."""

    def train(self, mode=True):
        return super().train(True)


def test_a_part_in_train_mode_fails(greys):
    found = _found(nn.Sequential(_bright(), Stubborn()), greys)
    assert found["eval mode"].level is Level.FAIL
    assert "'1' is in train mode" in found["eval mode"].text
    assert "throughput" not in found


def test_statistics_of_the_batch_fail(greys):
    model = nn.Sequential(nn.BatchNorm2d(1, track_running_stats=False), _bright())
    found = _found(model, greys)
    assert found["eval mode"].level is Level.FAIL
    assert "statistics of the batch" in found["eval mode"].text


class Noisy(nn.Module):
    """Answers at random."""

    def forward(self, x):
        return torch.rand(len(x), 2)


class Centred(nn.Module):
    """Subtracts the mean of its batch."""

    def __init__(self):
        super().__init__()
        self.inner = _bright()

    def forward(self, x):
        return self.inner(x - x.mean(0) + 0.5)


def test_answers_that_change_fail(greys):
    assert _found(Noisy(), greys)["repeated calls"].level is Level.FAIL
    found = _found(Centred(), greys)
    assert found["repeated calls"].level is Level.OK
    assert found["other batches"].level is Level.FAIL


def test_labels_that_change_fail(greys):
    function = FunctionClassifier(lambda x: np.arange(len(x)) % 2, num_classes=2)
    found = _found(function, greys)
    assert found["other batches"].level is Level.FAIL
    assert found["clean accuracy"].level in (Level.WARN, Level.FAIL)


class Broken(nn.Module):
    """NaN for light inputs."""

    def forward(self, x):
        mean = x.mean((1, 2, 3))
        return torch.stack([mean, torch.where(mean > 0.9, torch.nan, 1 - mean)], 1)


class OneOnly(nn.Module):
    """Takes single inputs."""

    def forward(self, x):
        return x.reshape(1, 4)[:, :2]


@pytest.mark.parametrize(
    ("model", "classes", "words"),
    [
        (Broken(), 2, "NaN"),
        (_bright(), 3, "num_classes"),
        (OneOnly(), 2, "a batch of 30 fails"),
    ],
)
def test_output_that_is_no_vote_fails(greys, model, classes, words):
    found = _found(model, greys, classes=classes)
    assert found["output"].level is Level.FAIL
    assert words in found["output"].text
    assert "throughput" not in found


def test_classes_that_do_not_fit(greys):
    from dataclasses import replace

    more = replace(greys, classes=("dark", "light", "never"))
    assert _found(_bright(), more)["classes"].level is Level.WARN
    wrong = replace(more, labels=np.where(greys.labels == 1, 2, 0))
    assert _found(_bright(), wrong, sigma=0.3)["classes"].level is Level.FAIL


def test_data_that_is_scaled_wrongly_is_noticed(greys):
    from dataclasses import replace

    dim = replace(greys, inputs=greys.inputs // 20)
    assert _found(_bright(), dim)["input range"].level is Level.WARN
    boundless = ArrayDataset(
        name="floats",
        space=Reals(),
        classes=greys.classes,
        inputs=(greys.inputs / 255).astype(np.float32),
        labels=greys.labels,
    )
    assert _found(_bright(), boundless)["input range"].level is Level.OK
    beyond = replace(boundless, inputs=boundless.inputs * np.float32(1.0000001))
    assert _found(_bright(), beyond)["input range"].text.startswith("values 0…1.0000001 in ")


def test_a_model_that_guesses_is_noticed(greys):
    from dataclasses import replace

    swapped = replace(greys, labels=1 - greys.labels)
    found = _found(_bright(), swapped)
    assert found["clean accuracy"].level is Level.FAIL
    assert found["accuracy under noise"].level is Level.WARN
    assert "train with this noise" in found["accuracy under noise"].remedy


def test_a_weak_model_is_warned_of(greys, monkeypatch):
    many = TorchClassifier(nn.Sequential(nn.Flatten(), nn.Linear(4, 10)), num_classes=10)
    g = Smoothed(many, Gaussian(sigma=0.25), space=greys.space)
    patient = doctor.admit(g, greys)
    for rate in (0.4, 0.55):
        clean = accuracy._accuracy(patient, "accuracy", rate, "")
        assert clean.level is Level.WARN
        assert "normalisation (--mean and --std), channel order" in clean.remedy
        assert "votes" not in clean.remedy
    assert accuracy._accuracy(patient, "accuracy", 0.6, "").level is Level.OK
    words = {Rule.ONE_SIDED: "more than half", Rule.TWO_CLASS: "lead", Rule.EVERY_CLASS: "lead"}
    for rule, said in words.items():
        monkeypatch.setattr(accuracy, "_rate", lambda *_: 0.4)
        noisy = accuracy.noisy_accuracy(patient, rule)
        assert noisy.level is Level.WARN
        assert said in noisy.remedy
        monkeypatch.setattr(accuracy, "_rate", lambda *_: 0.55)
        assert accuracy.noisy_accuracy(patient, rule).level is Level.OK


def test_no_grid_is_advised_to_a_law_that_has_none(greys):
    law = ExponentialBlur(scale=0.5)
    claim = Claim(law=law, norm=Norm.PARAMETER, rule=Rule.ONE_SIDED, alpha=1e-3, space=Reals())
    found = doctor.noise_mode(claim)
    assert found.level is Level.WARN
    assert "has no version on a grid" in found.text
    assert found.remedy == ""
    added = Claim(
        law=Gaussian(sigma=0.25), norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=1e-3, space=Reals()
    )
    assert "--space" in doctor.noise_mode(added).remedy


@pytest.mark.parametrize(
    ("rule", "smallest"), [(Rule.ONE_SIDED, 10), (Rule.TWO_CLASS, 11)], ids=["one", "two"]
)
def test_a_plan_that_cannot_certify_fails_with_the_smallest_n(greys, rule, smallest):
    plan = _found(_bright(), greys, n=9, rule=rule)["plan"]
    assert plan.level is Level.FAIL
    assert plan.text.startswith("n = 9 cannot certify at alpha = 0.001")
    assert plan.remedy == f"n must be at least {smallest}"
    assert _found(_bright(), greys, n=smallest, rule=rule)["plan"].level is Level.OK


def test_noise_in_other_units_is_noticed(greys):
    noise = _found(_bright(), greys, sigma=64.0)["noise"]
    assert noise.level is Level.WARN
    assert noise.remedy.endswith("inputs run from 0 to 1; for 8-bit units divide by 255")


def test_inputs_that_do_not_belong_are_a_finding(greys, monkeypatch):
    def refused(g, data):
        raise InputError("input 0: 7 is outside")

    monkeypatch.setattr(doctor, "admit", refused)
    found = _found(_bright(), greys)
    assert found["model and data"].text == "input 0: 7 is outside"
