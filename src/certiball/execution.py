"""What is executed, and in which pieces: the shapes that votes may depend on. No torch.

A record is checked where torch is not, so this lies apart from the code that runs a model.
"""

from dataclasses import dataclass, field

from certiball.errors import InputError
from certiball.samplers.streams import Phase

CHUNK = 32  # samples that share one stream of randomness


def _threads() -> int:
    import torch

    return torch.get_num_threads()


@dataclass(frozen=True, kw_only=True)
class Execution:
    """What is executed: part of a run's specification, for votes may depend on it.

    Args:
        batch: inputs per call of the classifier.
        layout: "contiguous", or "channels_last" for images, often faster for convolutions.
        threads: torch's threads on the CPU.
        chunk: samples per stream of randomness.
    """

    batch: int
    layout: str = "contiguous"
    threads: int = field(default_factory=_threads)
    chunk: int = CHUNK

    def __post_init__(self) -> None:
        for name, most in (("batch", 2**20), ("threads", 1024), ("chunk", 2**20)):
            if not 1 <= getattr(self, name) <= most:
                raise InputError(f"{name} must be from 1 to {most}, not {getattr(self, name)}")
        if self.layout not in ("contiguous", "channels_last"):
            raise InputError(f'layout must be "contiguous" or "channels_last", not {self.layout!r}')


@dataclass(frozen=True, kw_only=True)
class Block:
    """Samples of one input and one phase: chunks `first`, `first` + 1, …; the last may be short."""

    input: int
    phase: Phase
    first: int
    samples: int

    def chunks(self, size: int) -> int:
        """How many chunks it has."""
        return -(-self.samples // size)
