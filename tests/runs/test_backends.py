"""A run's backend: asked for, stored, or the fastest."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from certiball.certification.plan import FixedSamples
from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError, SpecMismatchError
from certiball.execution import Execution
from certiball.runs.attempt import attempt
from certiball.runs.backends import settle_backend
from certiball.runs.execute import execute
from certiball.runs.prepare import prepare
from certiball.runs.shards import Shard
from certiball.smoothed import Smoothed


def bright():
    """Grey level above or below the middle."""
    linear = nn.Linear(4, 2)
    with torch.no_grad():
        linear.weight.copy_(torch.tensor([[-1.0] * 4, [1.0] * 4]))
        linear.bias.copy_(torch.tensor([2.0, -2.0]))
    return nn.Sequential(nn.Flatten(), linear)


@pytest.fixture
def network_job(job):
    """The usual job with a torch module, nothing stated about its shape."""

    def make(**changes):
        usual = job(batch=None, threads=None)
        g = Smoothed(TorchClassifier(bright(), 2), usual.g.law, space=usual.g.space)
        return replace(usual, g=g, **changes)

    return make


@pytest.fixture
def tuned(monkeypatch):
    """Tuning finds that freezing is fastest, in batches of 32."""
    asked = []

    def find(g, example, samples, wanted):
        asked.append((wanted, samples))
        other = replace(g.classifier, backend="freezing")
        return replace(g, classifier=other), Execution(batch=32, layout="channels_last", threads=2)

    monkeypatch.setattr("certiball.runs.backends.on_backend", find)
    return asked


def carried_out(folder, job, **wanted):
    settled = settle_backend(folder, job, **({"backend": None, "dtype": None} | wanted))
    request = prepare(folder, settled)
    with attempt(folder, request) as run:
        for _ in execute(run, settled.g, settled.dataset):
            pass
    return request.spec


def test_nothing_asked_for_leaves_the_model_as_it_stands(tmp_path, network_job):
    assert carried_out(tmp_path, network_job()).model.backend == "torch cpu float32"


def test_a_begun_run_keeps_its_backend_and_precision(tmp_path, network_job):
    first = carried_out(tmp_path, network_job(), backend="eager", dtype="bfloat16")
    assert first.model.backend == first.claim.backend == "torch cpu bfloat16"
    for again in ({}, {"backend": "auto"}, {"dtype": "bfloat16"}, {"backend": "eager"}):
        assert carried_out(tmp_path, network_job(), **again) == first
    with pytest.raises(SpecMismatchError, match="torch cpu bfloat16 → torch cpu float16"):
        carried_out(tmp_path, network_job(), dtype="float16")


def test_a_model_in_other_numbers_goes_on(tmp_path, network_job):
    class Whole(nn.Module):
        """Integer weights, which no option makes."""

        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.tensor([[-1], [1]]), requires_grad=False)

        def forward(self, x):
            return (x.flatten(1).sum(1, keepdim=True) * self.weight.T).float()

    job = network_job()
    whole = replace(job, g=replace(job.g, classifier=TorchClassifier(Whole(), 2)))
    first = carried_out(tmp_path, whole)
    assert first.model.backend == "torch cpu int64"
    assert carried_out(tmp_path, whole) == first


class Weightless(nn.Module):
    """No weights, and so no precision of its own."""

    def forward(self, x):
        mean = x.flatten(1).mean(1)
        return torch.stack([0.5 - mean, mean - 0.5], 1)


class Mixed(Weightless):
    """A buffer of more digits than the weights."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.register_buffer("shift", torch.zeros(1, dtype=torch.float64))

    def forward(self, x):
        return super().forward(x * self.weight) + self.shift


@pytest.mark.parametrize("model", [Weightless, Mixed])
def test_a_begun_run_asks_for_no_precision_that_the_model_has(tmp_path, network_job, model):
    job = network_job()
    job = replace(job, g=replace(job.g, classifier=TorchClassifier(model(), 2)))
    first = carried_out(tmp_path, job)
    settled = settle_backend(tmp_path, job, backend=None, dtype=None)
    assert settled.g.classifier.dtype is None
    assert carried_out(tmp_path, job) == first


def test_another_backend_is_another_run(tmp_path, network_job):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    first = carried_out(tmp_path, network_job(), backend="onnxruntime")
    assert first.model.backend == "onnxruntime cpu float32"
    assert carried_out(tmp_path, network_job()) == first
    with pytest.raises(SpecMismatchError, match="onnxruntime cpu float32 → torch cpu float32"):
        carried_out(tmp_path, network_job(), backend="eager")


def test_auto_takes_what_tuning_found_with_its_shape(tmp_path, network_job, tuned):
    job = network_job(plan=FixedSamples(n0=100, n=900), first=2)
    settled = settle_backend(tmp_path, job, backend="auto", dtype="bfloat16")
    assert tuned == [("auto", 2000)]
    assert settled.g.classifier.backend == "freezing"
    assert settled.g.classifier.dtype == "bfloat16"
    assert (settled.batch, settled.layout, settled.threads) == (32, "channels_last", 2)
    stated = replace(job, batch=64, layout="contiguous", threads=1)
    settled = settle_backend(tmp_path, stated, backend="auto", dtype=None)
    assert (settled.batch, settled.layout, settled.threads) == (64, "contiguous", 1)


def test_compile_may_go_on_with_freezing(tmp_path, network_job, monkeypatch):
    spec = prepare(tmp_path, network_job()).spec
    model = replace(spec.model, backend="torch.compile(freezing) cpu float32")
    held = replace(spec, model=model, claim=replace(spec.claim, backend=model.backend))
    monkeypatch.setattr("certiball.runs.backends.stored_spec", lambda folder: held)
    for asked in ("compile", "auto", "freezing", None):
        settled = settle_backend(tmp_path, network_job(), backend=asked, dtype=None)
        assert settled.g.classifier.backend == "freezing"
    settled = settle_backend(tmp_path, network_job(), backend="eager", dtype=None)
    assert settled.g.classifier.backend == "eager"


def test_shards_name_their_backend(tmp_path, network_job, tuned):
    part = network_job(shard=Shard(number=1, of=2))
    with pytest.raises(InputError, match="shards must be of one run: name the backend"):
        settle_backend(tmp_path, part, backend="auto", dtype=None)
    settle_backend(tmp_path, part, backend="compile", dtype=None)
    assert tuned == [("compile", 0)]  # samples: none, so nothing is tuned


def test_functions_have_no_backend(tmp_path, job):
    assert settle_backend(tmp_path, job(), backend="auto", dtype=None).g.classifier.name == "v1"
    with pytest.raises(InputError, match="leave them out"):
        settle_backend(tmp_path, job(), backend="compile", dtype=None)
    with pytest.raises(InputError, match="backend must be auto or one of"):
        settle_backend(tmp_path, job(), backend="gpu", dtype=None)
