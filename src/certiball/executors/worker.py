"""What a worker does: it loads the model once, and answers bundles until nobody asks."""

import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from certiball.errors import CertiballError
from certiball.process import settle_process

if TYPE_CHECKING:
    from certiball.executors.shipping import Parcel

READY = "ready"


def serve(connection: "Connection[Any, Any]", parcel: "Parcel", gpu: str | None) -> None:
    """Answer bundles with what was drawn, or a text that says what is wrong, until the pipe ends.

    The process ends at once when the one that asks does, however that happens.

    Args:
        connection: brings bundles, after `READY` was sent.
        parcel: the work.
        gpu: the one that this process is to see; None for all.
    """
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    threading.Thread(target=_end_with_parent, daemon=True).start()
    settle_process()
    if gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    from certiball.executors.shipping import unpack  # torch is loaded only now
    from certiball.executors.work import draw

    try:
        work = unpack(parcel)
        facts = work.facts()
        connection.send(READY)
        while True:
            connection.send(draw(work, connection.recv(), facts))
    except CertiballError as error:
        connection.send(str(error))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _end_with_parent() -> None:
    """Without this, a worker whose parent was killed would draw its bundle to the end."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)
