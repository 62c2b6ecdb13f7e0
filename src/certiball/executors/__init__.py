"""Where samples are drawn: here, in processes of this machine, or on a Ray cluster.

Bundles of work go in, votes come out, in any order. An executor that loses a bundle with a
worker runs it again; noise is addressed by its place, so the votes are the same.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias, runtime_checkable

from certiball.executors.work import Bundle, Drawn, Work


@runtime_checkable
class Executor(Protocol):
    """Draws bundles. It is made by a context manager, and its workers end with the context."""

    @property
    def slots(self) -> int:
        """How many bundles it wants to have at a time, so that no worker waits."""
        ...

    def submit(self, bundle: Bundle) -> None:
        """Take a bundle; never waits for it. One to avoid a worker goes to another, if any."""
        ...

    def collect(self) -> Drawn:
        """Wait for a bundle that was submitted, whichever is done first.

        Raises:
            CertiballError: if no worker can draw it.
        """
        ...


OpenExecutor: TypeAlias = Callable[[Work], AbstractContextManager[Executor]]

__all__ = ["Bundle", "Drawn", "Executor", "OpenExecutor", "Work"]
