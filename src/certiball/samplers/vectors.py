"""Floating-point noise whose coordinates depend on each other: a direction, and how far.

What `samplers.floats` says of floating point holds here as well. Lengths come from words of the
second stage, one for each sample, so that fewer samples are a prefix of more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy import special

from certiball.errors import InputError
from certiball.laws.max_exponential import MaxExponential
from certiball.laws.spherical_exponential import SphericalExponential
from certiball.laws.uniform_ball import UniformBall
from certiball.samplers.floats import COARSEST, LARGEST
from certiball.samplers.streams import Stream
from certiball.shapes import Array, Rows, Values
from certiball.spaces import Reals, Space

Law: TypeAlias = UniformBall | SphericalExponential | MaxExponential


@dataclass(frozen=True, kw_only=True)
class VectorSampler:
    """Noise vectors in float32.

    Args:
        law: of the noise.
        dimension: numbers per input.
    """

    law: Law
    dimension: int

    def __post_init__(self) -> None:
        deviation, least = self.law.deviation(self.dimension), float(np.finfo(np.float32).tiny)
        if not least <= deviation <= LARGEST:
            raise InputError(
                f"noise of {self.law} has a standard deviation of {deviation}, which must be from "
                f"{least} to {LARGEST:g} in float32 arithmetic: scale the inputs"
            )

    def noisy(self, clean: Values, stream: Stream, samples: int, out: Rows | None = None) -> Rows:
        """Noisy copies [samples, features] of values [features], in `out` if given.

        Raises:
            InputError: if the noise is so small beside a value that their sum is rounded away.
        """
        largest = float(np.abs(clean).max())
        if self.law.deviation(self.dimension) < COARSEST * largest * np.finfo(np.float32).eps:
            raise InputError(
                f"noise of {self.law} is lost in float32 beside inputs as large as {largest}: "
                "scale the inputs"
            )
        noise = DRAWN[type(self.law)](
            stream, np.empty((samples, clean.size), np.float32) if out is None else out
        )
        noise *= np.float32(self.law.scale)
        noise += clean
        return noise

    def clean(self, clean: Values) -> Rows:
        """Values [features] without noise, [1, features]."""
        return clean.reshape(1, -1)


def vector_sampler(law: Law, space: Space, shape: tuple[int, ...]) -> VectorSampler:
    """The sampler of a law in the reals.

    Raises:
        InputError: on a grid.
    """
    if not isinstance(space, Reals):
        law.slack(space.step, 1)  # refuses
    return VectorSampler(law=law, dimension=int(np.prod(shape)))


def _in_ball(stream: Stream, out: Rows) -> Rows:
    """Uniform in the unit ball: a share r^d of it lies within r."""
    return _lengthened(stream, out, _shares(stream, len(out)) ** (1 / out.shape[1]))


def _exponential(stream: Stream, out: Rows) -> Rows:
    """Density ∝ exp(−‖x‖₂): lengths have the gamma law of shape d."""
    return _lengthened(stream, out, special.gammaincinv(out.shape[1], _shares(stream, len(out))))


def _in_cubes(stream: Stream, out: Rows) -> Rows:
    """Density ∝ exp(−‖x‖∞): uniform in cubes whose half sides have the gamma law of shape d + 1."""
    sides = special.gammaincinv(out.shape[1] + 1, _shares(stream, len(out)))
    stream.generator().random(dtype=np.float32, out=out)
    out *= np.float32(2)
    out -= np.float32(1 - 2.0**-24)  # the middle of each of the 2²⁴ places between −1 and 1
    out *= sides.astype(np.float32)[:, None]
    return out


def _lengthened(stream: Stream, out: Rows, lengths: Array) -> Rows:
    """Uniform directions of given lengths: normal vectors, divided by their own."""
    stream.generator().standard_normal(dtype=np.float32, out=out)
    squares = np.einsum("ij,ij->i", out, out, dtype=np.float64)
    factors = lengths / np.sqrt(np.maximum(squares, np.finfo(np.float32).tiny))
    out *= factors.astype(np.float32)[:, None]
    return out


def _shares(stream: Stream, samples: int) -> Array:
    """Uniform numbers between 0 and 1, neither included."""
    words = stream.words(1, 0, samples) >> np.uint64(12)
    return (words + 0.5) * 2.0**-52


DRAWN: dict[type, Callable[[Stream, Rows], Rows]] = {
    UniformBall: _in_ball,
    SphericalExponential: _exponential,
    MaxExponential: _in_cubes,
}
