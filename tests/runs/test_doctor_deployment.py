"""The pre-flight finds what would void a certificate: each fault is planted once, and named."""

import random
from fractions import Fraction

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
from certiball.laws.bands import Bands
from certiball.laws.gaussian import Gaussian
from certiball.runs.agreement import autocast, pictures
from certiball.runs.constancy import eval_mode, rebatched, repeats
from certiball.runs.doctor import admit, diagnose
from certiball.runs.finding import Level
from certiball.runs.fitness import input_range
from certiball.smoothed import Smoothed
from certiball.spaces import Grid, Reals


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setattr("certiball.tuning.SECONDS", 0.001)
    monkeypatch.setattr("certiball.tuning.BATCHES", (16,))
    monkeypatch.setattr("certiball.runs.constancy.SECONDS", 0.02)
    monkeypatch.setattr("certiball.runs.patient.PATIENCE", 60.0)
    monkeypatch.setattr("certiball.runs.doctor.COPIES", 4)


def _data(space=None, change=lambda x: x):
    """Sixteen greys in three channels, dark and light."""
    levels = np.tile(np.linspace(0, 255, 16).astype(np.uint8)[:, None, None, None], (1, 3, 2, 2))
    inputs = levels if space is None else change(levels / 255).astype(np.float32)
    return ArrayDataset(
        name="greys",
        space=space or Grid.uint8(),
        classes=("dark", "light"),
        inputs=inputs,
        labels=(levels[:, 0, 0, 0] > 127).astype(np.int64),
    )


class Bright(nn.Module):
    """The mean against ½, and something done before."""

    def __init__(self, does=lambda own, x: x):
        super().__init__()
        self.linear = nn.Linear(12, 2)
        with torch.no_grad():
            self.linear.weight.copy_(torch.tensor([[-1.0], [1.0]]).expand(2, 12))
            self.linear.bias.copy_(torch.tensor([6.0, -6.0]))
        self.does, self.calls = does, 0

    def forward(self, x):
        self.calls += 1
        return self.linear(self.does(self, x).flatten(1))


def _patient(does=lambda own, x: x, data=None, **how):
    data = data or _data()
    model = does if isinstance(does, nn.Module) else Bright(does)
    return admit(Smoothed(TorchClassifier(model, 2, **how), Gaussian(sigma=0.25), data.space), data)


def _under_noise(own, x):
    outside = ((x < 0) | (x > 1)).flatten(1).any(1)
    return torch.where(outside[:, None, None, None], x + torch.rand_like(x), x)


@pytest.mark.parametrize(
    "does",
    [
        lambda own, x: nn.functional.dropout(x, 0.1, training=True),
        lambda own, x: x + 0.1 * torch.randn_like(x),
        _under_noise,
        lambda own, x: x * np.random.default_rng().random(),
        lambda own, x: x + own.calls % 2,
    ],
    ids=["functional dropout", "random layer", "under noise alone", "NumPy", "every other call"],
)
def test_answers_that_change_void_it(does):
    found = repeats(_patient(does))
    assert found.level is Level.FAIL
    assert found.text.startswith("asked again, ")
    assert found.remedy.endswith("no certificate follows from them")


def test_what_happens_in_one_of_a_thousand_calls_is_found(monkeypatch):
    """Seeded by a counter: no generator moves, and nothing but asking on can show it."""
    monkeypatch.setattr("certiball.runs.constancy.SECONDS", 60.0)
    found = repeats(_patient(lambda own, x: x if own.calls % 1000 else 1 - x))
    assert found.level is Level.FAIL
    assert found.text.startswith("in call ")
    assert "of the same batch, 1 of 1 labels change" in found.text


@pytest.mark.parametrize(
    ("does", "named"),
    [
        (lambda own, x: x if torch.rand(1) >= 0 else -x, "rand, the generator of torch"),
        (lambda own, x: x if np.random.rand() >= 0 else -x, "the generator of numpy"),  # noqa: NPY002
        (lambda own, x: x if random.random() >= 0 else -x, "the generator of python"),
        (lambda own, x: x + 0 * torch.randn(1, generator=torch.Generator()), "randn"),
    ],
    ids=["torch", "numpy", "python", "a generator of its own"],
)
def test_chance_too_rare_to_be_seen_is_warned_of(does, named):
    found = repeats(_patient(does))
    assert found.level is Level.WARN
    assert f"but the model draws random numbers ({named}" in found.text
    assert "is not seen here" in found.remedy


