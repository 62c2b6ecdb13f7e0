"""Runs under any executor: the same votes, the same failures."""

import os
import signal
from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from certiball.classifiers.torch import TorchClassifier
from certiball.errors import ModelError, StoreError
from certiball.executors.processes import processes
from certiball.executors.serial import serial
from certiball.runs.attempt import attempt
from certiball.runs.execute import execute
from certiball.runs.merge import merge
from certiball.runs.prepare import prepare
from certiball.runs.read import read_run
from certiball.runs.shards import Shard
from certiball.runs.spec import PLANS
from certiball.runs.status import read_status
from certiball.smoothed import Smoothed
from runs.conftest import bright
from runs.test_feed import Until

two = partial(processes, workers=2)


@pytest.fixture(autouse=True)
def stored_plans(monkeypatch):
    monkeypatch.setitem(PLANS, "until", Until)


def carried(folder, job, executor=serial, **options):
    request = prepare(folder, job)
    (folder.parent / "armed").touch()
    with attempt(folder, request) as run:
        return list(execute(run, job.g, job.dataset, executor=executor, **options))


def spoiled_at(grey, home, how):
    """`how` is done under noise where a batch holds such a grey, once the run has begun.

    More than one chunk's rest of it: the fixed inputs that a worker is asked first have a few.
    """

    def answer(batch):
        import os

        if not (home / "armed").exists():
            return bright(batch)
        near = np.abs(batch.mean((1, 2, 3)) - grey / 255) < 0.04
        if near.sum() >= 32 and batch.std() > 0:
            how(home, os.getpid())
        return bright(batch)

    return answer


def raises(home, pid):
    raise RuntimeError("no such grey")


def ends_once(home, pid):
    try:
        (home / "ended").mkdir()
    except FileExistsError:
        return
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("plan", [None, Until()])
def test_votes_are_those_of_the_serial_run(tmp_path, job, stored, plan):
    wanted = job() if plan is None else job(plan=plan)
    carried(tmp_path / "serial", wanted)
    last = carried(tmp_path / "run", wanted, two)[-1]
    assert last.complete
    assert (last.settled, last.inputs) == (6, 6)
    assert stored(tmp_path / "run") == stored(tmp_path / "serial")


def test_a_worker_that_is_killed_changes_no_vote(tmp_path, job, stored):
    carried(tmp_path / "serial", job(sigma=0.01))
    (tmp_path / "armed").unlink()
    answer = spoiled_at(200, tmp_path, ends_once)
    last = carried(tmp_path / "run", job(function=answer, sigma=0.01), two)[-1]
    assert (tmp_path / "ended").exists()
    assert last.complete
    assert stored(tmp_path / "run") == stored(tmp_path / "serial")


@pytest.mark.parametrize("executor", [serial, two])
def test_an_input_that_raises_fails_and_the_rest_finish(tmp_path, job, stored, executor):
    carried(tmp_path / "whole", job(sigma=0.01))
    (tmp_path / "armed").unlink()
    answer = spoiled_at(200, tmp_path, raises)
    last = carried(tmp_path / "run", job(function=answer, sigma=0.01), executor)[-1]
    assert last.complete
    assert last.done == last.total == 5 * 2140
    failures = read_status(tmp_path / "run").failures
    assert list(failures) == [4]
    assert "no such grey" in failures[4]
    whole = {key: row for key, row in stored(tmp_path / "whole").items() if key[1] != 4}
    found = {key: row for key, row in stored(tmp_path / "run").items() if key[1] != 4}
    assert found == whole
    assert read_run(tmp_path / "run").attempts[0].outcome == "done, 1 inputs failed"


def sick_worker(home):
    """The first worker to draw noise fails from then on, once it has answered without."""

    def answer(batch):
        import os

        if (home / "armed").exists() and np.ptp(batch.reshape(len(batch), -1), axis=1).min() > 0:
            with suppress(FileExistsError):
                (home / "sick").mkdir()
                (home / "sick" / str(os.getpid())).touch()
            if (home / "sick" / str(os.getpid())).exists():
                raise RuntimeError("no such device")
        return bright(batch)

    return answer


@pytest.mark.usefixtures("small_bundles")
def test_a_worker_that_falls_ill_fails_no_input(tmp_path, job, stored):
    """It goes on taking bundles, and another worker answers for each of its inputs."""
    carried(tmp_path / "serial", job())
    (tmp_path / "armed").unlink()
    last = carried(tmp_path / "run", job(function=sick_worker(tmp_path)), two)[-1]
    assert len(list((tmp_path / "sick").iterdir())) == 1
    assert read_status(tmp_path / "run").failures == {}
    assert last.complete
    assert stored(tmp_path / "run") == stored(tmp_path / "serial")


