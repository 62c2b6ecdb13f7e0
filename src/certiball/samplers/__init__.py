"""How a law meets numbers: words of Philox in, what the model sees out."""

from typing import Protocol, runtime_checkable

from certiball.errors import InputError
from certiball.laws import Law
from certiball.laws.gaussian import Gaussian
from certiball.samplers.floats import FloatSampler
from certiball.samplers.lattice import LatticeSampler, lattice_sampler
from certiball.samplers.streams import Stream
from certiball.shapes import Array, Rows
from certiball.spaces import Grid, Space


@runtime_checkable
class Sampler(Protocol):
    """Draws noisy copies of one input."""

    def noisy(self, clean: Array, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """Noisy copies [samples, features] of a clean input [features], as the model sees them.

        They are returned, and may lie in `out` if that is given.
        """
        ...


def sampler_for(law: Law, space: Space) -> Sampler:
    """The sampler of a law in a space: integers on a grid, floats elsewhere."""
    if isinstance(space, Grid):
        return lattice_sampler(law.on_grid(space.step), space)
    if isinstance(law, Gaussian):
        return FloatSampler(sigma=law.sigma)
    raise InputError(f"{law} has no sampler for {space}: state a Grid")


__all__ = ["FloatSampler", "LatticeSampler", "Sampler", "sampler_for"]
