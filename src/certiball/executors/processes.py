"""Processes of this machine: one per GPU, or per share of the cores."""

import multiprocessing
import os
import signal
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from multiprocessing import connection as pipes
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any

import torch

from certiball.errors import InputError, ModelError
from certiball.executors.shipping import Parcel, device_of, pack
from certiball.executors.work import Bundle, Drawn, Work
from certiball.executors.worker import READY, serve

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

LOSSES = 3  # workers that one bundle may cost before it is given up
QUEUE = 2  # bundles per worker, one of them waiting, so that no worker does
BROKEN = (EOFError, ConnectionResetError, BrokenPipeError)


@dataclass(kw_only=True, eq=False)
class _Worker:
    process: "SpawnProcess"
    pipe: Any
    gpu: str | None
    ready: bool = False
    bundle: Bundle | None = None


@dataclass(kw_only=True, eq=False)
class Processes:
    """Worker processes, each with its own copy of the model. A lost one is replaced."""

    parcel: Parcel
    workers: list[_Worker] = field(default_factory=list)
    waiting: deque[Bundle] = field(default_factory=deque)
    losses: Counter[int | None] = field(default_factory=Counter)

    @property
    def slots(self) -> int:
        """Two for each worker."""
        return QUEUE * len(self.workers)

    def submit(self, bundle: Bundle) -> None:
        """Give a bundle to an idle worker, or keep it for the next."""
        self.waiting.append(bundle)
        self._hand_out()

    def collect(self) -> Drawn:
        """The next bundle that a worker has done.

        Raises:
            ModelError: if the model cannot be loaded, or one bundle costs worker after worker.
        """
        while True:
            pipes_of = {worker.pipe: worker for worker in self.workers}
            for pipe in pipes.wait(list(pipes_of)):
                worker = pipes_of[pipe]
                try:
                    answer = worker.pipe.recv()
                except BROKEN:
                    self._replace(worker)
                    continue
                if isinstance(answer, Drawn):
                    worker.bundle = None
                    self._hand_out()
                    return replace(answer, worker=worker.process.pid if self._several else None)
                if answer != READY:
                    raise ModelError(str(answer))
                worker.ready = True
                self.losses[None] = 0
            self._hand_out()

    def add(self, gpu: str | None) -> None:
        """Start a worker."""
        self.workers.append(_started(self.parcel, gpu))

    def close(self) -> None:
        """End all workers at once: they hold nothing that is not done again."""
        for worker in self.workers:
            worker.process.kill()
        for worker in self.workers:
            worker.process.join()
            worker.pipe.close()

    @property
    def _several(self) -> bool:
        return len(self.workers) > 1

    def _hand_out(self) -> None:
        for worker in self.workers:
            if worker.ready and worker.bundle is None:
                worker.bundle = self._next_for(worker)
                if worker.bundle is not None:
                    with suppress(*BROKEN):  # seen again when its answer is waited for
                        worker.pipe.send(worker.bundle)

    def _next_for(self, worker: _Worker) -> Bundle | None:
        """The bundle that has waited longest, of those that are not for another."""
        for place, bundle in enumerate(self.waiting):
            if bundle.avoid != worker.process.pid or not self._several:
                del self.waiting[place]
                return bundle
        return None

    def _replace(self, worker: _Worker) -> None:
        worker.process.kill()
        worker.process.join()
        worker.pipe.close()
        self.workers.remove(worker)
        lost = worker.bundle.number if worker.bundle else None  # None: it died while it started
        if worker.bundle is not None or not worker.ready:
            self.losses[lost] += 1
        limit = LOSSES if lost is not None else LOSSES * (len(self.workers) + 1)
        if self.losses[lost] >= limit:
            raise ModelError(
                f"{limit} worker processes ended on the same work (the last with exit code "
                f"{worker.process.exitcode}): what is stored is safe; if memory is short, take "
                "fewer workers, or look for the error with --executor serial"
            )
        if worker.bundle is not None:
            self.waiting.appendleft(worker.bundle)
        self.add(worker.gpu)


@contextmanager
def processes(work: Work, workers: int | None = None) -> Iterator[Processes]:
    """Processes of this machine as an executor.

    Args:
        work: what all bundles share.
        workers: how many; None for one per GPU where the model is on a GPU, and else for as many
            as the cores bear at the run's number of threads each.

    Raises:
        InputError: if the number is not positive or the model cannot be sent.
    """
    gpus: list[str | None] = _gpus() if device_of(work.g.classifier) == "cuda" else [None]
    count = workers if workers is not None else _usual(work, gpus)
    if count < 1:
        raise InputError(f"workers must be at least 1, not {count}")
    pool = Processes(parcel=pack(work))
    try:
        for number in range(count):
            pool.add(gpus[number % len(gpus)])
        yield pool
    finally:
        pool.close()


def usable_cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _usual(work: Work, gpus: list[str | None]) -> int:
    if gpus != [None]:
        return len(gpus)
    return max(1, usable_cores() // work.execution.threads)


def _gpus() -> list[str | None]:
    """Names of the GPUs, as a process is told which one to see."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named:
        return [name.strip() for name in named.split(",")]
    return [str(number) for number in range(torch.cuda.device_count())]


def _started(parcel: Parcel, gpu: str | None) -> _Worker:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there, parcel, gpu), daemon=True)
    with _signals_held():
        process.start()
    there.close()  # so that the pipe ends with the worker
    return _Worker(process=process, pipe=here, gpu=gpu)


@contextmanager
def _signals_held() -> Iterator[None]:
    """Keep Ctrl-C for this process: a worker that is just starting would print its traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it would release the signals when it is started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