def test_a_model_that_is_broken_everywhere_stops_with_its_error(tmp_path, job):
    def broken(batch):
        raise RuntimeError("never mind")

    wanted = job()
    request = prepare(tmp_path, wanted)
    spoiled = job(function=broken)
    with (
        pytest.raises(ModelError, match="never mind"),
        attempt(tmp_path, request) as run,
    ):
        list(execute(run, spoiled.g, spoiled.dataset, executor=two))
    assert read_status(tmp_path).failures == {}


def test_a_stopped_run_with_workers_goes_on_without(tmp_path, job, stored, monkeypatch):
    monkeypatch.setattr("certiball.runs.execute.FIRST_BUNDLE", 1)
    carried(tmp_path / "whole", job())
    last = carried(tmp_path / "run", job(), two, max_seconds=1e-9)[-1]
    assert 0 < last.done < last.total
    assert not last.complete
    assert carried(tmp_path / "run", job())[-1].complete
    assert stored(tmp_path / "run") == stored(tmp_path / "whole")


@pytest.mark.slow
def test_workers_with_another_environment_are_accepted_or_refused(tmp_path, job, monkeypatch):
    facts = dict(prepare_facts())
    monkeypatch.setattr("certiball.runs.execute.environment", lambda _: {**facts, "cpu": "other"})
    with pytest.raises(StoreError, match=r"another environment .*cpu: .* → other"):
        carried(tmp_path / "run", job(), two)
    carried(tmp_path / "run", replace(job(), accept_environment=True), two)
    environments = read_run(tmp_path / "run").environments
    assert [found["cpu"] for found in environments.values()] == [facts["cpu"], "other"]


@pytest.mark.slow
def test_another_gpu_does_not_matter_to_a_module_on_the_cpu(tmp_path, job, dataset, monkeypatch):
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    g = Smoothed(TorchClassifier(model, 2), job().g.law, space=dataset.space)
    facts = {**prepare_facts(), "gpu": "another"}
    monkeypatch.setattr("certiball.runs.execute.environment", lambda _: facts)
    assert carried(tmp_path / "run", job(g=g), partial(processes, workers=1))[-1].complete
    assert len(read_run(tmp_path / "run").environments) == 1


def prepare_facts():
    from certiball.runs.environment import environment

    return environment()


def test_a_plan_that_stops_is_done_when_no_input_is_pending(tmp_path, job, stored):
    reports = carried(tmp_path / "whole", job(plan=Until()))
    last = reports[-1]
    assert last.complete
    assert not last.fixed
    assert last.done < last.total == 6 * (32 + 32 * 33)
    assert [r.settled for r in reports] == sorted(r.settled for r in reports)
    assert last.left == 0
    status = read_status(tmp_path / "whole")
    assert status.progress.complete
    assert (status.progress.settled, status.progress.done) == (6, last.done)
    results = read_run(tmp_path / "whole")
    assert results.complete
    assert results.attempts[0].outcome == "done"
    assert [p.complete for p in carried(tmp_path / "whole", job(plan=Until()))] == [True]


@pytest.mark.usefixtures("small_bundles")
@pytest.mark.parametrize("reports", [1, 3, 9])
def test_a_plan_that_stops_goes_on_where_it_was(tmp_path, job, carry, stored, reports):
    carry(tmp_path / "whole", job(plan=Until()))
    progress = carry(tmp_path / "run", job(plan=Until()), bundles=reports)[-1]
    assert not progress.complete
    status = read_status(tmp_path / "run").progress
    assert (status.done, status.settled) == (progress.done, progress.settled)
    assert read_run(tmp_path / "run").attempts[0].outcome == "stopped early"
    carried(tmp_path / "run", job(plan=Until()), two if reports == 3 else serial)
    assert stored(tmp_path / "run") == stored(tmp_path / "whole")


def test_shards_of_a_plan_that_stops_are_finished_by_what_is_pending(tmp_path, job, carry):
    halves = [tmp_path / "1", tmp_path / "2"]
    for number, folder in enumerate(halves, start=1):
        carry(folder, job(plan=Until(), shard=Shard(number=number, of=2)))
    assert merge(halves, tmp_path / "joined").complete
    assert read_status(tmp_path / "joined").progress.complete
    with attempt(
        halves[0], prepare(halves[0], job(plan=Until(), shard=Shard(number=1, of=2)))
    ) as r:
        r.connection.execute("DELETE FROM blocks WHERE input = 2 AND phase = 1")
    merged = merge(halves, tmp_path / "again")
    assert [str(shard) for shard in merged.unfinished] == ["1/2"]


def test_looks_read_nothing(tmp_path, job, monkeypatch):
    """Held votes stay in memory: each input is read once, when it is opened."""
    from certiball.runs import execute as module

    reads = []
    real = module.read_evidence

    def counted(connection, kind, number, spec):
        reads.append(number)
        return real(connection, kind, number, spec)

    monkeypatch.setattr(module, "read_evidence", counted)
    carried(tmp_path, job(plan=Until()))
    assert sorted(reads) == list(range(6))
