"""Floating-point noise, the same law in every coordinate: the field's habit, without a grid.

The bits of a float sum betray its terms, and a model can be built that exploits it
(arXiv 2207.07209): certificates with this noise assume exact arithmetic, and say so.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from certiball.errors import InputError
from certiball.laws.exponential_power import ExponentialPower
from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.laws.pareto import Pareto
from certiball.laws.uniform import Uniform
from certiball.samplers.streams import Stream
from certiball.shapes import Array, Rows, Values

LARGEST = 1e30  # of sigma or a scale; larger noise overflows float32
COARSEST = 64  # spacings of float32 that one sigma or scale has to span
RAREST = 60  # the exponential of −60 is the chance of noise that is never drawn

Law: TypeAlias = Gaussian | Uniform | Laplace | Pareto | ExponentialPower


@dataclass(frozen=True, kw_only=True)
class FloatSampler:
    """Noise of a law in float32.

    Args:
        law: of the noise of each coordinate.

    Raises:
        InputError: if float32 does not hold such noise.
    """

    law: Law

    def __post_init__(self) -> None:
        least = float(np.finfo(np.float32).tiny)
        if not (least <= _width(self.law) and _reach(self.law) <= LARGEST):
            raise InputError(
                f"noise of {self.law} is as small as {_width(self.law):.3g} or as large as "
                f"{_reach(self.law):.3g}, which must be from {least:.3g} to {LARGEST:g} in float32 "
                "arithmetic: scale the inputs"
            )

    def noisy(self, clean: Values, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """Noisy copies [samples, features] of values [features], in `out` if given.

        Raises:
            InputError: if the noise is so small beside a value that their sum is rounded away.
        """
        largest = float(np.abs(clean).max())
        if _width(self.law) < COARSEST * largest * float(np.finfo(np.float32).eps):
            raise InputError(
                f"noise of {self.law} is lost in float32 beside inputs as large as {largest}: "
                "scale the inputs"
            )
        noise: Rows = np.empty((samples, clean.size), np.float32) if out is None else out
        DRAWN[type(self.law)](self.law, stream, noise)
        noise *= np.float32(_scale(self.law))
        noise += clean
        return noise

    def clean(self, clean: Values) -> Rows:
        """Values [features] without noise, [1, features]."""
        return clean.reshape(1, -1)


def _scale(law: Law) -> float:
    return law.sigma if isinstance(law, Gaussian) else law.scale


def _width(law: Law) -> float:
    """How large noise usually is: with heavy tails half of it is smaller than this."""
    share = math.expm1(math.log(2) / law.tail) if isinstance(law, Pareto) else 1.0
    return share * _scale(law)


def _reach(law: Law) -> float:
    """How large noise can become, but for the factor that light tails leave to `LARGEST`."""
    heaviness = RAREST / law.tail if isinstance(law, Pareto) else 0.0
    return math.exp(min(heaviness, 700.0)) * max(1.0, _scale(law))


def _gaussian(law: Gaussian, stream: Stream, out: Rows) -> None:
    stream.generator().standard_normal(dtype=np.float32, out=out)


def _uniform(law: Uniform, stream: Stream, out: Rows) -> None:
    stream.generator().random(dtype=np.float32, out=out)
    out *= np.float32(2)
    out -= np.float32(1 - 2.0**-24)  # the middle of each of the 2²⁴ places between −1 and 1


def _laplace(law: Laplace, stream: Stream, out: Rows) -> None:
    out[...] = stream.generator().laplace(size=out.shape)


def _pareto(law: Pareto, stream: Stream, out: Rows) -> None:
    sizes = stream.generator().pareto(law.tail, size=out.shape)
    out[...] = np.copysign(sizes, _places(stream, out.shape))


def _exponential_power(law: ExponentialPower, stream: Stream, out: Rows) -> None:
    """Uniform between −y and y, where y^p has the gamma law of shape 1 + 1/p.

    The density of that is ∝ ∫ y^p exp(−y^p)/y dy from |x| on, which is ∝ exp(−|x|^p).
    """
    ends = stream.generator().standard_gamma(1 + 1 / law.power, size=out.shape)
    ends **= 1 / law.power
    out[...] = ends * _places(stream, out.shape)


def _places(stream: Stream, shape: tuple[int, ...]) -> Array:
    """Uniform between −1 and 1, by words of the second stage: one for each number, by its place.

    So fewer samples are a prefix of more, whatever number of words the first stage takes.
    """
    words = stream.words(1, 0, math.prod(shape)) >> np.uint64(12)
    places: Array = ((words + 0.5) * 2.0**-51 - 1).reshape(shape)
    return places


# How noise of scale 1 is drawn, into the rows that are given. Fewer rows are a prefix of more.
DRAWN: dict[type, Callable[[Any, Stream, Rows], None]] = {
    Gaussian: _gaussian,
    Uniform: _uniform,
    Laplace: _laplace,
    Pareto: _pareto,
    ExponentialPower: _exponential_power,
}
