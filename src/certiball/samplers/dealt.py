"""One sequence of chunks for several threads: each takes a hand of them when it needs some."""

from collections.abc import Iterator
from itertools import islice
from threading import Event, Lock

from certiball.samplers.chunk import Chunk


def dealt(chunks: Iterator[Chunk], lanes: int, hand: int, stop: Event) -> list[Iterator[Chunk]]:
    """As many sequences as lanes; together they have every chunk once.

    Args:
        chunks: what there is.
        lanes: how many sequences.
        hand: chunks taken at a time, such as fill a batch.
        stop: once it is set, all of them end.
    """
    lock = Lock()

    def lane() -> Iterator[Chunk]:
        while not stop.is_set():
            with lock:
                mine = list(islice(chunks, hand))
            if not mine:
                return
            yield from mine

    return [lane() for _ in range(lanes)]
