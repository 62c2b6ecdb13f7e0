"""Where a command draws: the executor that its options name."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from certiball.errors import InputError

if TYPE_CHECKING:
    from certiball.executors import OpenExecutor


@dataclass(frozen=True, kw_only=True)
class WorkerOptions:
    """How workers were named on the command line."""

    executor: Literal["serial", "processes", "ray"] = "serial"
    workers: int | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        if self.workers is not None and self.executor == "serial":
            raise InputError(
                f"--workers {self.workers} is for --executor processes or ray: name one of them"
            )
        if self.workers is not None and self.workers < 1:
            raise InputError(f"--workers must be at least 1, not {self.workers}")
        if self.address is not None and self.executor != "ray":
            raise InputError(f"--address {self.address} is for --executor ray: name it, or drop it")


def executor_of(options: WorkerOptions) -> "OpenExecutor":
    """The executor that options name.

    Raises:
        MissingExtraError: if Ray is wanted and not installed.
    """
    if options.executor == "processes":
        from certiball.executors.processes import processes

        return partial(processes, workers=options.workers)
    if options.executor == "ray":
        from certiball.executors.cluster import check_installed
        from certiball.executors.ray import ray_workers

        check_installed()
        return partial(ray_workers, workers=options.workers, address=options.address or "auto")
    from certiball.executors.serial import serial

    return serial


@contextmanager
def connection_of(options: WorkerOptions) -> Iterator[None]:
    """A Ray cluster, where options name one: if there is none, that is said before a run begins.

    Raises:
        InputError: if no cluster is found.
    """
    if options.executor != "ray":
        yield
        return
    from certiball.executors.cluster import connected

    with connected(options.address or "auto"):
        yield


def threads_of(options: WorkerOptions, threads: int | None, folder: Path) -> int | None:
    """One thread for each worker of a new run, unless more are asked for.

    Raises:
        StoreError: if the folder's store cannot be read.
    """
    from certiball.runs.attempt import stored_spec

    if threads is not None or options.executor == "serial":
        return threads
    return 1 if stored_spec(folder) is None else None
