import time

import numpy as np
import pytest
import torch
from torch import nn

from certiball import FunctionClassifier, Gaussian, Grid, Smoothed, TorchClassifier
from certiball.errors import BackendError, BatchError, InputError, MissingExtraError
from certiball.tuning import (
    BATCHES,
    SMALL,
    USUAL,
    execution_for,
    fastest,
    on_backend,
    samples_per_second,
    tune,
)


def smoothed(seconds_per_call, seconds_per_row):
    def slow(x):
        time.sleep(seconds_per_call + seconds_per_row * len(x))
        return np.zeros(len(x), int)

    return Smoothed(FunctionClassifier(slow, 2), Gaussian(sigma=0.5), space=Grid.uint8())


def test_the_fastest_shape_wins(monkeypatch):
    monkeypatch.setattr("certiball.tuning.SECONDS", 0.01)
    example = np.zeros((4,), int)
    assert tune(smoothed(0.01, 0.0), example).batch > 100

    def page_faults(x):
        time.sleep(0.0005 * len(x) if len(x) <= 64 else 0.002 * len(x))
        return np.zeros(len(x), int)

    g = Smoothed(FunctionClassifier(page_faults, 2), Gaussian(sigma=0.5), space=Grid.uint8())
    assert tune(g, example).batch <= 64


def test_images_are_tried_in_both_layouts(monkeypatch):
    monkeypatch.setattr("certiball.tuning.samples_per_second", lambda g, x, e: rates(e))
    seen = []

    def rates(execution):
        seen.append((execution.layout, execution.batch))
        return {"contiguous": 100, "channels_last": 200}[execution.layout] - execution.batch / 1e4

    best = tune(smoothed(0, 0), np.zeros((1, 2, 2), int))
    assert (best.layout, best.batch) == ("channels_last", BATCHES[0])
    assert {layout for layout, _ in seen} == {"contiguous", "channels_last"}
    assert len(seen) == 9  # a layout is given up after three shapes without a gain


def test_one_thread_is_tried_too(monkeypatch):
    monkeypatch.setattr("certiball.tuning.samples_per_second", lambda g, x, e: 100.0 / e.threads)
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    try:
        assert tune(smoothed(0, 0), np.zeros(4, int)).threads == 1
        monkeypatch.setattr("certiball.tuning.samples_per_second", lambda g, x, e: 1.0 * e.threads)
        assert tune(smoothed(0, 0), np.zeros(4, int)).threads == 4
    finally:
        torch.set_num_threads(before)


def test_small_jobs_are_not_tuned():
    assert execution_for(smoothed(0, 0), np.zeros(4, int), 1000).batch == USUAL


def test_rates_are_samples_per_second():
    rate = samples_per_second(
        smoothed(0.01, 0), np.zeros(4, int), execution_for(smoothed(0, 0), np.zeros(4, int), 1)
    )
    assert 0.3 * USUAL / 0.01 < rate < USUAL / 0.01


IMAGE = np.zeros((1, 2, 2), int)
LONG = 10**9  # samples


def network():
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    return Smoothed(TorchClassifier(model, 2), Gaussian(sigma=0.5), space=Grid.uint8())


def measured(monkeypatch, rates):
    """Rates by backend instead of measurements; an error is raised. Returns what was looked at."""
    seen = []

    def rate(g, example, execution):
        name = g.classifier.backend
        seen.append((name, execution))
        found = rates(name, execution)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr("certiball.tuning.samples_per_second", rate)
    return seen


@pytest.mark.parametrize("best", ["eager", "compile", "freezing", "onnxruntime"])
def test_the_fastest_backend_wins_a_long_run(monkeypatch, best):
    seen = measured(monkeypatch, lambda name, e: 200.0 if name == best else 100.0)
    found = fastest(network(), IMAGE, LONG)
    assert found.g.classifier.backend == best
    assert found.rate == 200.0
    compiled = {(e.batch, e.layout, e.threads) for name, e in seen if name == "compile"}
    assert len(compiled) == 2  # each shape is compiled for itself
    assert {e.layout for name, e in seen if name == "onnxruntime"} == {"contiguous"}


