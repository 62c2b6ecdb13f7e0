"""Additive noise of every kind at one deviation, so that laws can be compared."""

from dataclasses import replace
from typing import TypeAlias

from certiball.errors import InputError
from certiball.laws.exponential_power import ExponentialPower
from certiball.laws.gaussian import Gaussian
from certiball.laws.laplace import Laplace
from certiball.laws.max_exponential import MaxExponential
from certiball.laws.pareto import Pareto
from certiball.laws.spherical_exponential import SphericalExponential
from certiball.laws.uniform import Uniform
from certiball.laws.uniform_ball import UniformBall
from certiball.numbers import as_float

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


def _scaled(kind: Additive, scale: float) -> Additive:
    if isinstance(kind, Gaussian):
        return replace(kind, sigma=scale)
    return replace(kind, scale=scale)
