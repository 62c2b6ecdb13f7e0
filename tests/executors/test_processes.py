"""Workers of this machine: any number, and any of them killed, gives the same votes."""

import os
import signal
import threading
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from certiball.classifiers.torch import TorchClassifier
from certiball.errors import InputError, ModelError
from certiball.executors import Executor, Work
from certiball.executors.processes import Processes, processes
from certiball.executors.serial import serial
from certiball.laws.gaussian import Gaussian
from certiball.smoothed import Smoothed
from certiball.spaces import Grid
from executors.conftest import EXECUTION


def everything(open_executor, work, bundles):
    """What comes of all bundles, by their number."""
    left, flying, found = list(bundles), 0, {}
    with open_executor(work) as executor:
        assert isinstance(executor, Executor)
        while left or flying:
            while left and flying < executor.slots:
                executor.submit(left.pop(0))
                flying += 1
            drawn = executor.collect()
            flying -= 1
            found[drawn.bundle] = drawn
    return found


def same(one, other):
    assert one.keys() == other.keys()
    for number, drawn in one.items():
        assert drawn.labels == other[number].labels
        for (block, votes), (again, others) in zip(drawn.votes, other[number].votes, strict=True):
            assert block == again
            np.testing.assert_array_equal(votes, others)


@pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_votes_depend_on_no_number_of_workers(work, bundles, workers):
    wanted = work()
    found = everything(partial(processes, workers=workers), wanted, bundles)
    same(found, everything(serial, wanted, bundles))


def test_workers_say_what_they_compute_with(work, bundles):
    def facts():
        import os

        return {"pid": str(os.getpid()), "omp": os.environ["OMP_WAIT_POLICY"]}

    wanted = work()
    wanted = Work(g=wanted.g, key=7, execution=EXECUTION, facts=facts)
    found = everything(partial(processes, workers=1), wanted, bundles[:1])
    assert found[0].facts["pid"] != str(os.getpid())
    assert found[0].facts["omp"] == "PASSIVE"


def test_a_bundle_goes_to_another_worker_than_the_one_that_failed_on_it(work, bundles):
    with processes(work(), workers=2) as executor:
        shunned, other = (worker.process.pid for worker in executor.workers)
        for bundle in bundles:
            executor.submit(replace(bundle, avoid=shunned))
        assert {executor.collect().worker for _ in bundles} == {other}


def test_a_worker_alone_has_no_other(work, bundles):
    with processes(work(), workers=1) as executor:
        executor.submit(replace(bundles[0], avoid=executor.workers[0].process.pid))
        assert executor.collect().worker is None


def test_a_killed_workers_bundle_is_drawn_again(work, bundles, tmp_path):
    """The first batch of each worker waits until the test has killed one of them."""

    def wait(batch):
        import os
        import time

        if not (tmp_path / "killed").exists():
            (tmp_path / f"at-work-{os.getpid()}").touch()
            while not (tmp_path / "killed").exists():
                time.sleep(0.01)

    wanted = work(wait)
    victims = []

    def kill():
        while not (found := list(tmp_path.glob("at-work-*"))):
            threading.Event().wait(0.01)
        victims.append(int(found[0].name.rpartition("-")[2]))
        os.kill(victims[0], signal.SIGKILL)
        (tmp_path / "killed").touch()

    killer = threading.Thread(target=kill)
    killer.start()
    found = everything(partial(processes, workers=2), wanted, bundles)
    killer.join()
    assert victims
    same(found, everything(serial, wanted, bundles))


@pytest.mark.slow
def test_a_bundle_that_ends_every_worker_is_given_up(work, bundles):
    def end(batch):
        import os

        os._exit(9)

    with pytest.raises(ModelError, match=r"3 worker processes ended on the same work .*code 9"):
        everything(partial(processes, workers=1), work(end), bundles)


@pytest.mark.slow
def test_a_machine_without_memory_stops_the_run_in_one_line(work, bundles):
    def full(batch):
        raise MemoryError

    with pytest.raises(ModelError, match="the machine failed"):
        everything(partial(processes, workers=1), work(full), bundles)


def test_workers_end_with_the_context(work, bundles):
    with processes(work(), workers=2) as executor:
        executor.submit(bundles[0])
        pids = [worker.process.pid for worker in executor.workers]
        assert executor.slots == 4
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize("workers", [0, -1])
def test_workers_are_at_least_one(work, workers):
    with pytest.raises(InputError, match="workers must be at least 1"), processes(work(), workers):
        pass


def test_one_worker_per_share_of_the_cores(work, monkeypatch):
    from certiball.executors import processes as module

    monkeypatch.setattr(module, "usable_cores", lambda: 3)
    monkeypatch.setattr(Processes, "add", lambda self, gpu: self.workers.append(gpu))
    monkeypatch.setattr(Processes, "close", lambda self: None)
    with processes(work()) as executor:
        assert executor.workers == [None] * 3


def test_one_worker_per_gpu_in_turn(work, monkeypatch):
    from certiball.executors import processes as module

    monkeypatch.setattr(module, "device_of", lambda classifier: "cuda")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4, GPU-5")
    monkeypatch.setattr(Processes, "add", lambda self, gpu: self.workers.append(gpu))
    monkeypatch.setattr(Processes, "close", lambda self: None)
    with processes(work()) as executor:
        assert executor.workers == ["4", "GPU-5"]
    with processes(work(), workers=3) as executor:
        assert executor.workers == ["4", "GPU-5", "4"]


def test_a_model_that_cannot_travel_is_refused(work):
    import torch

    model = torch.nn.Flatten()
    model.lock = threading.Lock()
    g = Smoothed(TorchClassifier(model, 4), Gaussian(sigma=0.25), space=Grid.uint8())
    with (
        pytest.raises(InputError, match=r"cannot be sent to other processes \(TypeError"),
        processes(Work(g=g, key=7, execution=EXECUTION)),
    ):
        pass


def test_a_model_whose_code_is_not_there_is_one_line(work, bundles, tmp_path, monkeypatch):
    """It can be imported here, and not where the worker looks."""
    (tmp_path / "vanishing.py").write_text("def bright(batch):\n    return [0] * len(batch)\n")
    monkeypatch.syspath_prepend(tmp_path)
    import vanishing  # type: ignore[import-not-found]

    from certiball.classifiers.function import FunctionClassifier

    g = Smoothed(FunctionClassifier(vanishing.bright, 2), Gaussian(sigma=0.25), space=Grid.uint8())
    (tmp_path / "vanishing.py").unlink()
    with pytest.raises(ModelError, match=r"a worker cannot load the model \(ModuleNotFoundError"):
        everything(partial(processes, workers=1), Work(g=g, key=7, execution=EXECUTION), bundles)
