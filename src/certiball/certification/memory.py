"""A memory that makes certificates under input-dependent noise agree with each other.

The theorem compares an input with its neighbours under the same noise. Where σ is a function of the
input, the neighbour has noise of its own, and two inputs can be certified for different classes
within balls that overlap (arXiv 2110.05365). With a memory what was certified is kept, and every
later answer is made to agree with it: inside of a known ball its class is the answer, and a new
ball is cut where it would reach one of another class.

What is certified is then the classifier *with its memory*: by its balls, whatever the theorem says
of σ(x), which only proposes how large they are. Its answers depend on who asked before, whoever
comes first takes the room, the memory grows with every input, and all who answer must share it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

from certiball.balls import Norm, distance_up
from certiball.certificate import Abstention, Result
from certiball.errors import InputError
from certiball.shapes import Array
from certiball.smoothed import encode
from certiball.spaces import Grid, Space
from certiball.statistics.rounding import fraction_down

Certifier: TypeAlias = Callable[[Array], Result]


@dataclass(frozen=True, kw_only=True, eq=False)
class Region:
    """All inputs nearer to the centre than the radius have this class, for good.

    Args:
        centre: an encoded input: levels of a grid, or floats.
        label: the class.
        radius: of the open ball, > 0.
    """

    centre: Array
    label: int
    radius: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Memory:
    """What was certified so far. Regions of different classes have no point in common.

    Args:
        norm: of all radii.
        space: where inputs live; its step is the unit of distances between levels.
        regions: oldest first.
    """

    norm: Norm
    space: Space
    regions: tuple[Region, ...] = ()

    def holding(self, x: Array) -> Region | None:
        """The region in which an input of the space lies that has most room; None for none."""
        [x] = encode(self.space, x[None])
        found = [(self.room(region, x), region) for region in self.regions]
        room, best = max(found, key=lambda each: each[0], default=(0.0, None))
        return best if room > 0 else None

    def room(self, region: Region, x: Array) -> float:
        """How far an encoded input in a region is from its border at least, rounded down."""
        away = self.distance(region.centre, x)
        return fraction_down(Fraction(region.radius) - Fraction(away))

    def distance(self, first: Array, second: Array) -> float:
        """Of two encoded inputs, rounded up."""
        step = self.space.step if isinstance(self.space, Grid) else 1
        return distance_up(first, second, self.norm, step)


def certify_with(memory: Memory, x: Array, certifier: Certifier) -> tuple[Memory, Region | None]:
    """The class of an input and the ball around it in which it stays, and the memory afterwards.

    Args:
        memory: of all earlier answers.
        x: an input of the memory's space, without a batch's axis: levels of a grid, or floats.
        certifier: certifies it, encoded, with noise that may depend on it. It is asked only where
            the memory does not know the answer.

    Returns:
        The memory to go on with, and the input's region; None where it abstains.

    Raises:
        InputError: if the input is not of the memory's space, or the certificate is in another
            norm or space than the memory.

    Example:
        >>> import numpy as np
        >>> import certiball as cb
        >>> bright = cb.FunctionClassifier(lambda x: x.mean((1, 2)) > 0.5, num_classes=2)
        >>> def certifier(x):
        ...     law = cb.Gaussian(sigma=0.1 + float(x.std()) / 255)
        ...     g = cb.Smoothed(bright, law, space=cb.Grid.uint8())
        ...     return cb.certify(g, x[None], plan=cb.FixedSamples(n0=100, n=1000))[0]
        >>> empty = Memory(norm=cb.Norm.L2, space=cb.Grid.uint8())
        >>> memory, white = certify_with(empty, np.full((2, 2), 255), certifier)
        >>> memory, near = certify_with(memory, np.full((2, 2), 250), certifier)
        >>> white.label, near.label, near.radius < white.radius, len(memory.regions)
        (1, 1, True, 1)
    """
    [x] = encode(memory.space, x[None])
    known = memory.holding(x)
    if known is not None:
        return memory, replace(known, centre=x, radius=memory.room(known, x))
    result = certifier(x)
    if isinstance(result, Abstention):
        return memory, None
    if result.claim.norm is not memory.norm:
        raise InputError(f"a memory of {memory.norm} balls cannot keep one in {result.claim.norm}")
    if result.claim.space != memory.space:
        raise InputError(
            f"a memory of {memory.space} cannot keep a ball of {result.claim.space}: give the "
            "memory the space of the smoothed classifier"
        )
    radius = min(
        (_reach(memory, x, other) for other in memory.regions if other.label != result.label),
        default=result.radius,
    )
    radius = min(radius, result.radius)
    if not radius > 0:
        return memory, None
    region = Region(centre=x, label=result.label, radius=radius)
    return replace(memory, regions=(*memory.regions, region)), region


def _reach(memory: Memory, x: Array, other: Region) -> float:
    """The largest radius around an input whose ball has nothing of a region, rounded down."""
    away = memory.distance(other.centre, x)
    # A distance is rounded up by less than two floats, so two floats below it is below it.
    below = math.nextafter(math.nextafter(away, 0), 0)
    return fraction_down(Fraction(below) - Fraction(other.radius))
