"""A connection to a Ray cluster that somebody else runs."""

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from certiball.errors import InputError, MissingExtraError

KNOCK = 10.0  # seconds for a cluster to answer at its address


def check_installed() -> Any:
    """Ray, where it is installed.

    Raises:
        MissingExtraError: if it is not.
    """
    try:
        import ray
    except ImportError as error:
        raise MissingExtraError(
            "Ray is not installed: pip install 'certiball[ray]', or use --executor processes"
        ) from error
    return ray


@contextmanager
def connected(address: str) -> Iterator[None]:
    """A connection to the cluster; one that is there already is used and left.

    Raises:
        MissingExtraError: if Ray is not installed.
        InputError: if no cluster is found.
    """
    ray = check_installed()
    if ray.is_initialized():
        yield
        return
    try:
        _knock(address)
        with _handler_kept():
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(
            f"no Ray cluster at {address} ({first_line(error)}): start one with ray start "
            "--head, or give its --address"
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _handler_kept() -> Iterator[None]:
    """Ray ends a process at SIGTERM; the command would rather end it as Ctrl-C does."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


def _knock(address: str) -> None:
    """Fail at once where nobody answers: Ray itself would try for minutes.

    Raises:
        OSError: if nobody does.
    """
    host, _, port = address.rpartition(":")
    if host and port.isdigit():
        with socket.create_connection((host.rpartition("/")[2], int(port)), timeout=KNOCK):
            pass


def first_line(error: Exception) -> str:
    """What an error says first: Ray's go on for pages."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
