"""Models that raise for some inputs: for fixed probes, for the first input, for many."""

import numpy as np
import pytest
import torch

from certiball.errors import BatchError, ModelError
from certiball.runs.identity import fixed_probes, model_id
from certiball.runs.prepare import prepare
from certiball.runs.read import read_run
from runs.conftest import bright

SHAPE = (1, 2, 2)


def raises_where(bad, error=ValueError):
    """As `bright`, but for inputs that are bad."""

    def answer(batch):
        if bad(batch).any():
            raise error("no picture")
        return bright(batch)

    return answer


def black(batch):
    return (batch == 0).all((1, 2, 3))


def test_some_probe_is_black(dataset):
    assert black(fixed_probes(dataset.space, SHAPE).numpy()).sum() == 1


@pytest.mark.parametrize("name", ["v1", None])
def test_a_run_of_a_model_that_raises_for_a_probe_and_for_the_first_input(
    tmp_path, job, carry, name
):
    wanted = job(function=raises_where(black), name=name)
    assert carry(tmp_path, wanted)[-1].complete
    results = read_run(tmp_path)
    failures = {o.item.input: o.failure for o in results.outcomes if o.failure is not None}
    assert failures == {0: "the model raised ValueError: no picture"}
    assert sum(o.result is not None for o in results.outcomes) == 5
    assert carry(tmp_path, wanted)[-1].complete  # its digest is the same again


def test_the_digest_tells_what_a_model_raises_for(job, dataset):
    def found(bad):
        classifier = job(function=raises_where(bad)).g.classifier
        return model_id(classifier, "bright", dataset.space, SHAPE).digest

    nothing = found(lambda batch: np.zeros(len(batch), dtype=bool))
    assert nothing == model_id(job().g.classifier, "bright", dataset.space, SHAPE).digest
    everything = found(lambda batch: np.ones(len(batch), dtype=bool))
    assert len({nothing, found(black), everything}) == 3


def test_a_model_that_raises_for_everything_is_called_broken_by_the_run(tmp_path, job, carry):
    wanted = job(function=raises_where(lambda batch: np.ones(len(batch), dtype=bool)))
    with pytest.raises(ModelError, match="the model raised ValueError: no picture"):
        carry(tmp_path, wanted)


@pytest.mark.parametrize(
    ("error", "said", "kind"),
    [
        (MemoryError, "runs out of memory", BatchError),
        (torch.AcceleratorError, "the model raised AcceleratorError: no picture", ModelError),
    ],
)
def test_the_machines_errors_are_one_line_before_the_run(tmp_path, job, error, said, kind):
    with pytest.raises(kind, match=said):
        prepare(tmp_path, job(function=raises_where(black, error)))


def test_tuning_takes_another_example_where_the_first_raises(tmp_path, job, dataset, monkeypatch):
    monkeypatch.setattr("certiball.tuning.SMALL", 1)
    monkeypatch.setattr("certiball.tuning.SECONDS", 0.001)
    monkeypatch.setattr("certiball.tuning.BATCHES", (16, 32))

    def dark(batch):  # the first input, and little else, under noise as well
        return batch.mean((1, 2, 3)) < 0.1

    wanted = job(function=raises_where(dark), batch=None, sigma=0.01)
    assert prepare(tmp_path, wanted).spec.execution.batch in (16, 32)
    with pytest.raises(ModelError, match="the model raised ValueError: no picture"):
        prepare(tmp_path, job(function=raises_where(lambda batch: batch.mean() < 2), batch=None))
