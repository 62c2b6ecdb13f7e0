"""What is drawn together: samples of one input from one stream of randomness."""

from dataclasses import dataclass

from certiball.samplers.streams import Stream
from certiball.shapes import Array


@dataclass(frozen=True, kw_only=True, eq=False)
class Chunk:
    """Samples of one input that share a stream.

    Args:
        slot: where their votes are counted.
        stream: the address of their randomness.
        clean: levels (or values) of the input, [features].
        samples: how many.
    """

    slot: int
    stream: Stream
    clean: Array
    samples: int
