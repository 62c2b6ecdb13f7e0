"""Noise of every kind that fits one model, at one width, so that laws can be compared."""

import math
from dataclasses import replace
from typing import TypeAlias

from certiball.errors import InputError
from certiball.laws.deterministic_splitting import DeterministicSplitting
from certiball.laws.exponential_power import ExponentialPower
from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.laws.max_exponential import MaxExponential
from certiball.laws.pareto import Pareto
from certiball.laws.spherical_exponential import SphericalExponential
from certiball.laws.splitting import Splitting
from certiball.laws.uniform import Uniform
from certiball.laws.uniform_ball import UniformBall
from certiball.numbers import as_float
from certiball.spaces import Grid, Space

# Pareto of tail 3 is the heaviest of whole tails that has a deviation; of the exponential powers 1
# is Laplace's, 2 the Gaussian, and those beyond go to the uniform law.
KINDS = (
    Gaussian(sigma=1.0),
    Uniform(scale=1.0),
    Laplace(scale=1.0),
    Pareto(scale=1.0, tail=3.0),
    ExponentialPower(scale=1.0, power=4.0),
    UniformBall(scale=1.0),
    SphericalExponential(scale=1.0),
    MaxExponential(scale=1.0),
)

Additive: TypeAlias = (
    Gaussian
    | Uniform
    | Laplace
    | Pareto
    | ExponentialPower
    | UniformBall
    | SphericalExponential
    | MaxExponential
)


def at_deviation(sigma: float, dimension: int) -> tuple[Additive, ...]:
    """Each kind of additive noise, its scale to six digits such that one number deviates by σ.

    Args:
        sigma: the deviation, in the units of the inputs.
        dimension: numbers per input; laws whose numbers depend on each other scale with it.

    Raises:
        InputError: if sigma is not positive.

    Example:
        >>> uniform = at_deviation(0.5, 784)[1]
        >>> uniform.scale
        0.866025
    """
    wanted = as_float("sigma", sigma)
    if not wanted > 0:
        raise InputError(f"sigma must be > 0, not {sigma}")
    return tuple(
        _scaled(kind, float(f"{wanted / kind.deviation(dimension):.6g}")) for kind in KINDS
    )


def splitting_at(
    sigma: float, space: Space
) -> tuple[()] | tuple[Splitting, DeterministicSplitting]:
    """Splitting noise of about the scale λ = σ√3 of uniform noise, which it is compared with.

    It adds nothing, so it has no deviation; λ is what both radii are in proportion to. There is
    none off grids from 0 to 1.

    Example:
        >>> from certiball.spaces import Grid
        >>> [str(law.scale) for law in splitting_at(0.25, Grid.uint8())]
        ['13/30', '13/30']
    """
    if not isinstance(space, Grid) or space.bounds != (0.0, 1.0):
        return ()
    periods = max(1, round(2 * math.sqrt(3) * sigma / space.step))
    scale = periods * space.step / 2
    return Splitting(scale=scale), DeterministicSplitting(scale=scale, step=space.step)


def _scaled(kind: Additive, scale: float) -> Additive:
    if isinstance(kind, Gaussian):
        return replace(kind, sigma=scale)
    return replace(kind, scale=scale)