@pytest.mark.parametrize(
    ("does", "words"),
    [
        (lambda own, x: x - x.mean(0) + 0.5, "beside other inputs, "),
        (lambda own, x: x / x.max(), "beside other inputs, "),
        (lambda own, x: nn.functional.batch_norm(x, None, None, training=True), "beside other"),
        (
            lambda own, x: nn.functional.layer_norm(x.movedim(0, -1), (len(x),)).movedim(-1, 0),
            "beside other inputs, ",
        ),
        (lambda own, x: x + torch.arange(len(x))[:, None, None, None] / 9, "in other places"),
        (lambda own, x: x * len(x) / 16, "in batches of 7, "),
    ],
    ids=["mean", "range", "batch norm", "layer norm over the batch", "place", "size"],
)
def test_answers_that_depend_on_the_batch_void_it(does, words):
    assert repeats(_patient(does)).level is Level.OK
    found = rebatched(_patient(does))
    assert found.level is Level.FAIL
    assert words in found.text
    assert found.remedy.endswith("no certificate follows from them")


def test_one_hard_label_that_rounding_may_flip_is_a_warning():
    """One of 16 in batches of 7 alone: perhaps a tie. Many are no accident."""

    def answer(wrong):
        def labels(x):
            found = (x.mean((1, 2, 3)) > 0.5).astype(int)
            return np.where((len(x) <= 7) & (abs(x.mean((1, 2, 3))) < wrong), 1 - found, found)

        return FunctionClassifier(labels, num_classes=2)

    data = _data()
    for wrong, level in ((0.01, Level.WARN), (0.6, Level.FAIL)):
        many = np.repeat(data.inputs, 4, axis=0)
        wide = ArrayDataset(
            name="greys",
            space=data.space,
            classes=data.classes,
            inputs=np.concatenate([many[4:], many[:1]]),
            labels=np.repeat(data.labels, 4)[: len(many) - 3],
        )
        g = Smoothed(answer(wrong), Gaussian(sigma=0.25), data.space)
        assert rebatched(admit(g, wide)).level is level


@pytest.mark.parametrize(
    "does",
    [
        lambda own, x: x,
        lambda own, x: x.clamp(0, 1),
        lambda own, x: (x.clamp(0, 1) * 255).round() / 255,
        lambda own, x: nn.functional.interpolate(nn.functional.interpolate(x, (1, 1)), (2, 2)),
        lambda own, x: nn.functional.pad(x, (1, 1, 1, 1))[:, :, 1:-1, 1:-1],
        lambda own, x: nn.functional.instance_norm(x) + x,
    ],
    ids=["nothing", "clips", "8 bits", "resizes", "pads", "normalises each input"],
)
def test_what_is_done_to_each_input_by_itself_voids_nothing(does):
    """It is a part of the base classifier, and under noise as much a function as any."""
    for check in (eval_mode, repeats, rebatched):
        assert check(_patient(does)).level is Level.OK


def test_autocast_of_the_model_itself_is_a_part_of_it():
    class Low(Bright):
        def forward(self, x):
            with torch.autocast("cpu", torch.bfloat16):
                return super().forward(x)

    found = repeats(_patient(Low()))
    assert found.level is Level.OK
    assert found.text.endswith("it computes in bfloat16 inside, which is a part of it")
    assert rebatched(_patient(Low())).level is Level.OK
    assert "(bfloat16) 0 of 64 noisy inputs" in autocast(_patient(Low())).text


def test_autocast_around_the_model_is_counted():
    """Greys near ½ that bfloat16 cannot tell from it: what it changes is counted for itself."""
    near = _patient(lambda own, x: 0.5 + (x - 0.5) / 1024)
    found = autocast(near)
    assert found.level is Level.OK
    changed = int(found.text.partition(") ")[2].partition(" of 64")[0])
    assert changed > 0
    assert "of which a certificate says nothing" in found.remedy
    function = FunctionClassifier(lambda x: x.mean((1, 2, 3)) > 0.5, num_classes=2)
    data = _data()
    plain = admit(Smoothed(function, Gaussian(sigma=0.25), data.space), data)
    assert autocast(plain).text == "not a torch module"