def test_a_backend_has_to_gain(monkeypatch):
    measured(monkeypatch, lambda name, e: 100.0 if name == "eager" else 101.0)
    assert fastest(network(), IMAGE, LONG).g.classifier.backend == "eager"


def test_shorter_runs_look_at_fewer_backends(monkeypatch):
    for seconds, expected in ((10, {"eager"}), (100, {"eager", "onnxruntime"})):
        seen = measured(monkeypatch, lambda name, e: 100.0)
        fastest(network(), IMAGE, 100 * seconds)
        assert {name for name, _ in seen} == expected


def test_a_disturbed_look_does_not_decide(monkeypatch):
    looks = []

    def rates(name, execution):
        looks.append(name)
        slow = name == "onnxruntime" and looks.count(name) <= 3  # while something else ran
        return 50.0 if slow else {"onnxruntime": 300.0}.get(name, 100.0)

    measured(monkeypatch, rates)
    found = fastest(network(), IMAGE, LONG)
    assert (found.g.classifier.backend, found.rate) == ("onnxruntime", 300.0)


@pytest.mark.parametrize("error", [BackendError("x"), MissingExtraError("x"), InputError("x")])
def test_a_backend_that_cannot_run_is_passed_over(monkeypatch, error):
    measured(monkeypatch, lambda name, e: 100.0 if name == "eager" else error)
    assert fastest(network(), IMAGE, LONG).g.classifier.backend == "eager"
    with pytest.raises(type(error)):
        on_backend(network(), IMAGE, LONG, "compile")


def test_a_shape_that_does_not_fit_into_memory_is_a_miss(monkeypatch):
    def rates(name, execution):
        fits = execution.batch <= 32 and execution.layout == "contiguous"
        return float(execution.batch) if fits else BatchError("too large")

    measured(monkeypatch, rates)
    assert tune(network(), IMAGE).batch == 32
    measured(monkeypatch, lambda name, e: BatchError("too large"))
    with pytest.raises(BatchError, match="too large"):
        tune(network(), IMAGE)


class Hungry(nn.Flatten):
    """Runs out of memory with more than 64 inputs, as a GPU says it."""

    def forward(self, x):
        if len(x) > 64:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB.")
        return super().forward(x)


def test_running_out_of_memory_shrinks_the_batch(monkeypatch):
    monkeypatch.setattr("certiball.tuning.SECONDS", 0.001)
    g = Smoothed(TorchClassifier(Hungry(), 4), Gaussian(sigma=0.5), space=Grid.uint8())
    assert tune(g, IMAGE).batch <= 64


def test_what_is_wanted_is_done(monkeypatch):
    measured(monkeypatch, lambda name, e: {"freezing": 2.0, "compile": 1.0}.get(name, 0.5))
    chosen = {
        wanted: on_backend(network(), IMAGE, LONG, wanted)
        for wanted in ("auto", "compile", "freezing", "onnxruntime", "eager")
    }
    backends = {wanted: g.classifier.backend for wanted, (g, _) in chosen.items()}
    assert backends == {
        "auto": "freezing",
        "compile": "freezing",
        "freezing": "freezing",
        "onnxruntime": "onnxruntime",
        "eager": "eager",
    }
    shaped = {wanted for wanted, (_, execution) in chosen.items() if execution is not None}
    assert shaped == {"auto", "compile"}


def test_short_runs_try_nothing(monkeypatch):
    seen = measured(monkeypatch, lambda name, e: 1.0)
    for wanted, backend in (("auto", "eager"), ("compile", "compile")):
        g, execution = on_backend(network(), IMAGE, SMALL - 1, wanted)
        assert (g.classifier.backend, execution) == (backend, None)
    assert seen == []
    function = smoothed(0, 0)
    assert on_backend(function, IMAGE, LONG, "auto") == (function, None)
    with pytest.raises(InputError, match="leave them out"):
        on_backend(function, IMAGE, LONG, "compile")
