"""How a law meets numbers: words of Philox in, what the model sees out."""

from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, Protocol, cast, runtime_checkable

from certiball.errors import InputError
from certiball.laws import GridLaw, Law
from certiball.laws.ablation import Ablation
from certiball.laws.anisotropic_gaussian import AnisotropicGaussian
from certiball.laws.bands import Bands
from certiball.laws.blocks import Blocks
from certiball.laws.deterministic_splitting import DeterministicSplitting
from certiball.laws.discrete import Discrete
from certiball.laws.splitting import Splitting
from certiball.laws.transformation import Transformation
from certiball.samplers.ablation import ablation_sampler
from certiball.samplers.anisotropic import anisotropic_sampler
from certiball.samplers.deterministic_splitting import offset_sampler
from certiball.samplers.discrete import discrete_sampler
from certiball.samplers.floats import DRAWN as INDEPENDENT
from certiball.samplers.floats import FloatSampler
from certiball.samplers.lattice import LatticeSampler, lattice_sampler
from certiball.samplers.splitting import splitting_sampler
from certiball.samplers.streams import Stream
from certiball.samplers.vectors import DRAWN, vector_sampler
from certiball.samplers.views import view_sampler
from certiball.shapes import Array, Rows
from certiball.spaces import Grid, Reals, Space


@runtime_checkable
class Sampler(Protocol):
    """Draws noisy copies of one input."""

    def noisy(self, clean: Array, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """Noisy copies [samples, seen] of a clean input [features], as the model sees them.

        They are returned, and may lie in `out` if that is given. Fewer samples are a prefix of
        more.
        """
        ...

    def clean(self, clean: Array) -> Rows:
        """The input [features] without noise, as the model sees it, [1, seen]."""
        ...


def sampler_for(law: Law, space: Space, shape: tuple[int, ...]) -> Sampler:
    """The sampler of a law for inputs of a shape in a space; its tables are built once.

    On a grid the noise of laws that have thresholds is added in integers.

    Raises:
        InputError: if the law does not fit the shape, or has no sampler in the space.
    """
    law.seen(shape)  # refuses shapes that do not fit
    return _sampler_for(cast(Hashable, law), space, shape)


@lru_cache(maxsize=16)
def _sampler_for(law: Hashable, space: Space, shape: tuple[int, ...]) -> Sampler:
    if type(law) in SPECIAL:
        return SPECIAL[type(law)](law, space, shape)
    if isinstance(law, Transformation):
        return _transformation_sampler(law, space, shape)
    if isinstance(space, Grid) and isinstance(law, GridLaw):
        return _on_grid(law, space)
    if isinstance(space, Reals) and type(law) in FLOATS:
        return FLOATS[type(law)](law)
    remedy = "--space reals:LOW:HIGH" if isinstance(space, Grid) else "a Grid as the space"
    raise InputError(f"{law} has no sampler for {space}: state {remedy}")


def _transformation_sampler(law: Any, space: Space, shape: tuple[int, ...]) -> Sampler:
    """Loaded when it is needed, for it needs torch: records are checked where there is none."""
    from certiball.samplers.parameters import SAMPLERS

    found: Sampler = SAMPLERS[type(law)](law, space, shape)
    return found


@lru_cache(maxsize=16)
def _on_grid(law: Any, grid: Grid) -> LatticeSampler:
    """One for all shapes, for its tables are large."""
    return lattice_sampler(law.on_grid(grid.step), grid)


# Laws whose noise is not the same law added to every number; built for a space and a shape.
SPECIAL: dict[type, Callable[[Any, Space, tuple[int, ...]], Sampler]] = {
    Ablation: ablation_sampler,
    AnisotropicGaussian: anisotropic_sampler,
    Discrete: discrete_sampler,
    Splitting: splitting_sampler,
    Bands: view_sampler,
    Blocks: view_sampler,
    DeterministicSplitting: offset_sampler,
    **dict.fromkeys(DRAWN, vector_sampler),
}

# Additive laws in floating point.
FLOATS: dict[type, Callable[[Any], Sampler]] = {
    **dict.fromkeys(INDEPENDENT, lambda law: FloatSampler(law=law)),
}

__all__ = ["FloatSampler", "LatticeSampler", "Sampler", "sampler_for"]