def test_clipping_after_the_noise_is_counted():
    found = pictures(_patient(lambda own, x: torch.where(x < 0, x + 9, x)))
    assert found.level is Level.OK
    assert "rounded to 8 bits after the noise" in found.text
    assert int(found.text.partition("noise, ")[2].partition(" of 64")[0]) > 0
    assert "make another classifier" in found.remedy
    own = pictures(_patient(lambda own, x: (x.clamp(0, 1) * 255).round() / 255))
    assert own.text.startswith("the model makes 8-bit pictures of noisy inputs itself")
    fine = _data(Grid(step=Fraction(1, 1024), low=0, high=1024), lambda x: (x * 4).round() / 4)
    own = pictures(_patient(lambda own, x: x.clamp(0, 1), fine))
    assert own.text.startswith("the model clips noisy inputs itself")
    endless = _patient(data=_data(Reals()))
    assert pictures(endless).text == "the space has no ends to clip at"


def test_a_model_is_not_said_to_clip_what_never_leaves_the_range():
    data = _data()
    model = FunctionClassifier(lambda x: x.mean((1, 2, 3)) > 0.25, num_classes=2)
    shown = pictures(admit(Smoothed(model, Bands(width=1, columns=2), data.space), data))
    assert "itself" not in shown.text
    assert "0 of 64 noisy inputs get another label" in shown.text


def _diagnosed(does, data, chosen=False):
    g = Smoothed(TorchClassifier(Bright(does), 2), Gaussian(sigma=0.25), data.space)
    claim = Claim(law=g.law, norm=Norm.L2, rule=Rule.ONE_SIDED, alpha=1e-3, space=data.space)
    plan = FixedSamples(n0=100, n=1000)
    findings = diagnose(g, data, claim, plan, 16, chosen=chosen)
    return {finding.check: finding for finding in findings}


REVERSED = "given with their channels in reverse order (RGB, BGR)"


@pytest.mark.parametrize(
    ("does", "data", "how"),
    [
        (lambda own, x: x / 255, _data(), "multiplied by 255"),
        (lambda own, x: x, _data(Reals(), lambda x: 255 * x), "divided by 255"),
        (lambda own, x: 0.5 + x / 4, _data(), "scaled to −1…1"),
        (lambda own, x: 0.5 + x, _data(Reals(), lambda x: x / 4 + 0.6), "normalised to mean 0"),
        (
            lambda own, x: x[:, :1].expand(x.shape),
            _data(Reals(), lambda x: np.concatenate([1 - x[:, :2], x[:, 2:]], 1)),
            REVERSED,
        ),
    ],
    ids=["scaled twice", "not scaled", "not centred", "not normalised", "RGB for BGR"],
)
def test_what_was_done_to_inputs_in_training_is_named(does, data, how):
    """The model is right only where inputs are prepared as it expects, and here nobody does."""
    found = _diagnosed(does, data)["clean accuracy"]
    assert found.level is Level.FAIL
    assert f"but 100.0% where they are {how}" in found.text
    assert "as a first layer" in found.remedy


def test_data_that_was_prepared_before_the_noise_is_noticed():
    normalised = _data(Reals(), lambda x: (x - x.mean()) / x.std())
    found = input_range(_patient(data=normalised))
    assert found.level is Level.WARN
    assert "with mean 0 and deviation 1 were normalised" in found.text
    assert "noise would come after normalisation" in found.remedy
    twice = input_range(_patient(data=_data(Reals(), lambda x: x / 255)))
    assert twice.level is Level.WARN
    assert "divided by 255 twice" in twice.text
    assert input_range(_patient(data=_data(Reals()))).level is Level.OK


def test_arithmetic_and_seed_are_said():
    found = _diagnosed(lambda own, x: x, _data())
    assert found["arithmetic"].level is found["seed"].level is Level.OK
    assert found["arithmetic"].text.startswith("Lattice mode: ")
    assert found["seed"].text.startswith("Fresh noise: ")
    found = _diagnosed(lambda own, x: x, _data(Reals()), chosen=True)
    assert found["arithmetic"].level is found["seed"].level is Level.WARN
    assert found["arithmetic"].text.startswith("Float mode: ")
    assert found["seed"].text.startswith("Known noise: ")
    assert found["seed"].remedy == "leave --seed out"


def test_a_model_that_is_no_function_is_not_compared_with_others():
    """What another precision changes cannot be told from what chance does."""
    found = _diagnosed(lambda own, x: x + torch.rand_like(x), _data())
    assert not {"other batches", "autocast", "8-bit pictures"} & set(found)
    found = _diagnosed(lambda own, x: x - x.mean() + 0.5, _data())
    assert found["other batches"].level is Level.FAIL
    assert not {"autocast", "8-bit pictures"} & set(found)
