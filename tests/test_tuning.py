import time

import numpy as np
import torch

from certiball import FunctionClassifier, Gaussian, Grid, Smoothed
from certiball.tuning import BATCHES, USUAL, execution_for, samples_per_second, tune


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
